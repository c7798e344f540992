#pragma once
#include <stdexcept>
#include <string>

#include "experiments/run/local_sgd_run.h"

namespace experiments {

/// When the server's model is evaluated, which costs no simulated time and disturbs no event.
class Evaluations {
 public:
  explicit Evaluations(const RunParts& parts) : rule_(parts.evaluate), learner_(parts.learner.get()) {}

  /// Throws std::overflow_error past a million evaluations.
  void evaluate(const Counters& at) {
    if (++done_ > kMost)
      throw std::overflow_error("/evaluation/every: the run passes " + std::to_string(kMost) +
                                " evaluations; a longer interval is needed");
    last_ = at;
    if (learner_) learner_->evaluate(at);
  }

  /// Waits for the evaluations begun so far. False if the loss of one was not finite.
  bool finite() const { return !learner_ || learner_->finite(); }

  /// Waits for the newest one. Whether its loss is at or below `loss`.
  bool reached(double loss) const { return learner_ && learner_->reached(loss); }

  /// By what is counted.
  bool due(const Counters& at) const { return rule_.due(at, last_); }
  /// By the clock: whether one is due before `end`, and when the first is.
  bool due_before(sim::Time end) const { return rule_.time && end - last_.time > *rule_.time; }
  sim::Time next_time() const { return last_.time + *rule_.time; }
  /// What was counted at the last evaluation.
  const Counters& last() const { return last_; }

 private:
  static constexpr int64_t kMost = 1'000'000;
  const EvaluationRule rule_;
  Learner* const learner_;
  Counters last_;
  int64_t done_ = 0;
};

}  // namespace experiments
