#pragma once
#include <variant>

#include "sim/workers/hardware_speed.h"
#include "sim/workers/replay_speed.h"
#include "sim/workers/steady.h"
#include "sim/workers/traced_speed.h"

namespace sim {

/// Every speed there is. Each header has its config with `fields`.
using SpeedConfig = std::variant<SteadySpeedConfig, HardwareSpeedConfig, TracedSpeedConfig, ReplaySpeedConfig>;

}  // namespace sim
