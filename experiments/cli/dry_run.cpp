#include "experiments/cli/dry_run.h"

#include <algorithm>
#include <cstdio>

#include "experiments/cli/brief.h"
#include "experiments/report/summary.h"
#include "experiments/run/build.h"
#include "experiments/run/throughput.h"

namespace experiments {

std::string dry_run(const ExperimentConfig& experiment, int threads) {
  size_t width = 6;
  for (const MethodConfig& method : experiment.methods) width = std::max(width, method.name.size());
  char line[512];
  std::snprintf(line, sizeof line, "%-*s  %14s  %9s  %11s  %13s  %11s  %9s  %9s  %9s\n", static_cast<int>(width),
                "method", "simulated s", "updates", "local steps", "tokens", "utilisation", "staleness", "GB up",
                "GB down");
  std::string text = line;
  for (const MethodConfig& method : experiment.methods) {
    RunParts parts = build_clock(method.run, experiment.seeds.at(0));
    const RunLog log = run(parts, {});
    double staleness = 0.0;
    for (const UpdateRecord& update : log.updates) staleness += static_cast<double>(update.staleness_updates);
    if (!log.updates.empty()) staleness /= static_cast<double>(log.updates.size());
    std::snprintf(line, sizeof line, "%-*s  %14.3f  %9lld  %11lld  %13lld  %10.1f%%  %9.2f  %9.3f  %9.3f\n",
                  static_cast<int>(width), method.name.c_str(), sim::to_seconds(log.final.time),
                  static_cast<long long>(log.final.server_updates), static_cast<long long>(log.final.local_steps),
                  static_cast<long long>(log.final.tokens), 100.0 * utilisation(log), staleness,
                  static_cast<double>(log.final.bytes_up) / 1e9, static_cast<double>(log.final.bytes_down) / 1e9);
    text += line;
  }
  const RunConfig& first = experiment.methods.at(0).run;
  text += "\n" + std::to_string(parameter_count(first)) + " parameters, " + std::to_string(first.worker_count()) +
          " workers; timing only, nothing was trained. Staleness: mean server updates between a worker's dispatch and "
          "its arrival.\n";
  const HostEstimate estimate = estimate_host_time(experiment, threads, 0.1);
  std::snprintf(line, sizeof line,
                "Training all of it (%zu method%s, %zu seed%s) would take about %s here with %d thread%s.\n",
                experiment.methods.size(), experiment.methods.size() == 1 ? "" : "s", experiment.seeds.size(),
                experiment.seeds.size() == 1 ? "" : "s", brief_duration(estimate.seconds).c_str(), threads,
                threads == 1 ? "" : "s");
  return text + line;
}

}  // namespace experiments
