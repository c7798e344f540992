#pragma once
#include "experiments/config/json_reader.h"
#include "sim/clock/clock_log.h"

namespace experiments {

struct RunConfig;

/// A run with these settings of an experiment file. They need `workers`, `policy`, `local_steps` and `stop`; whatever
/// else decides nothing but learning. Throws InvalidConfig.
RunConfig run_of(const Json& settings);
/// Its clock, as `--dry-run` has it.
sim::ClockLog clock_of_run(const RunConfig&, bool record = false);
sim::ClockLog clock_of(const Json& settings, bool record = false);

/// A grace window of 0: every arrival is applied at once.
Json at_once();
Json barrier();
Json equal_steps(int64_t steps);
/// A worker, its speed steady, with links of so many bytes/s and s of latency each way; 0: unlimited.
Json worker(double seconds_per_step, double bytes_per_second = 0, double latency_seconds = 0, int64_t count = 1);

/// Bytes of a model and of a pseudo-gradient.
Json stand_in(double bytes);

}  // namespace experiments
