#pragma once
#include <string>
#include <vector>

namespace experiments {

/// Exit codes: 0 done, 1 our fault, 2 the input's, 130 interrupted. Of run also: 1 a method failed and the others'
/// results are there, 3 a run diverged or ended before its limit and all results are there. Of verify and
/// validate: 1 the results differ.
inline constexpr int kExitOurFault = 1;
inline constexpr int kExitBadInput = 2;
inline constexpr int kExitFailed = 1;
inline constexpr int kExitDiffers = 1;
inline constexpr int kExitEndedEarly = 3;
inline constexpr int kExitInterrupted = 130;

/// One subcommand: its arguments without the program's and its own name. Returns the exit code; throws for bad input.
int command_run(const std::vector<std::string>& arguments);
int command_init(const std::vector<std::string>& arguments);
int command_presets(const std::vector<std::string>& arguments);
int command_check(const std::vector<std::string>& arguments);
int command_sweep(const std::vector<std::string>& arguments);
int command_collect(const std::vector<std::string>& arguments);
int command_bench(const std::vector<std::string>& arguments);
int command_plot(const std::vector<std::string>& arguments);
int command_report(const std::vector<std::string>& arguments);
int command_reproduction(const std::vector<std::string>& arguments);
int command_validate(const std::vector<std::string>& arguments);
int command_timeline(const std::vector<std::string>& arguments);
int command_tensorboard(const std::vector<std::string>& arguments);
int command_import(const std::vector<std::string>& arguments);
int command_calibrate(const std::vector<std::string>& arguments);
int command_format(const std::vector<std::string>& arguments);
int command_verify(const std::vector<std::string>& arguments);
int command_schema(const std::vector<std::string>& arguments);

}  // namespace experiments
