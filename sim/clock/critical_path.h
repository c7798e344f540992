#pragma once
#include <string>

#include "sim/clock/clock_log.h"
#include "sim/clock/clock_parts.h"

namespace sim {

/// Follows a run back from its end: an update waited for its last message, the message for its upload, its computation
/// and its download, these for the update that sent the model, and so on. The log is that of these parts, with records.
/// Empty where the path is not told: see path_untold(). Pure.
CriticalPath critical_path(const ClockLog&, const ClockParts&);

/// Why the path of such a run is not told; "" where it is.
std::string path_untold(const ClockParts&);

}  // namespace sim
