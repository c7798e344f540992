#pragma once
#include <string>
#include <variant>

#include "experiments/config/experiment_config.h"

namespace experiments {

/// Calls f(JSON pointer, capacity) for every shared link of a run.
template <class Run, class F>
void for_each_capacity(Run& run, F&& f) {
  auto* const shared = std::get_if<SharedNetworkConfig>(&run.network);
  if (!shared) return;
  f(std::string("/network/ingress"), shared->ingress);
  f(std::string("/network/egress"), shared->egress);
  for (size_t i = 0; i < shared->regions.size(); ++i) {
    const std::string region = "/network/regions/" + std::to_string(i);
    f(region + "/up", shared->regions[i].up);
    f(region + "/down", shared->regions[i].down);
  }
}

/// Calls f(JSON pointer, path) for every trace file that a run reads. Run: RunConfig, const or not.
template <class Run, class F>
void for_each_trace(Run& run, F&& f) {
  for (size_t i = 0; i < run.workers.size(); ++i)
    if (auto& speed = run.workers[i].speed)
      if (auto* traced = std::get_if<TracedSpeedConfig>(&*speed))
        f("/workers/" + std::to_string(i) + "/speed/file", traced->file);
  if (run.availability_trace) f(std::string("/availability_trace"), *run.availability_trace);
  for_each_capacity(run, [&](const std::string& pointer, auto& capacity) {
    if (capacity.trace) f(pointer + "/trace", *capacity.trace);
  });
}

}  // namespace experiments
