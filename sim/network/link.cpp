#include "sim/network/link.h"

#include <cmath>
#include <stdexcept>

namespace sim {

void check_link(const LinkSpec& link, const std::string& place) {
  if (link.latency < Duration::zero())
    throw std::invalid_argument(place + ": latency " + std::to_string(to_seconds(link.latency)) +
                                " s is negative; at least 0");
  if (!(link.bytes_per_second >= 0.0) || !std::isfinite(link.bytes_per_second))
    throw std::invalid_argument(place + ": bandwidth " + std::to_string(link.bytes_per_second) +
                                " bytes/s is not allowed; positive and finite, or 0 for unlimited");
}

Duration link_duration(const LinkSpec& link, uint64_t bytes, NodeId worker) {
  const double sending = link.bytes_per_second > 0.0 ? static_cast<double>(bytes) / link.bytes_per_second : 0.0;
  if (to_seconds(link.latency) + sending > kMaxSeconds)
    throw std::overflow_error("a transfer of " + std::to_string(bytes) + " bytes on the link of worker " +
                              std::to_string(worker) + " would take longer than 146 simulated years");
  return link.latency + from_seconds(sending);
}

}  // namespace sim
