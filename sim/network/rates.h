#pragma once
#include <string>
#include <vector>

namespace sim {

/// The rate at which a link was seen to carry messages of one size.
struct RatePoint {
  double bytes = 1.0, bytes_per_second = 1.0;
  bool operator==(const RatePoint&) const = default;
};
template <class V>
void fields(V& v, RatePoint& c) {
  v.field("bytes", c.bytes, V::above(0).needed(), "B", "Size of a message");
  v.field("bytes_per_second", c.bytes_per_second, V::above(0).needed(), "B/s",
          "Its size over its time, without latency");
}

/// What keeps this from being a table of rates: sizes that do not rise, rates that are not above zero and finite, or a
/// larger message that would be faster than a smaller one. "" where nothing does. Precondition: not empty.
std::string mistake_in(const std::vector<RatePoint>&);

/// The rate of a message of that size: log rate is linear in log size between the points, and holds outside, so that a
/// larger message never takes less time. At a point it is exact. Precondition: mistake_in() finds none.
double rate_at(const std::vector<RatePoint>&, double bytes);

}  // namespace sim
