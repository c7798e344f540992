#pragma once
#include <array>
#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "sim/workers/step_jitter.h"

namespace sim {

/// What a worker does that has taken every step of its record.
enum class ReplayEnd : uint8_t {
  refuse,  ///< the run ends with an error
  repeat   ///< begins the record anew
};
constexpr auto names_of(ReplayEnd) {
  return std::array{std::pair{ReplayEnd::refuse, "refuse"}, std::pair{ReplayEnd::repeat, "repeat"}};
}

/// The n-th step takes what the rank's n-th step took, whenever it begins.
struct ReplaySpeedConfig {
  static constexpr std::string_view kind = "replay";
  std::string trace;
  int64_t rank = 0;
  ReplayEnd after = ReplayEnd::refuse;
};
template <class V>
void fields(V& v, ReplaySpeedConfig& c) {
  v.field("trace", c.trace, V::not_empty().needed(), "path",
          "CSV of `step,rank,seconds`: how long each step of each rank took; relative to this file");
  v.field("rank", c.rank, V::between(0, 1e9), "", "Whose steps");
  v.field("after", c.after, V::any(), "",
          "After the rank's last step: refuse the run, or repeat from its first step on");
}

/// Seconds of each rank's steps, at least one, in the order of their numbers.
using StepRecord = std::map<int64_t, std::vector<double>>;

/// Reads a CSV file `step,rank,seconds`. Throws TraceError, with file:line, for what read_trace_file() refuses, a step
/// that took no time, more than 1e6 s or stands there twice, and the first step of a rank that is missing. Steps may
/// begin at any number.
StepRecord read_step_record(const std::filesystem::path&);

/// Multipliers of a speed of one step in mean_seconds(): the n-th step takes its `seconds`.
class ReplayedSteps final : public StepJitter {
 public:
  /// Precondition: `seconds` has a step, none of 0. `name`: of whom, for the message below.
  ReplayedSteps(std::vector<double> seconds, ReplayEnd after, std::string name);
  /// Of the record, to the bit where all its steps are equal.
  double mean_seconds() const { return mean_; }
  /// Throws std::overflow_error past the end of a record that does not repeat. (A plan that tries numbers of steps,
  /// `timed`, asks for up to twice as many as it takes.)
  double work(int64_t round, int64_t first_step, int64_t steps) const override;

 private:
  std::vector<double> multipliers_;
  ReplayEnd after_;
  std::string name_;
  double mean_;
};

}  // namespace sim
