#pragma once
#include <cstdint>
#include <functional>
#include <optional>

#include "sim/clock/score.h"

namespace sim {

/// What a run of the clock leaves to others.
struct ClockOptions {
  std::function<void(Action&&)> write = {};  ///< takes the score, action by action; empty: nobody does
  /// The run ends with this action, because training it went no further (a loss that was not finite, or low enough).
  std::optional<int64_t> most_actions = {};
  std::function<void()> tick = {};  ///< called after every server update; its exception ends the run and passes through
};

}  // namespace sim
