#pragma once
#include <filesystem>
#include <string>
#include <vector>

namespace experiments {

/// How long the steps of one worker took, in stretches without a pause.
struct StepLog {
  std::string name;                          ///< the file, and the rank where it holds several
  std::vector<std::vector<double>> seconds;  ///< by stretch; each at least one step, all above 0
  std::vector<std::string> notes;            ///< the form of its lines, and what was left out and why

  std::vector<double> all() const;
};

/// What a line of a log is.
enum class LogForm {
  automatic,  ///< by its content, as below
  durations,  ///< seconds of a step
  times,      ///< seconds since whenever, or dates, at a step's end
  steps       ///< step,rank,seconds under that header
};

/// A file's logs, one or a rank's each. Automatic: `steps` by the header; `times` for dates, for numbers from 1e8 on
/// (unix times since 1973) and for three or more that always rise; else `durations`, unless more than 95 % rise. A step
/// more than thirty times as long as the median is a pause and left out, and so is what a clock that jumps back makes
/// negative; both begin a new stretch. Throws sim::TraceError, with file:line, for what is no such line, is negative, or
/// is 0 (a clock coarser than a step), and for a log of fewer than kFewestSteps.
std::vector<StepLog> read_step_logs(const std::filesystem::path&, LogForm);
inline constexpr size_t kFewestSteps = 10;
inline constexpr double kPauseOfMedian = 30.0;

/// The value below which the share q of the values lies, by straight lines between them. Precondition: there is one.
double quantile(std::vector<double> values, double q);

}  // namespace experiments
