#include "experiments/sweep/design.h"

#include <algorithm>

#include "experiments/config/parse.h"
#include "experiments/report/files.h"
#include "experiments/report/read_run.h"
#include "experiments/sweep/store.h"

namespace experiments {
namespace {

SweepDesign design_of(const Json& json, const std::filesystem::path& file) {
  SweepDesign design;
  design.name = json.at("name");
  design.description = json.at("description");
  design.baseline = json.at("baseline").is_null() ? "" : json.at("baseline");
  if (json.contains("target")) {
    std::vector<Mistake> mistakes;
    JsonReader::read(json["target"], design.target, above(0), "/target", mistakes);
    if (!mistakes.empty()) throw InvalidResults(file.string() + ": " + mistakes[0].pointer + " " + mistakes[0].message);
  }
  design.binary = json.at("binary");
  design.seeds = json.at("seeds").get<std::vector<uint64_t>>();
  design.methods = json.at("methods").get<std::vector<std::string>>();
  design.axes = json.at("axes").get<std::vector<std::string>>();
  design.units = json.value("units", std::vector<std::string>{});  // older sweeps have none
  design.units.resize(design.axes.size());
  for (const Json& p : json.at("points")) {
    SweepDesign::Point point;
    for (const std::string& axis : design.axes)
      point.settings.push_back({axis, p.at("settings").at(axis), p.at("values").at(axis)});
    for (const std::string& method : design.methods)
      for (const uint64_t seed : design.seeds) point.keys.push_back(p.at("runs").at(method).at(std::to_string(seed)));
    design.points.push_back(std::move(point));
  }
  return design;
}

}  // namespace

Json to_json(const SweepDesign& design) {
  std::optional<Target> target = design.target;
  Json points = Json::array();
  for (size_t p = 0; p < design.points.size(); ++p) {
    Json labels = Json::object(), values = Json::object(), runs = Json::object();
    for (const SweepSetting& setting : design.points[p].settings) {
      labels[setting.axis] = setting.label;
      values[setting.axis] = setting.value;
    }
    for (size_t m = 0; m < design.methods.size(); ++m)
      for (size_t s = 0; s < design.seeds.size(); ++s)
        runs[design.methods[m]][std::to_string(design.seeds[s])] = design.key(p, m, s);
    points.push_back({{"settings", labels}, {"values", values}, {"runs", runs}});
  }
  return {{"name", design.name},
          {"description", design.description},
          {"baseline", design.baseline.empty() ? Json(nullptr) : Json(design.baseline)},
          {"target", written(target)},
          {"binary", design.binary},
          {"seeds", design.seeds},
          {"methods", design.methods},
          {"axes", design.axes},
          {"units", design.units},
          {"points", points}};
}

std::vector<SweepDesign> read_designs(const std::filesystem::path& out) {
  const std::filesystem::path file = out / "sweep.json";
  std::vector<SweepDesign> designs;
  if (!std::filesystem::exists(file)) return designs;
  try {
    const Json document = read_json(file);
    for (const Json& json : document.at("sweeps")) designs.push_back(design_of(json, file));
  } catch (const Json::exception& error) {
    throw InvalidResults(file.string() + ": is not as a sweep leaves it: " + library_words(error) +
                         R"(; where there is no copy of it, write {"sweeps": []} there and run its sweeps again: )"
                         "finished runs are kept");
  }
  return designs;
}

void add_design(const std::filesystem::path& out, const SweepDesign& design) {
  const FileLock lock = lock_store(out);
  std::vector<SweepDesign> designs = read_designs(out);
  const auto same =
      std::find_if(designs.begin(), designs.end(), [&](const SweepDesign& d) { return d.name == design.name; });
  if (same == designs.end())
    designs.push_back(design);
  else
    *same = design;
  // Order of names, not of arrival: two sweeps into one directory leave the same file whichever began first.
  std::sort(designs.begin(), designs.end(), [](const SweepDesign& a, const SweepDesign& b) { return a.name < b.name; });
  Json all = Json::array();
  for (const SweepDesign& d : designs) all.push_back(to_json(d));
  replace_file(out / "sweep.json", Json{{"sweeps", all}}.dump(1) + "\n");
}

}  // namespace experiments
