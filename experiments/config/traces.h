#pragma once
#include <string>
#include <variant>

#include "experiments/config/experiment_config.h"

namespace experiments {

/// Calls f(JSON pointer, path) for every trace file that a run reads. Run: RunConfig, const or not.
template <class Run, class F>
void for_each_trace(Run& run, F&& f) {
  for (size_t i = 0; i < run.workers.size(); ++i)
    if (auto& speed = run.workers[i].speed)
      if (auto* traced = std::get_if<TracedSpeedConfig>(&*speed))
        f("/workers/" + std::to_string(i) + "/speed/file", traced->file);
  if (run.availability_trace) f(std::string("/availability_trace"), *run.availability_trace);
}

}  // namespace experiments
