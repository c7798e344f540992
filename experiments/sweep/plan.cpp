#include "experiments/sweep/plan.h"

#include <set>

#include "experiments/config/experiment_config.h"
#include "experiments/config/parse.h"
#include "experiments/run/cache.h"
#include "experiments/run/comparison.h"
#include "experiments/run/run_key.h"

namespace experiments {

std::string SweepPlan::text(const PlannedRun& run) const {
  const auto& settings = design.points[run.point].settings;
  return (settings.empty() ? "" : point_text(settings) + ", ") + design.methods[run.method] + ", seed " +
         std::to_string(run.seed);
}

Json SweepPlan::point_json(const PlannedRun& run) const {
  Json settings = Json::object(), values = Json::object();
  for (const SweepSetting& setting : design.points[run.point].settings) {
    settings[setting.axis] = setting.label;
    values[setting.axis] = setting.value;
  }
  return {{"sweep", design.name},
          {"settings", settings},
          {"values", values},
          {"method", design.methods[run.method]},
          {"seed", run.seed},
          {"binary", design.binary},
          {"run", written(method(run).run)}};
}

namespace {

template <class KeyOf>
SweepPlan plan_of(Sweep sweep, const std::string& file, KeyOf&& key_of) {
  SweepPlan plan;
  const ExperimentConfig first = sweep.points[0].experiment;  // a copy: the points are moved away below
  plan.design = {.name = first.name,
                 .description = first.description,
                 .baseline = first.baseline.value_or(""),
                 .target = first.target,
                 .binary = {},
                 .seeds = first.seeds,
                 .methods = {},
                 .axes = sweep.axes,
                 .units = sweep.units,
                 .points = {}};
  for (const MethodConfig& method : first.methods) plan.design.methods.push_back(method.name);

  std::set<std::string> known;
  std::vector<Mistake> mistakes;
  for (SweepPoint& point : sweep.points) {
    const size_t p = plan.design.points.size();
    std::vector<std::string> of_point(point.experiment.methods.size() * first.seeds.size());
    try {
      for (size_t s = 0; s < first.seeds.size(); ++s) {
        for (size_t m = 0; m < point.experiment.methods.size(); ++m) {
          const std::string key = key_of(point.experiment.methods[m], first.seeds[s]);
          of_point[m * first.seeds.size() + s] = key;
          if (known.insert(key).second) plan.runs.push_back({key, p, m, first.seeds[s]});
        }
      }
    } catch (const std::runtime_error& error) {
      mistakes.push_back({"", std::string(error.what()) + " (point " + point_text(point.settings) + ")"});
    }
    plan.design.points.push_back({std::move(point.settings), std::move(of_point)});
    plan.experiments.push_back(std::move(point.experiment));
  }
  if (!mistakes.empty()) throw InvalidConfig(file, std::move(mistakes));
  return plan;
}

}  // namespace

SweepPlan plan_sweep(Sweep sweep, const std::string& file) {
  RunKeys keys;
  SweepPlan plan = plan_of(std::move(sweep), file,
                           [&](const MethodConfig& method, uint64_t seed) { return keys.key(method.run, seed); });
  plan.design.binary = binary_key();
  return plan;
}

SweepPlan plan_comparison(ExperimentConfig experiment) {
  Sweep sweep;
  sweep.points.push_back({{}, std::move(experiment)});
  return plan_of(std::move(sweep), "", [](const MethodConfig& method, uint64_t seed) {
    return run_directory({}, method.name, seed).string();
  });
}

std::vector<PlannedRun> part_of(const std::vector<PlannedRun>& runs, size_t part, size_t parts) {
  std::vector<PlannedRun> chosen;
  for (size_t i = part - 1; i < runs.size(); i += parts) chosen.push_back(runs[i]);
  return chosen;
}

}  // namespace experiments
