#pragma once
#include <cstddef>
#include <string>

#include "experiments/report/figure.h"

namespace experiments {

/// A figure for a terminal of so many columns, at least 40, in Braille dots: panels below each other, each line's name
/// at its end, no bands.
std::string terminal_figure(const Figure&, size_t columns, bool colour);

}  // namespace experiments
