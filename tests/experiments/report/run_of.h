#pragma once
#include <initializer_list>
#include <utility>

#include "experiments/run/run_log.h"

namespace tests {

/// A run with one evaluation a (seconds, loss) pair, and a step and update a second.
inline experiments::RunLog run_of(const char* method, uint64_t seed,
                                  std::initializer_list<std::pair<int, double>> points) {
  experiments::RunLog run;
  run.method = method;
  run.seed = seed;
  for (const auto& [seconds, loss] : points) {
    run.final.time = sim::Time{std::chrono::seconds{seconds}};
    run.final.local_steps = run.final.server_updates = seconds;
    run.evaluations.push_back({run.final, loss, {}});
  }
  return run;
}

}  // namespace tests
