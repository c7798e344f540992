#pragma once
#include <string>
#include <vector>

#include "experiments/run/run_log.h"

namespace tests {

struct SyntheticOptions {
  std::vector<std::string> methods = {"sync", "async", "async-dn", "async-dn-dylu"};
  std::vector<uint64_t> seeds = {1, 2, 3};
  int workers = 6;
  int rounds = 30;  ///< of the fastest worker
};

/// Logs shaped like those of real runs, without any training: the first method waits for its slowest worker each round,
/// the others never wait; losses fall as a power of the local steps, with a penalty that differs by method and seed.
/// Spans, uses and counters agree with each other as RunLog demands.
std::vector<experiments::RunLog> synthetic_runs(const SyntheticOptions& options = {});

}  // namespace tests
