#pragma once
#include <optional>
#include <string>
#include <vector>

#include "experiments/config/experiment_config.h"

/// A run with one thing otherwise, for its clock to be run again. Pure functions of the configuration (and of the
/// traces that it names): none has anything to do with the clock. Empty where nothing would be otherwise. Source of the
/// question: Lin et al. 2025, "Understanding stragglers in large model training using what-if analysis", OSDI '25
/// (arXiv:2505.05713).
namespace experiments {

/// Every worker's pace is scaled so that their speeds are equal in the long run: the median. Jitter and slow spells
/// stay.
std::optional<RunConfig> with_equal_speeds(const RunConfig&);
/// The same of one worker, with the median of the others.
std::optional<RunConfig> with_median_speed(const RunConfig&, sim::NodeId worker);
/// One worker's own link has the median latencies and bandwidths of the others'. Empty where one is from a trace
/// or depends on a message's size.
std::optional<RunConfig> with_median_link(const RunConfig&, sim::NodeId worker);
/// All links, workers' own and shared ones, carry `factor` times as much; capacities from traces stay.
std::optional<RunConfig> with_bandwidth(const RunConfig&, double factor);
/// Empty too where links are shared by round-trip times, which latencies are.
std::optional<RunConfig> without_latency(const RunConfig&);
/// Everybody is always there, no round is lost, and nobody has failures or slow spells.
std::optional<RunConfig> without_failures(const RunConfig&);
/// One worker less; a quorum larger than what is left becomes all of them. Empty for the only worker, and where a trace
/// of availability numbers the workers.
std::optional<RunConfig> without_worker(const RunConfig&, sim::NodeId worker);

/// Whose speed is the lowest in the long run, and whose own link takes longest to bring a model and take its
/// pseudo-gradient; the first of them.
sim::NodeId slowest_worker(const RunConfig&);
sim::NodeId slowest_link(const RunConfig&);

struct WhatIf {
  std::string change;  ///< "equal speeds"
  RunConfig run;
};
/// All of the above that change something, of the slowest worker and the slowest link.
std::vector<WhatIf> what_ifs(const RunConfig&);

/// More workers are not taken one by one.
inline constexpr int64_t kMostWhatIfWorkers = 100'000;

}  // namespace experiments
