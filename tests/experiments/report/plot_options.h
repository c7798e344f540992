#pragma once
#include <string>
#include <utility>
#include <vector>

#include "experiments/report/plot.h"

namespace tests {

inline experiments::PlotOptions options_of(const std::string& x, experiments::Measure y,
                                           std::vector<std::string> by = {}) {
  experiments::PlotOptions options;
  options.x = x;
  options.y = y;
  options.by = std::move(by);
  return options;
}

}  // namespace tests
