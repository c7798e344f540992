#include "experiments/config/doubts.h"

#include <algorithm>
#include <map>
#include <set>

#include "experiments/config/parse.h"
#include "experiments/config/sweep.h"

namespace experiments {
namespace {

constexpr double kLongLatency = 60;

void add(std::vector<std::string>& doubts, const std::string& doubt) {
  if (std::find(doubts.begin(), doubts.end(), doubt) == doubts.end()) doubts.push_back(doubt);
}

std::string quoted(const std::string& name) { return "\"" + name + "\": "; }

/// The method's settings at each point, as text.
std::vector<std::string> settings_of(const std::vector<SweepPoint>& points, size_t method) {
  std::vector<std::string> settings;
  for (const SweepPoint& point : points) settings.push_back(written(point.experiment.methods[method].run).dump());
  return settings;
}

/// Whether the axis changes nothing of these settings, whatever the other axes' values.
bool unheeded(const std::vector<SweepPoint>& points, size_t axis, const std::vector<std::string>& settings) {
  std::map<std::string, std::string> known;  // by the other axes' values
  std::set<std::string> values;
  for (size_t p = 0; p < points.size(); ++p) {
    std::string others;
    for (size_t a = 0; a < points[p].settings.size(); ++a)
      if (a != axis) others += points[p].settings[a].label + '\0';
    values.insert(points[p].settings[axis].label);
    if (known.try_emplace(others, settings[p]).first->second != settings[p]) return false;
  }
  return values.size() > 1 && known.size() < points.size();
}

}  // namespace

std::vector<std::string> doubts_of(const ExperimentConfig& experiment) {
  std::vector<std::string> doubts;
  for (const MethodConfig& method : experiment.methods) {
    const RunConfig& run = method.run;
    for (const WorkerConfig& worker : run.workers)
      for (const double latency : {worker.upload.latency_seconds, worker.download.latency_seconds})
        if (latency > kLongLatency)
          add(doubts, "a latency of " + number_text(latency) + " s is above a minute; latency_seconds are seconds");
    const auto* equal = std::get_if<sim::EqualStepsConfig>(&run.local_steps);
    if (equal && run.stop.local_steps && equal->steps > *run.stop.local_steps / run.worker_count())
      add(doubts, quoted(method.name) + "a round of " + std::to_string(equal->steps) + " local steps by each of " +
                      std::to_string(run.worker_count()) + " workers is more than the stop after " +
                      std::to_string(*run.stop.local_steps));
    const bool unlike = std::any_of(run.workers.begin(), run.workers.end(), [&](const WorkerConfig& worker) {
      return run.batch_of(worker) != run.local.batch_size;
    });
    if (unlike && run.stop.local_steps && !run.stop.tokens)
      add(doubts, quoted(method.name) +
                      "batches differ, so that equal local steps are not equal tokens; /stop/tokens "
                      "limits those");
  }
  return doubts;
}

std::vector<std::string> doubts_of(const std::vector<SweepPoint>& points) {
  std::vector<std::string> doubts;
  for (const SweepPoint& point : points)
    for (const std::string& doubt : doubts_of(point.experiment)) add(doubts, doubt);
  if (points.empty()) return doubts;
  const std::vector<MethodConfig>& methods = points[0].experiment.methods;
  for (size_t m = 0; m < methods.size(); ++m) {
    const std::vector<std::string> settings = settings_of(points, m);
    for (size_t a = 0; a < points[0].settings.size(); ++a)
      if (unheeded(points, a, settings))
        add(doubts, quoted(methods[m].name) + "the axis " + points[0].settings[a].axis + " changes nothing about it");
    const auto& weight = methods[m].run.update_weight;
    const bool fixed =
        weight.number && *weight.number != 1 && std::all_of(points.begin(), points.end(), [&](const SweepPoint& point) {
          return point.experiment.methods[m].run.update_weight == weight;
        });
    const bool varies = std::any_of(points.begin(), points.end(), [&](const SweepPoint& point) {
      return point.experiment.methods[m].run.worker_count() != methods[m].run.worker_count();
    });
    if (fixed && varies)
      add(doubts, quoted(methods[m].name) + "update_weight is " + number_text(*weight.number) +
                      " at every number of workers; \"1/sqrt(workers)\" goes with it");
  }
  return doubts;
}

}  // namespace experiments
