#include "experiments/report/sweep_runs.h"

#include <algorithm>
#include <map>

#include "experiments/report/read_run.h"

namespace experiments {
namespace {

namespace fs = std::filesystem;

/// The value, or else its name, as a number: "slowest / fastest" = 8 may stand for a whole list of workers.
std::optional<double> number_of(const std::string& label, const Json& value) {
  if (value.is_number()) return value.get<double>();
  const Json named = Json::parse(label, nullptr, false);
  return named.is_number() ? std::optional(named.get<double>()) : std::nullopt;
}

/// Which of the axis's values this is; a new one is added.
size_t index_of(SweepRuns::Axis& axis, const std::string& label, const Json& value) {
  const auto same = std::find_if(axis.values.begin(), axis.values.end(), [&](const AxisValue& v) { return v.label == label; });
  if (same != axis.values.end()) return static_cast<size_t>(same - axis.values.begin());
  axis.values.push_back({label, number_of(label, value)});
  return axis.values.size() - 1;
}

/// The point's finished runs of the seeds that all methods with any have finished.
std::vector<RunLog> runs_at(const fs::path& directory, const Json& keys, const std::vector<std::string>& methods,
                            const std::vector<uint64_t>& seeds, size_t& missing) {
  std::vector<std::map<uint64_t, RunLog>> finished(methods.size());
  for (size_t m = 0; m < methods.size(); ++m) {
    for (const uint64_t seed : seeds) {
      const fs::path place = directory / "runs" / keys.at(methods[m]).at(std::to_string(seed)).get<std::string>();
      if (!fs::exists(place / "summary.json")) {
        ++missing;
        continue;
      }
      RunLog& log = finished[m][seed] = read_run(place);
      log.method = methods[m];  // the run may have been made for another method's name
      log.seed = seed;
    }
  }
  std::vector<RunLog> runs;
  for (auto& of_method : finished)
    for (auto& [seed, log] : of_method)
      if (std::all_of(finished.begin(), finished.end(), [s = seed](const auto& other) { return other.empty() || other.contains(s); })) runs.push_back(log);
  return runs;
}

}  // namespace

bool is_sweep(const fs::path& directory) {
  std::error_code error;
  return fs::exists(directory / "sweep.json", error);
}

SweepRuns read_sweep(const fs::path& directory, const std::string& name) {
  const fs::path file = directory / "sweep.json";
  const Json document = read_json(file);
  SweepRuns sweep;
  try {
    const Json* chosen = nullptr;
    std::string names;
    for (const Json& one : document.at("sweeps")) {
      names += (names.empty() ? "" : ", ") + one.at("name").get<std::string>();
      if (name.empty() || one.at("name") == name) chosen = &one;
    }
    if (!chosen || (name.empty() && document.at("sweeps").size() > 1))
      throw InvalidResults(file.string() + ": holds the sweeps " + names + (name.empty() ? "; choose one with --sweep NAME" : ", not \"" + name + "\""));
    sweep.name = chosen->at("name");
    sweep.baseline = chosen->at("baseline").is_null() ? "" : chosen->at("baseline").get<std::string>();
    sweep.methods = chosen->at("methods").get<std::vector<std::string>>();
    const auto seeds = chosen->at("seeds").get<std::vector<uint64_t>>();
    for (const Json& axis : chosen->at("axes")) sweep.axes.push_back({axis.get<std::string>(), {}});
    for (const Json& at : chosen->at("points")) {
      SweepRuns::Point point;
      for (SweepRuns::Axis& axis : sweep.axes)
        point.values.push_back(index_of(axis, at.at("settings").at(axis.name).get<std::string>(), at.at("values").at(axis.name)));
      point.runs = runs_at(directory, at.at("runs"), sweep.methods, seeds, sweep.missing);
      sweep.points.push_back(std::move(point));
    }
  } catch (const Json::exception& error) {
    throw InvalidResults(file.string() + ": is not as straggle sweep leaves it: " + error.what());
  }
  return sweep;
}

}  // namespace experiments
