#pragma once
#include <functional>
#include <vector>

#include "experiments/run/run_log.h"

namespace experiments {

/// The runs of one method, a seed each.
using MethodRuns = std::vector<const RunLog*>;
/// `runs` by method, methods in order of first appearance.
std::vector<MethodRuns> by_method(const std::vector<RunLog>& runs);

/// A mean over seeds with its 95 % band (low = high = mean for one seed).
struct CurvePoint {
  double x = 0, mean = 0, low = 0, high = 0;
};
using Axis = std::function<double(const Counters&)>;

/// The evaluated loss against `axis`, averaged over seeds at equal x. Seeds evaluate at different x, so each is read off its straight
/// lines between evaluations, at every seed's x that all of them reach; a seed ends at its first loss that is not finite.
/// At most `most` ≥ 2 points, ends included.
std::vector<CurvePoint> mean_curve(const MethodRuns& seeds, const Axis& axis, size_t most);

}  // namespace experiments
