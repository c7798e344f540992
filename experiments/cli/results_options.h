#pragma once
#include <boost/program_options.hpp>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "experiments/report/read_results.h"

namespace experiments {

/// Like parse_options(), for commands whose positional arguments are results directories, any number of them.
/// Throws UsageError, also when there is none.
bool parse_results_options(const std::string& usage, boost::program_options::options_description options,
                           const std::vector<std::string>& arguments, boost::program_options::variables_map& values);

/// The RESULTS arguments.
std::vector<std::filesystem::path> results_arguments(const boost::program_options::variables_map& values);

/// The runs that --method and --seed leave of `results`: all methods, and of the seeds the first, where they are not
/// given. Throws UsageError for what the results do not have.
std::vector<RunLog*> chosen_runs(Results& results, const boost::program_options::variables_map& values);

/// "a, b, c".
std::string listed(const std::vector<std::string>& names);

}  // namespace experiments
