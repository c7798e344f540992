#pragma once
#include <cstdint>

#include "sim/units.h"

namespace sim {

/// Where a worker's round is.
enum class Stage : uint8_t {
  none,      ///< no round: waiting for the server's policy, or for the worker to come back
  download,  ///< in flight from here …
  compute,
  upload,
  service,  ///< … to here: in the server's hands
};

/// A worker and its round between dispatch and arrival: one cache line.
struct alignas(64) Round {
  Stage stage = Stage::none;
  bool up = true;
  bool wanted = false;      ///< to be sent the model as soon as it is up
  bool gone = false;        ///< will never be up again
  uint16_t generation = 0;  ///< of events that end computation: those of a crashed round are void
  int shard = 0;
  int64_t number = -1;  ///< of this worker, from 0
  int64_t steps = 0;
  Time dispatched{};
  Time compute_begin{};  ///< of a worker that trains on: when the message left
  int64_t updates_at_dispatch = 0;
  Time served{};  ///< when it left for the server; then when the server was done with it
};
static_assert(sizeof(Round) == 64);

}  // namespace sim
