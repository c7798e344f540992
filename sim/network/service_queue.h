#pragma once
#include <algorithm>
#include <cmath>
#include <stdexcept>

#include "sim/random.h"
#include "sim/units.h"

namespace sim {

enum class ServiceTimes {
  constant,
  exponential  ///< with the mean given: M/M/1 where arrivals are Poisson
};

/// What the server's own work takes.
struct ServerConfig {
  double seconds_per_update = 0.0;
  bool exponential = false;
};
template <class V>
void fields(V& v, ServerConfig& c) {
  v.field("seconds_per_update", c.seconds_per_update, V::between(0, 1e6), "s",
          "Time the server takes to apply an update; updates wait their turn");
  v.field("exponential", c.exponential, V::any(), "",
          "That time is drawn from an exponential distribution, as its mean");
}

/// A server that takes updates one at a time, first come first served:
///     end = max(arrival, end of the one before) + service.
class ServiceQueue {
 public:
  /// Throws std::invalid_argument on a negative mean.
  explicit ServiceQueue(Duration mean, ServiceTimes times = ServiceTimes::constant, uint64_t seed = 0)
      : mean_(mean), times_(times), draws_(seed, "service") {
    if (mean < Duration::zero()) throw std::invalid_argument("the server's time for an update is negative; at least 0");
  }
  /// The end of the service of the next arrival. The n-th arrival's service depends on (seed, n) alone. Precondition:
  /// not before any earlier arrival.
  Time serve(Time arrival) { return free_ = advance(std::max(arrival, free_), service(arrivals_++)); }
  /// When everything taken so far will be done.
  Time free() const { return free_; }

 private:
  Duration service(uint64_t arrival) const {
    if (times_ == ServiceTimes::constant) return mean_;
    return from_seconds(-to_seconds(mean_) * std::log1p(-draws_.uniform(arrival)));
  }
  Duration mean_;
  ServiceTimes times_;
  RandomStream draws_;
  uint64_t arrivals_ = 0;
  Time free_ = kTimeZero;
};

}  // namespace sim
