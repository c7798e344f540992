#pragma once
#include <string_view>

namespace sim {

/// A step of so many floating-point operations on a device: a steady speed.
struct HardwareSpeedConfig {
  static constexpr std::string_view kind = "hardware";
  double flops_per_second = 1e14;
  double utilisation = 0.4;
};
template <class V>
void fields(V& v, HardwareSpeedConfig& c) {
  v.field("flops_per_second", c.flops_per_second, V::between(1, 1e21).needed(), "FLOP/s",
          "The device's peak. A step takes 6 · parameters · tokens / (peak · utilisation)");
  v.field("utilisation", c.utilisation, V::above(0, 1), "", "Share of the peak that training reaches");
}
inline double seconds_per_step(const HardwareSpeedConfig& c, double flops_per_step) {
  return flops_per_step / (c.flops_per_second * c.utilisation);
}

}  // namespace sim
