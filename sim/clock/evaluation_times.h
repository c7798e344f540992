#pragma once
#include <stdexcept>
#include <string>

#include "sim/clock/clock_parts.h"

namespace sim {

/// When the server's model is evaluated, which costs no simulated time and disturbs no event.
class EvaluationTimes {
 public:
  explicit EvaluationTimes(const EvaluationRule& rule) : rule_(rule) {}

  /// Throws std::overflow_error past a million evaluations.
  void evaluated(const Counters& at) {
    if (++done_ > kMost)
      throw std::overflow_error("/evaluation/every: the run passes " + std::to_string(kMost) +
                                " evaluations; a longer interval is needed");
    last_ = at;
  }

  /// By what is counted.
  bool due(const Counters& at) const { return rule_.due(at, last_); }
  /// By the clock: whether one is due before `end`, and when the first is.
  bool due_before(Time end) const { return rule_.time && end - last_.time > *rule_.time; }
  Time next_time() const { return last_.time + *rule_.time; }
  /// What was counted at the last evaluation.
  const Counters& last() const { return last_; }

 private:
  static constexpr int64_t kMost = 1'000'000;
  const EvaluationRule rule_;
  Counters last_;
  int64_t done_ = 0;
};

}  // namespace sim
