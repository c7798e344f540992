#include <cmath>

#include "experiments/import/presence.h"

namespace experiments {

/// {"metadata": {"gap_seconds": g}, "data": [n, …]}: n nodes in [i g, (i + 1) g). Checked against the README and files
/// of skypilot-org/spot-traces.
Imported import_skypilot(const ImportFiles& files, const ImportOptions& options) {
  Imported made;
  std::vector<Presence> zones;
  for (const auto& file : files) {
    const Json document = read_json_input(file);
    const double gap = number_at(document, "/metadata/gap_seconds", file);
    if (!document.contains("data") || !document["data"].is_array() || document["data"].empty() || gap <= 0)
      throw InvalidConfig(
          file.string(),
          {{"", "is no spot trace; allowed: {\"metadata\": {\"gap_seconds\": above 0}, \"data\": [n, …]}"}});
    std::vector<std::pair<double, int64_t>> counts;
    const size_t ticks = document["data"].size();
    for (size_t i = 0; i < ticks; ++i) {
      const std::string place = "/data/" + std::to_string(i);
      const double count = number_at(document, place, file);
      if (count != std::floor(count) || count > 1e6)
        throw InvalidConfig(file.string(), {{place, "is no number of nodes; allowed: 0, 1, 2, … 1000000"}});
      counts.emplace_back(static_cast<double>(i) * gap, static_cast<int64_t>(count));
    }
    zones.push_back(presence_of_counts(counts, static_cast<double>(ticks) * gap));
    made.notes.push_back(file.filename().string() + ": " + counted(ticks, "tick") + " of " + number_text(gap) +
                         " s, at most " + counted(zones.back().workers.size(), "node") +
                         "; numbers tell how many are there, not which: the highest go first");
  }
  return add_presence(made, files, zones, options);
}

}  // namespace experiments
