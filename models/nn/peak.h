#pragma once

namespace models {

/// float32 operations a second of one core that does nothing but independent multiply-adds in registers: what a share
/// of the peak is a share of. Best of many short rounds within about `seconds` of host time.
double peak_flops(double seconds = 0.1);

}  // namespace models
