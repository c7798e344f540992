#include <iostream>

#include "experiments/cli/commands.h"
#include "experiments/cli/options.h"
#include "experiments/cli/terminal.h"
#include "experiments/config/presets.h"
#include "experiments/report/format.h"
#include "experiments/report/text_table.h"

namespace experiments {
namespace {

/// NAME, then what it is, under each other.
std::string list_of(const Json& named, size_t columns) {
  size_t width = 0;
  for (const auto& [name, preset] : named.items()) width = std::max(width, name.size());
  std::string text;
  for (const auto& [name, preset] : named.items()) {
    const std::string lines = wrapped(preset["description"].get<std::string>(), columns ? columns - width - 4 : 0);
    for (size_t begin = 0; begin < lines.size(); begin = lines.find('\n', begin) + 1)
      text += "  " + left_in(begin == 0 ? name : "", width) + "  " +
              lines.substr(begin, lines.find('\n', begin) + 1 - begin);
  }
  return text;
}

}  // namespace

int command_presets(const std::vector<std::string>& arguments) {
  boost::program_options::variables_map values;
  if (!parse_options("straggle presets [NAME]", boost::program_options::options_description("Options"), arguments,
                     values))
    return 0;
  const Json &clusters = presets()["clusters"], &parts = presets()["parts"];
  if (!values.count("FILE")) {
    const size_t columns = terminal_size().columns;
    std::cout << "Clusters, for \"cluster\": NAME\n\n"
              << list_of(clusters, columns) << "\nParts, for {\"use\": NAME} in their place\n\n"
              << list_of(parts, columns) << "\nstraggle presets NAME prints one, with its source.\n";
    return 0;
  }
  const auto name = values["FILE"].as<std::string>();
  if (!clusters.contains(name) && !parts.contains(name)) {
    std::vector<std::string_view> names;
    for (const Json* const all : {&clusters, &parts})
      for (const auto& [known, preset] : all->items()) names.push_back(known);
    throw UsageError(unknown_value(Json(name), "presets", names));
  }
  std::cout << text_of(clusters.contains(name) ? clusters[name] : parts[name], 2) << "\n";
  return 0;
}

}  // namespace experiments
