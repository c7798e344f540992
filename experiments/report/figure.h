#pragma once
#include <optional>
#include <string>
#include <vector>

#include "experiments/report/curves.h"
#include "experiments/report/gnuplot.h"

namespace experiments {

/// One method's line in a panel.
struct Series {
  size_t method = 0;  ///< decides colour and dashes: its place in Figure::methods
  std::vector<CurvePoint> points;
  bool band = false;  ///< several seeds: low and high are shown
};

struct Panel {
  std::string title;
  std::vector<Series> series;
};

/// Line charts side by side, on common axes and with one key.
struct Figure {
  std::string x_label, y_label;
  std::vector<std::string> methods;
  std::vector<bool> hidden;  ///< methods that are not in the key; empty: none
  std::vector<Panel> panels;
  std::vector<double> targets;      ///< horizontal lines
  std::optional<double> reference;  ///< a thin line to compare to, e.g. 1 of ratios
  bool log_x = false, log_y = false;
  bool falls = false;                ///< a loss: the steep start above the interesting part is cut off, which is said
  std::optional<double> low, high;   ///< ends of y that are known beforehand
  bool own_axes = false;             ///< each panel has its own ranges
  bool marks = false;                ///< points with bars, as for a few settings, and not a band
  std::vector<double> x_tics;        ///< where x is marked; empty: at even steps
  std::vector<std::string> x_names;  ///< x is 0, 1, … and these are their names; empty: x is a number
};

/// Precondition: on a logarithmic axis every point is above zero. For a terminal the panels come below each other,
/// without bands.
Picture draw_figure(const Figure&, const std::string& name, PictureFormat, int terminal_columns = 100,
                    bool terminal_colour = true);

}  // namespace experiments
