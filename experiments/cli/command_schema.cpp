#include <iostream>

#include "experiments/cli/commands.h"
#include "experiments/cli/options.h"
#include "experiments/config/schema.h"

namespace experiments {

int command_schema(const std::vector<std::string>& arguments) {
  boost::program_options::variables_map values;
  if (!parse_options("straggle schema", boost::program_options::options_description("Options"), arguments, values))
    return 0;
  if (values.count("FILE")) throw UsageError("schema takes no file");
  std::cout << text_of(experiment_schema(), 1) << "\n";
  return 0;
}

}  // namespace experiments
