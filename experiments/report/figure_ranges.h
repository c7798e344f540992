#pragma once
#include <cmath>
#include <string>
#include <vector>

#include "experiments/report/figure.h"

namespace experiments {

struct Range {
  double low = 0, high = 1;
  double start = -INFINITY, top = -INFINITY;  ///< of losses: the highest beginning of a curve, the highest point after
};

/// What a figure's axes hold.
struct Ranges {
  double x_low = 0, x_high = 1;
  Range y;
};
/// Of these panels together.
Ranges ranges_of(const Figure&, const std::vector<const Panel*>&);
/// Of the panel, or of all where axes are common.
Ranges ranges_of(const Figure&, const Panel&);
/// What is cut off above, in words; "" where nothing is.
std::string cut_text(const Figure&, const Ranges&);

bool in_key(const Figure&, size_t method);
std::string key_text(const Figure&, size_t method);

}  // namespace experiments
