#include "sim/network/link.h"

#include <cmath>
#include <stdexcept>

namespace sim {
namespace {

void check(const LinkSpec& link, bool traced, const std::string& place) {
  if (link.latency < Duration::zero())
    throw std::invalid_argument(place + ": latency " + std::to_string(to_seconds(link.latency)) +
                                " s is negative; at least 0");
  if (!(link.bytes_per_second >= 0.0) || !std::isfinite(link.bytes_per_second))
    throw std::invalid_argument(place + ": bandwidth " + std::to_string(link.bytes_per_second) +
                                " bytes/s is not allowed; positive and finite, or 0 for unlimited");
  if (traced && link.bytes_per_second > 0.0)
    throw std::invalid_argument(place + ": has both a bandwidth and a trace; one of them");
  if (link.rates.empty()) return;
  if (traced || link.bytes_per_second > 0.0)
    throw std::invalid_argument(place + ": has rates beside a bandwidth or a trace; one of them");
  if (const std::string mistake = mistake_in(link.rates); !mistake.empty())
    throw std::invalid_argument(place + ": " + mistake);
}

[[noreturn]] void throw_endless(uint64_t bytes, NodeId worker) {
  throw std::overflow_error("a transfer of " + std::to_string(bytes) + " bytes on the link of worker " +
                            std::to_string(worker) + " would take longer than 146 simulated years");
}

}  // namespace

void check_link(const PrivateLink& link, const std::string& name) {
  check(link.download, link.download_trace != nullptr, "download link of " + name);
  check(link.upload, link.upload_trace != nullptr, "upload link of " + name);
}

Duration link_duration(const LinkSpec& link, uint64_t bytes, NodeId worker) {
  const auto size = static_cast<double>(bytes);
  const double rate = link.rates.empty() ? link.bytes_per_second : rate_at(link.rates, size);
  const double sending = rate > 0.0 ? size / rate : 0.0;
  if (to_seconds(link.latency) + sending > kMaxSeconds) throw_endless(bytes, worker);
  return link.latency + from_seconds(sending);
}

Time link_end(const PrivateLink& link, Direction direction, uint64_t bytes, NodeId worker, Time from) {
  const LinkSpec& constant = link.of(direction);
  const CapacityTrace* const trace = link.trace(direction);
  if (!trace) return advance(from, link_duration(constant, bytes, worker));
  const Time begun = advance(from, constant.latency);
  const double sending = trace->seconds_for(static_cast<double>(bytes), begun);
  if (to_seconds(constant.latency) + sending > kMaxSeconds) throw_endless(bytes, worker);
  return advance(begun, from_seconds(sending));
}

}  // namespace sim
