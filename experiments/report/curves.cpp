#include "experiments/report/curves.h"

#include <algorithm>
#include <cmath>

#include "experiments/report/statistics.h"

namespace experiments {
namespace {

struct Point {
  double x, y;
};

/// Strictly increasing x: of several samples at one x the last counts.
std::vector<Point> polyline(const std::vector<Sample>& samples, const Axis& axis) {
  std::vector<Point> line;
  for (const Sample& s : samples) {
    if (!std::isfinite(s.value)) break;
    const double x = axis(s.at);
    if (!line.empty() && line.back().x >= x) line.pop_back();
    line.push_back({x, s.value});
  }
  return line;
}

/// Precondition: x within the line.
double read_off(const std::vector<Point>& line, double x) {
  const auto right =
      std::lower_bound(line.begin(), line.end(), x, [](const Point& p, double value) { return p.x < value; });
  if (right->x == x || right == line.begin()) return right->y;
  const auto left = right - 1;
  return left->y + (right->y - left->y) * (x - left->x) / (right->x - left->x);
}

}  // namespace

CurvePoint point_of(double x, const Estimate& e) {
  const double half = e.half_width.value_or(0);
  return {x, e.mean, e.mean - half, e.mean + half};
}

CurvePoint point_of(double x, const Ratio& r) { return {x, r.mean, r.low.value_or(r.mean), r.high.value_or(r.mean)}; }

std::vector<MethodRuns> by_method(const std::vector<RunLog>& runs) {
  std::vector<MethodRuns> methods;
  for (const RunLog& run : runs) {
    auto found =
        std::find_if(methods.begin(), methods.end(), [&](const MethodRuns& m) { return m[0]->method == run.method; });
    if (found == methods.end()) found = methods.insert(found, MethodRuns{});
    found->push_back(&run);
  }
  return methods;
}

bool any_diverged(const MethodRuns& runs) {
  return std::any_of(runs.begin(), runs.end(), [](const RunLog* run) { return run->diverged; });
}

std::vector<CurvePoint> mean_curve(const MethodRuns& seeds, const Axis& axis, const Sampling& samples, size_t most) {
  if (any_diverged(seeds)) return {};
  std::vector<std::vector<Point>> lines;
  for (const RunLog* run : seeds) lines.push_back(polyline(samples(*run), axis));
  if (lines.empty() || std::any_of(lines.begin(), lines.end(), [](const auto& line) { return line.empty(); }))
    return {};
  double first = lines[0].front().x, last = lines[0].back().x;
  for (const auto& line : lines) {
    first = std::max(first, line.front().x);
    last = std::min(last, line.back().x);
  }
  std::vector<double> grid;
  for (const auto& line : lines)
    for (const Point& p : line)
      if (first <= p.x && p.x <= last) grid.push_back(p.x);
  std::sort(grid.begin(), grid.end());
  grid.erase(std::unique(grid.begin(), grid.end()), grid.end());

  std::vector<CurvePoint> curve;
  const size_t points = std::min(most, grid.size());
  for (size_t i = 0; i < points; ++i) {
    const double x = grid[points == 1 ? 0 : i * (grid.size() - 1) / (points - 1)];
    std::vector<double> values;
    for (const auto& line : lines) values.push_back(read_off(line, x));
    curve.push_back(point_of(x, estimate(values)));
  }
  return curve;
}

std::vector<CurvePoint> mean_curve(const MethodRuns& seeds, const Axis& axis, size_t most) {
  const auto losses = [](const RunLog& run) {
    std::vector<Sample> samples;
    for (const Evaluation& e : run.evaluations) samples.push_back({e.at, e.loss});
    return samples;
  };
  return mean_curve(seeds, axis, losses, most);
}

}  // namespace experiments
