#pragma once
#include <optional>
#include <string>
#include <vector>

#include "experiments/report/curves.h"
#include "experiments/report/gnuplot.h"

namespace experiments {

/// One method's line in a panel.
struct Series {
  size_t method = 0;  ///< its place in Figure::methods, whose name decides colour and dashes
  std::vector<CurvePoint> points;
  bool band = false;  ///< several seeds: low and high are shown
};

struct Panel {
  std::string title;
  std::vector<Series> series;
};

/// How a figure is set; zeros stand for what fits the number of panels.
struct FigureStyle {
  std::string title;           ///< above all panels; "": none
  double inches = 0;           ///< width
  double points = kPoints;     ///< size of the letters
  bool names_at_ends = false;  ///< a line's name at its end, and no key; only of lines without marks
};

/// Line charts side by side, on common axes and with one key.
struct Figure {
  std::string x_label, y_label;
  std::vector<std::string> methods;
  std::vector<std::string> remarks;  ///< behind a method's name in the key, " (diverged)"; empty: none
  std::vector<std::string> notes;    ///< what is left out, for the user
  std::vector<bool> hidden;          ///< methods that are not in the key; empty: none
  std::vector<Panel> panels;
  std::vector<double> targets;      ///< horizontal lines
  std::optional<double> reference;  ///< a thin line to compare to, e.g. 1 of ratios
  bool log_x = false, log_y = false;
  bool x_falls = false;             ///< x is a loss, which falls to the right
  bool falls = false;               ///< a loss: the steep start above the interesting part is cut off, which is said
  std::optional<double> low, high;  ///< ends of y that are known beforehand
  FigureStyle style{};
  bool own_axes = false;             ///< each panel has its own ranges
  bool marks = false;                ///< points with bars, as for a few settings, and not a band
  std::vector<double> x_tics;        ///< where x is marked; empty: at even steps
  std::vector<std::string> x_names;  ///< x is 0, 1, … and these are their names; empty: x is a number
};

}  // namespace experiments
