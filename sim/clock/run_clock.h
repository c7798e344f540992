#pragma once
#include <functional>
#include <utility>

#include "sim/clock/clock_log.h"
#include "sim/clock/clock_options.h"
#include "sim/clock/clock_parts.h"
#include "sim/clock/score.h"

namespace sim {

/// Runs fresh parts to the end. A pure function of the parts and of `most_actions`: the same events at the same times
/// whether or not anybody trains them. Throws std::overflow_error where a limit of time or of counters is passed.
ClockLog run_clock(ClockParts& parts, const ClockOptions& = {});

/// Keeps a score in memory, some 100 bytes per action.
inline std::function<void(Action&&)> append_to(Score& score) {
  return [&score](Action&& action) { score.push_back(std::move(action)); };
}

}  // namespace sim
