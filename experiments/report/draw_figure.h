#pragma once
#include <string>

#include "experiments/report/figure.h"
#include "experiments/report/gnuplot.h"

namespace experiments {

/// As a picture. Precondition: on a logarithmic axis every point is above zero.
Picture draw_figure(const Figure&, const std::string& name, PictureFormat);

}  // namespace experiments
