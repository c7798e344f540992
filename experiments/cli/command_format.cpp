#include <iostream>

#include "experiments/cli/commands.h"
#include "experiments/cli/options.h"
#include "experiments/config/format_text.h"
#include "experiments/report/records_text.h"

namespace experiments {

int command_format(const std::vector<std::string>& arguments) {
  boost::program_options::options_description options("Options");
  options.add_options()("results", "the keys of the files in a results directory instead");
  boost::program_options::variables_map values;
  if (!parse_options("straggle format [options]", options, arguments, values)) return 0;
  if (values.count("FILE")) throw UsageError("format takes no file");
  std::cout << (values.count("results") ? records_text() : format_text());
  return 0;
}

}  // namespace experiments
