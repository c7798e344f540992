#include "experiments/import/capacity.h"

#include <algorithm>

#include "experiments/report/format.h"

namespace experiments {

Imported& add_capacities(Imported& made, const ImportFiles& files, std::vector<Capacity> links,
                         const std::vector<double>& ends, const ImportOptions& options) {
  const std::vector<std::string_view> directions{"both", "upload", "download"};
  if (std::find(directions.begin(), directions.end(), options.link) == directions.end())
    throw InvalidConfig("--link", {{"", unknown_value(Json(options.link), "values", directions)}});
  const std::string after = after_of(made, options, {"hold", "repeat"});
  made.cluster["workers"] = Json::array();
  for (size_t i = 0; i < links.size(); ++i) {
    Capacity& points = links[i];
    double bytes = 0.0, least = points[0].second, most = least;
    for (size_t p = 0; p < points.size(); ++p) {
      const double until = p + 1 < points.size() ? points[p + 1].first : std::max(ends[i], points[p].first);
      bytes += points[p].second * (until - points[p].first);
      least = std::min(least, points[p].second);
      most = std::max(most, points[p].second);
    }
    const double span = std::max(ends[i], points.back().first);
    made.notes.push_back(files[i].filename().string() + ": " + counted(points.size(), "point") + " over " +
                         number_text(span) + " s, " + fixed(least * 8e-6, 3) + " to " + fixed(most * 8e-6, 3) +
                         " Mbit/s" + (span > 0 ? ", mean " + fixed(bytes / span * 8e-6, 3) : ""));
    if (after == "repeat" && ends[i] > points.back().first) points.emplace_back(ends[i], points[0].second);
    const std::string name = "link_" + std::to_string(i) + ".csv";
    std::string& csv = made.files[name] = "time,bytes_per_second\n";
    for (const auto& [time, rate] : points) csv += number_text(time) + "," + number_text(rate) + "\n";
    Json worker = {{"speed", assumed_speed(options)}};
    for (const char* direction : {"upload", "download"})
      if (options.link == "both" || options.link == direction) worker[direction] = {{"trace", name}, {"after", after}};
    made.cluster["workers"].push_back(worker);
  }
  name_workers(made, stems_of(files));
  made.notes.push_back("of " + (options.link == "both" ? "upload and download" : options.link) +
                       "; latency not told: 0; " + assumed_speed_text(options));
  return made;
}

}  // namespace experiments
