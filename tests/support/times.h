#pragma once
#include "sim/units.h"

namespace tests {

inline sim::Time at(sim::Duration since_zero) { return sim::kTimeZero + since_zero; }

}  // namespace tests
