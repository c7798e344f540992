#pragma once
#include <optional>
#include <string>
#include <vector>

#include "sim/clock/clock_log.h"

namespace experiments {

struct RunConfig;

/// The workers of one entry of the file's `workers`: alike but for what a profile makes of their speed.
struct WorkerKind {
  std::string label;  ///< its name, or "workers 0–3", "worker 4"
  size_t entry = 0;
  sim::NodeId first = 0;
  int64_t count = 0;
};
std::vector<WorkerKind> kinds_of(const RunConfig&);

/// What is known of a kind before anything runs.
struct KindFacts {
  double fastest = 0, slowest = 0;      ///< seconds of a step in the long run
  double down_alone = 0, up_alone = 0;  ///< seconds of a message (mean over fragments) that has the network to itself
};
/// By kind. A ring's message up is its all-reduce. Links with traces are asked for the run's beginning. Throws
/// std::overflow_error where a message takes longer than sim::kMaxSeconds.
std::vector<KindFacts> facts_of(const RunConfig&);

/// What the clock measured of some workers; NaN where nothing was to be measured.
struct KindUse {
  double local_steps = 0, round_seconds = 0;  ///< of a round, mean; from dispatch until the server has it
  double down = 0, up = 0;                    ///< seconds of a message, mean
  double waited = 0;                          ///< share of their time that they neither computed nor were down, nor a
                                              ///< message of theirs travelled
  double staleness = 0;                       ///< updates, mean of the arrivals applied
  std::optional<int64_t> staleness_95;        ///< 95 % of them are at or below it
};
/// Of workers first … first + count − 1. Needs the clock's records.
KindUse use_of(const RunConfig&, const sim::ClockLog&, sim::NodeId first, int64_t count);

/// Every worker's seconds of a step in the long run.
std::vector<double> step_seconds(const RunConfig&);

}  // namespace experiments
