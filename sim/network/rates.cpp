#include "sim/network/rates.h"

#include <algorithm>
#include <cmath>

namespace sim {

std::string mistake_in(const std::vector<RatePoint>& rates) {
  const auto seconds = [](const RatePoint& p) { return p.bytes / p.bytes_per_second; };
  for (size_t i = 0; i < rates.size(); ++i) {
    const RatePoint& point = rates[i];
    const std::string which = "point " + std::to_string(i + 1) + " of the rates: ";
    if (!(point.bytes > 0.0 && point.bytes_per_second > 0.0) || !std::isfinite(point.bytes) ||
        !std::isfinite(point.bytes_per_second))
      return which + "size and rate have to be above 0 and finite";
    if (i > 0 && point.bytes <= rates[i - 1].bytes) return which + "its size is not above the one before";
    if (i > 0 && seconds(point) < seconds(rates[i - 1]))
      return which + "such a message would take " + std::to_string(seconds(point)) +
             " s, less than the smaller one of " + "the point before, " + std::to_string(seconds(rates[i - 1])) + " s";
  }
  return "";
}

double rate_at(const std::vector<RatePoint>& rates, double bytes) {
  const auto above = std::lower_bound(rates.begin(), rates.end(), bytes,
                                      [](const RatePoint& point, double size) { return point.bytes < size; });
  if (above == rates.end()) return rates.back().bytes_per_second;
  if (above == rates.begin() || above->bytes == bytes) return above->bytes_per_second;
  const RatePoint& below = *(above - 1);
  const double share = std::log(bytes / below.bytes) / std::log(above->bytes / below.bytes);
  return below.bytes_per_second * std::pow(above->bytes_per_second / below.bytes_per_second, share);
}

}  // namespace sim
