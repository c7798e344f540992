#pragma once
#include "experiments/report/heat_map.h"
#include "experiments/report/plot.h"
#include "experiments/sweep/sweep_runs.h"

namespace experiments {

/// What a sweep's options come to.
struct SweepPlot {
  bool heat = false;  ///< then `map`, else `figure`
  Figure figure;
  HeatMap map;
};
/// - x is a counter, at most one axis varies: the measure along the runs, a panel a value of it.
/// - x is a counter, two axes vary (or `by` names two): a heat map of the measure at the end over both.
/// - x is an axis: the measure at the end against it, a line a method, a panel a value of the axis in `by`.
/// Speed-ups are against the sweep's baseline, at each point's common target or the given one. Throws InvalidPlot, also
/// when more axes vary than the picture has room for.
SweepPlot plot_of(const SweepRuns&, const PlotOptions&);

}  // namespace experiments
