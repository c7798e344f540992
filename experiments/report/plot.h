#pragma once
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "experiments/report/figure.h"
#include "experiments/report/measures.h"

namespace experiments {

/// A picture that cannot be drawn of what there is: says why and what can.
struct InvalidPlot : std::runtime_error {
  using std::runtime_error::runtime_error;
};

struct PlotOptions {
  std::string x = "time";  ///< a counter's name or, of a sweep, an axis's
  Measure y = Measure::loss;
  std::vector<double> targets;                             ///< lines at these losses
  std::vector<std::string> by;                             ///< of a sweep: axes
  std::vector<std::pair<std::string, std::string>> where;  ///< of a sweep: axis, label of its value
  std::vector<std::string> methods;                        ///< only these; empty: all. A method keeps its colour.
  bool log_x = false, log_y = false, own_axes = false;
};

/// Runs that are drawn together.
struct PlotGroup {
  std::string title;
  std::vector<RunLog> runs;
  std::string baseline{};  ///< "": none
};

/// The measure along the runs, one panel per group. Throws InvalidPlot.
Figure curves_of(const std::vector<PlotGroup>&, const PlotOptions&);
/// Time to a loss, or the speed-up over the baseline to it, as a function of the loss, one panel per group: no single
/// target decides. A method's line ends where one of its seeds gets no further. Throws InvalidPlot.
Figure over_losses(const std::vector<PlotGroup>&, const PlotOptions&);

/// "values: a, b"; throws InvalidPlot "--option "word" is unknown; …" for a word that is none of the names.
size_t index_of_name(const std::string& option, const std::string& word, const std::vector<std::string_view>& names);

}  // namespace experiments
