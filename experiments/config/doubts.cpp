#include "experiments/config/doubts.h"

#include <algorithm>
#include <map>
#include <set>

#include "experiments/config/config_fields.h"
#include "experiments/config/json_writer.h"

namespace experiments {
namespace {

constexpr double kLongLatency = 60;

void add(std::vector<std::string>& doubts, const std::string& doubt) {
  if (std::find(doubts.begin(), doubts.end(), doubt) == doubts.end()) doubts.push_back(doubt);
}

std::string quoted(const std::string& name) { return "\"" + name + "\": "; }

/// The method's settings at a point, as text.
std::string settings_of(const SweepPoint& point, size_t method) {
  RunConfig run = point.experiment.methods[method].run;
  return JsonWriter::write(run).dump();
}

/// Whether the axis changes nothing about the method, whatever the other axes' values.
bool unheeded(const std::vector<SweepPoint>& points, size_t axis, size_t method) {
  std::map<std::string, std::string> known;  // by the other axes' values
  std::set<std::string> values;
  for (const SweepPoint& point : points) {
    std::string others;
    for (size_t a = 0; a < point.settings.size(); ++a)
      if (a != axis) others += point.settings[a].label + '\0';
    values.insert(point.settings[axis].label);
    const std::string settings = settings_of(point, method);
    if (known.try_emplace(others, settings).first->second != settings) return false;
  }
  return values.size() > 1 && known.size() < points.size();
}

}  // namespace

std::vector<std::string> doubts_of(const ExperimentConfig& experiment) {
  std::vector<std::string> doubts;
  for (const auto& [name, run] : experiment.methods) {
    for (const WorkerConfig& worker : run.workers)
      for (const double latency : {worker.upload.latency_seconds, worker.download.latency_seconds})
        if (latency > kLongLatency)
          add(doubts, "a latency of " + number_text(latency) + " s is above a minute; latency_seconds are seconds");
    const auto* equal = std::get_if<EqualSteps>(&run.local_steps);
    if (equal && run.stop.local_steps && equal->steps > *run.stop.local_steps / run.worker_count())
      add(doubts, quoted(name) + "a round of " + std::to_string(equal->steps) + " local steps by each of " +
                      std::to_string(run.worker_count()) + " workers is more than the stop after " +
                      std::to_string(*run.stop.local_steps));
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
    for (size_t a = 0; a < points[0].settings.size(); ++a)
      if (unheeded(points, a, m))
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
