#include "experiments/sweep/sweep_runs.h"

#include <algorithm>

#include "experiments/report/read_run.h"
#include "experiments/report/summary.h"
#include "experiments/sweep/design.h"
#include "experiments/sweep/point_runs.h"

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
  const auto same =
      std::find_if(axis.values.begin(), axis.values.end(), [&](const AxisValue& v) { return v.label == label; });
  if (same != axis.values.end()) return static_cast<size_t>(same - axis.values.begin());
  axis.values.push_back({label, number_of(label, value)});
  return axis.values.size() - 1;
}

/// The point's finished runs that are comparable().
std::vector<RunLog> runs_at(const fs::path& directory, const SweepDesign& design, size_t point, SweepRuns& sweep) {
  const RunStore store(directory);
  std::vector<RunLog> finished =
      finished_runs(design, point, store, [&](size_t, uint64_t, RunState state, const std::string& key) {
        ++sweep.missing;
        if (state == RunState::damaged) sweep.damaged.push_back(store.first_damage(key));
      });
  return comparable(std::move(finished), design.baseline, sweep.target);
}

}  // namespace

bool is_sweep(const fs::path& directory) {
  std::error_code error;
  return fs::exists(directory / "sweep.json", error);
}

SweepRuns read_sweep(const fs::path& directory, const std::string& name, const std::optional<Target>& target) {
  const std::vector<SweepDesign> designs = read_designs(directory);
  std::string names;
  for (const SweepDesign& design : designs) names += (names.empty() ? "" : ", ") + design.name;
  const auto chosen = std::find_if(designs.begin(), designs.end(),
                                   [&](const SweepDesign& d) { return name.empty() || d.name == name; });
  if (chosen == designs.end() || (name.empty() && designs.size() > 1))
    throw InvalidResults((directory / "sweep.json").string() + ": holds the sweeps " + names +
                         (name.empty() ? "; choose one with --sweep NAME" : ", not \"" + name + "\""));
  SweepRuns sweep{.name = chosen->name,
                  .baseline = chosen->baseline,
                  .target = target ? *target : target_or_usual(chosen->target, chosen->baseline),
                  .methods = chosen->methods,
                  .axes = {},
                  .points = {},
                  .missing = 0,
                  .damaged = {}};
  for (size_t a = 0; a < chosen->axes.size(); ++a) sweep.axes.push_back({chosen->axes[a], chosen->units[a], {}});
  for (size_t p = 0; p < chosen->points.size(); ++p) {
    SweepRuns::Point point;
    for (size_t a = 0; a < sweep.axes.size(); ++a)
      point.values.push_back(
          index_of(sweep.axes[a], chosen->points[p].settings[a].label, chosen->points[p].settings[a].value));
    point.runs = runs_at(directory, *chosen, p, sweep);
    sweep.points.push_back(std::move(point));
  }
  return sweep;
}

}  // namespace experiments
