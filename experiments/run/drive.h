#pragma once
#include <cstddef>
#include <functional>

namespace experiments {

/// Calls job(0) … job(count − 1), each once, started in this order, on `drivers` threads. After the first exception no
/// more are started, `on_failure` is called so that those under way can be told to end, and when they have ended it is
/// rethrown. A driver mostly waits for its run's tasks on the pool.
void drive(size_t count, size_t drivers, const std::function<void(size_t)>& job,
           const std::function<void()>& on_failure = {});

/// Drivers that keep a pool of `threads` busy: one more than its threads, for while a run waits for its last worker or
/// its evaluations; more would only hold more models in memory.
inline size_t drivers_for(int threads) { return static_cast<size_t>(threads) + 1; }

}  // namespace experiments
