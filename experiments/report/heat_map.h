#pragma once
#include <optional>
#include <string>
#include <vector>

#include "experiments/report/gnuplot.h"

namespace experiments {

/// One measure over two swept settings, a map a method. Every cell carries its number, so there is no colour bar to
/// read off.
struct HeatMap {
  std::string x_label, y_label, measure;
  std::vector<std::string> x_names, y_names;
  struct Map {
    std::string title;
    std::vector<std::optional<double>> values;  ///< y by y (from below), in each x by x; none: no value, drawn grey
    std::vector<bool> doubt{};  ///< of each value, that it is not distinguishable from 1: hatched; empty: of none
  };
  std::vector<Map> maps;
  bool around_one = false;  ///< a ratio: white at 1, blue above, orange below; else from light to dark blue
  int decimals = 2;
};

Picture draw_heat_map(const HeatMap&, const std::string& name, PictureFormat);
/// The same numbers as an aligned table.
std::string heat_map_table(const HeatMap&);

}  // namespace experiments
