#pragma once
#include <functional>
#include <vector>

#include "experiments/report/statistics.h"
#include "experiments/run/run_log.h"

namespace experiments {

/// The runs of one method, a seed each.
using MethodRuns = std::vector<const RunLog*>;
/// `runs` by method, methods in order of first appearance.
std::vector<MethodRuns> by_method(const std::vector<RunLog>& runs);

/// Whether one of them did; pictures leave such a method out, as a mean over the others would flatter it.
bool any_diverged(const MethodRuns&);

/// A mean over seeds with its 95 % band (low = high = mean for one seed).
struct CurvePoint {
  double x = 0, mean = 0, low = 0, high = 0;
};
CurvePoint point_of(double x, const Estimate&);
CurvePoint point_of(double x, const Ratio&);
using Axis = std::function<double(const Counters&)>;

/// A measured value and when.
struct Sample {
  Counters at;
  double value = 0;
};
using Sampling = std::function<std::vector<Sample>(const RunLog&)>;

/// What `samples` tells of each seed against `axis`, averaged over seeds at equal x. Seeds are sampled at different x,
/// so each is read off its straight lines between samples, at every seed's x that all of them reach; a seed ends at its
/// first value that is not finite. Nothing where a run diverged. At most `most` ≥ 2 points, ends included.
std::vector<CurvePoint> mean_curve(const MethodRuns& seeds, const Axis& axis, const Sampling& samples, size_t most);
/// The same for the evaluated loss.
std::vector<CurvePoint> mean_curve(const MethodRuns& seeds, const Axis& axis, size_t most);

}  // namespace experiments
