#pragma once
#include "experiments/run/build_model.h"
#include "experiments/run/player.h"
#include "experiments/run/shared_inputs.h"
#include "sim/clock/run_clock.h"

namespace experiments {

struct RunConfig;

/// The parts of a run's clock. Reads traces but no data.
sim::ClockParts build_clock(const RunConfig&, uint64_t seed);

/// The schedule of a run without its records: statistics and totals alone, at a few bytes a worker. `tick` as in
/// sim::ClockOptions.
sim::ClockLog clock_totals(const RunConfig&, uint64_t seed, const std::function<void()>& tick = {});

/// A run as its clock and what it learns with.
struct Run {
  std::function<sim::ClockParts()> clock;  ///< makes fresh parts
  std::unique_ptr<Player> player;
};
/// Trains the starting point if nobody has yet.
Run build_run(const RunConfig&, uint64_t seed, SharedInputs&, const PretrainProgress&);

/// Plays a run to its end; where training ends before the clock, the clock runs again up to there. From the checkpoint,
/// if there is one.
RunLog play(const Run&, const PlayOptions&, std::optional<CheckpointReader> from = {});

}  // namespace experiments
