#include "experiments/sweep/sweep_plot.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <set>

#include "experiments/report/summary.h"

namespace experiments {
namespace {

constexpr size_t kMostPanels = 12;

using Points = std::vector<const SweepRuns::Point*>;

std::vector<std::string_view> axis_names(const SweepRuns& sweep) {
  std::vector<std::string_view> names;
  for (const SweepRuns::Axis& axis : sweep.axes) names.push_back(axis.name);
  return names;
}

std::string joined(const SweepRuns& sweep, const std::vector<size_t>& axes) {
  std::string text;
  for (const size_t a : axes) text += (text.empty() ? "" : ", ") + sweep.axes[a].name;
  return text;
}

/// The points that `where` leaves.
Points chosen(const SweepRuns& sweep, const PlotOptions& options) {
  Points points;
  for (const SweepRuns::Point& point : sweep.points) points.push_back(&point);
  for (const auto& [name, label] : options.where) {
    const size_t axis = index_of_name("--where", name, axis_names(sweep));
    std::vector<std::string_view> labels;
    for (const AxisValue& value : sweep.axes[axis].values) labels.push_back(value.label);
    const size_t value = index_of_name("--where " + name + "=", label, labels);
    std::erase_if(points, [&](const SweepRuns::Point* p) { return p->values[axis] != value; });
  }
  if (points.empty()) throw InvalidPlot("--where leaves no point of the sweep \"" + sweep.name + "\"");
  return points;
}

/// The axes that take several values at these points, first `named`; of axes that only move together one is enough.
std::vector<size_t> varying(const SweepRuns& sweep, const Points& points, const std::vector<size_t>& named) {
  std::vector<size_t> order = named, result;
  for (size_t a = 0; a < sweep.axes.size(); ++a)
    if (std::find(order.begin(), order.end(), a) == order.end()) order.push_back(a);
  for (const size_t a : order) {
    std::set<size_t> values;
    for (const auto* p : points) values.insert(p->values[a]);
    const bool is_named = std::find(named.begin(), named.end(), a) != named.end();
    const bool follows = !is_named && std::any_of(result.begin(), result.end(), [&](size_t other) {
      std::set<std::pair<size_t, size_t>> pairs;
      std::set<size_t> theirs;
      for (const auto* p : points) {
        pairs.insert({p->values[other], p->values[a]});
        theirs.insert(p->values[other]);
      }
      return pairs.size() == theirs.size();
    });
    if (is_named || (values.size() > 1 && !follows)) result.push_back(a);
  }
  return result;
}

/// The values of an axis at these points, by number where all are numbers, else in the sweep's order.
std::vector<size_t> values_of(const SweepRuns::Axis& axis, size_t index, const Points& points) {
  std::set<size_t> seen;
  for (const auto* p : points) seen.insert(p->values[index]);
  std::vector<size_t> values(seen.begin(), seen.end());
  const bool numbers =
      std::all_of(values.begin(), values.end(), [&](size_t v) { return axis.values[v].number.has_value(); });
  if (numbers)
    std::sort(values.begin(), values.end(),
              [&](size_t a, size_t b) { return *axis.values[a].number < *axis.values[b].number; });
  return values;
}

/// The measure of every method at one point: mean and interval over seeds.
std::map<std::string, CurvePoint> measured(const SweepRuns& sweep, const std::vector<RunLog>& runs,
                                           const PlotOptions& options) {
  std::map<std::string, CurvePoint> result;
  const std::vector<MethodRuns> methods = by_method(runs);
  if (methods.empty()) return result;
  const ComparisonSummary summary = summarise("", baseline_among(runs, sweep.baseline), runs, sweep.target);
  for (size_t m = 0; m < methods.size(); ++m) {
    const MethodSummary& s = summary.methods[m];
    if (options.y == Measure::speed_up) {
      if (s.speed_up) result[s.method] = point_of(0, *s.speed_up);
      continue;
    }
    std::vector<double> values;
    for (const RunLog* run : methods[m])
      if (const auto value = value_of(*run, options.y, target_for(summary, run->seed))) values.push_back(*value);
    if (values.size() < methods[m].size()) continue;  // a target that one seed did not reach
    result[s.method] = point_of(0, estimate(values));
  }
  return result;
}

const SweepRuns::Point* point_at(const Points& points, const std::vector<std::pair<size_t, size_t>>& settings) {
  for (const auto* p : points)
    if (std::all_of(settings.begin(), settings.end(), [&](const auto& s) { return p->values[s.first] == s.second; }))
      return p;
  return nullptr;
}

/// "latency = 0.01 s"; a value with a name of its own has its unit in that name.
std::string setting_text(const SweepRuns::Axis& axis, size_t value) {
  const AxisValue& at = axis.values[value];
  return axis.name + " = " + at.label + (at.number && !axis.unit.empty() ? " " + axis.unit : "");
}

/// "latency (s)", where its values are numbers.
std::string axis_label(const SweepRuns::Axis& axis) {
  const bool numbers = std::all_of(axis.values.begin(), axis.values.end(), [](const AxisValue& v) { return v.number; });
  return axis.name + (numbers && !axis.unit.empty() ? " (" + axis.unit + ")" : "");
}

/// Shown methods; of speed-ups all but the baseline, whose are 1.
std::vector<size_t> shown_methods(const SweepRuns& sweep, const PlotOptions& options) {
  std::vector<size_t> shown;
  for (size_t m = 0; m < sweep.methods.size(); ++m) {
    const bool chosen = options.methods.empty() || std::find(options.methods.begin(), options.methods.end(),
                                                             sweep.methods[m]) != options.methods.end();
    if (chosen && !(options.y == Measure::speed_up && sweep.methods[m] == sweep.baseline)) shown.push_back(m);
  }
  return shown;
}

std::string label_of(const SweepRuns& sweep, const PlotOptions& options) {
  return options.y == Measure::speed_up ? "speed-up over " + sweep.baseline : measure_label(options.y);
}

HeatMap heat_map(const SweepRuns& sweep, const Points& points, size_t x, size_t y, const PlotOptions& options) {
  HeatMap map;
  map.x_label = axis_label(sweep.axes[x]);
  map.y_label = axis_label(sweep.axes[y]);
  map.measure = label_of(sweep, options);
  map.around_one = options.y == Measure::speed_up;
  map.decimals = options.y == Measure::loss || options.y == Measure::bits_per_byte           ? 3
                 : options.y == Measure::time_to_target || options.y == Measure::utilisation ? 0
                                                                                             : 2;
  const auto xs = values_of(sweep.axes[x], x, points), ys = values_of(sweep.axes[y], y, points);
  for (const size_t v : xs) map.x_names.push_back(sweep.axes[x].values[v].label);
  for (const size_t v : ys) map.y_names.push_back(sweep.axes[y].values[v].label);
  const auto shown = shown_methods(sweep, options);
  for (const size_t m : shown) map.maps.push_back({sweep.methods[m], {}});
  bool any = false, doubt = false;
  for (const size_t row : ys) {
    for (const size_t column : xs) {
      const auto* point = point_at(points, {{x, column}, {y, row}});
      const auto at = point ? measured(sweep, point->runs, options) : std::map<std::string, CurvePoint>{};
      for (HeatMap::Map& one : map.maps) {
        const auto found = at.find(one.title);
        one.values.push_back(found == at.end() ? std::nullopt : std::optional(found->second.mean));
        const CurvePoint p = found == at.end() ? CurvePoint{} : found->second;
        one.doubt.push_back(map.around_one && p.low < p.high && p.low <= 1 && p.high >= 1);
        doubt = doubt || one.doubt.back();
        any = any || one.values.back();
      }
    }
  }
  if (!any)
    throw InvalidPlot("nothing can be drawn: no point of the sweep has a " +
                      std::string(kMeasureNames[static_cast<size_t>(options.y)]) + " of every seed");
  if (doubt) map.measure += " (hatched: not distinguishable from 1)";
  return map;
}

Figure over_axis(const SweepRuns& sweep, const Points& points, size_t x, std::optional<size_t> by,
                 const PlotOptions& options) {
  Figure figure;
  figure.x_label = axis_label(sweep.axes[x]);
  figure.y_label = label_of(sweep, options);
  figure.methods = sweep.methods;
  figure.hidden.assign(sweep.methods.size(), true);
  figure.marks = true;
  figure.log_y = options.log_y;
  figure.own_axes = options.own_axes;
  if (options.y == Measure::speed_up) figure.reference = 1;
  const auto xs = values_of(sweep.axes[x], x, points);
  const bool numbers =
      std::all_of(xs.begin(), xs.end(), [&](size_t v) { return sweep.axes[x].values[v].number.has_value(); });
  if (!numbers)
    for (const size_t v : xs) figure.x_names.push_back(sweep.axes[x].values[v].label);
  else if (xs.size() <= 8)
    for (const size_t v : xs) figure.x_tics.push_back(*sweep.axes[x].values[v].number);
  if (options.log_x && !numbers)
    throw InvalidPlot("--log-x: the values of " + sweep.axes[x].name + " are names, not numbers");
  figure.log_x = options.log_x;
  const auto panels = by ? values_of(sweep.axes[*by], *by, points) : std::vector<size_t>{0};
  bool any = false;
  for (const size_t value : panels) {
    Panel panel{by ? setting_text(sweep.axes[*by], value) : "", {}};
    std::map<size_t, Series> series;
    for (size_t i = 0; i < xs.size(); ++i) {
      const auto* point = by ? point_at(points, {{x, xs[i]}, {*by, value}}) : point_at(points, {{x, xs[i]}});
      if (!point) continue;
      const auto at = measured(sweep, point->runs, options);
      for (const size_t m : shown_methods(sweep, options)) {
        figure.hidden[m] = false;
        const auto found = at.find(sweep.methods[m]);
        if (found == at.end()) continue;
        CurvePoint p = found->second;
        p.x = numbers ? *sweep.axes[x].values[xs[i]].number : static_cast<double>(i);
        if ((options.log_x && p.x <= 0) || (options.log_y && p.mean <= 0)) continue;
        series[m].method = m;
        series[m].band = true;
        series[m].points.push_back(p);
        any = true;
      }
    }
    for (auto& [m, one] : series) panel.series.push_back(std::move(one));
    figure.panels.push_back(std::move(panel));
  }
  if (!any)
    throw InvalidPlot("nothing can be drawn: no point of the sweep has a " +
                      std::string(kMeasureNames[static_cast<size_t>(options.y)]) + " of every seed");
  return figure;
}

}  // namespace

SweepPlot plot_of(const SweepRuns& sweep, const PlotOptions& options) {
  for (const std::string& method : options.methods)
    index_of_name("--method", method, {sweep.methods.begin(), sweep.methods.end()});
  if (options.y == Measure::speed_up && sweep.baseline.empty())
    throw InvalidPlot("--y speed-up needs a baseline, and the sweep \"" + sweep.name + "\" names none");
  const auto names = axis_names(sweep);
  std::vector<std::string_view> x_names(std::begin(kCounterNames), std::end(kCounterNames));
  x_names.insert(x_names.end(), names.begin(), names.end());
  const size_t x_choice = index_of_name("--x", options.x, x_names);
  const bool over = x_choice >= std::size(kCounterNames);
  std::vector<size_t> named;
  if (over) named.push_back(x_choice - std::size(kCounterNames));
  for (const std::string& axis : options.by) {
    named.push_back(index_of_name("--by", axis, names));
    if (std::count(named.begin(), named.end(), named.back()) > 1)
      throw InvalidPlot("the axis " + axis + " is named twice");
  }
  if (over && options.y == Measure::time_to_loss)
    throw InvalidPlot(
        "--y time-to-loss is told along the loss; --x is not for it; --y time-to-target has one per point");
  const Points points = chosen(sweep, options);
  const std::vector<size_t> axes = varying(sweep, points, named);
  if (axes.size() > 2)
    throw InvalidPlot("a picture has room for two varying settings, and here vary " + joined(sweep, axes) +
                      "; fix others with --where NAME=VALUE");

  SweepPlot plot;
  if (over) {
    plot.figure = over_axis(sweep, points, axes[0], axes.size() > 1 ? std::optional(axes[1]) : std::nullopt, options);
    if (plot.figure.panels.size() > kMostPanels)
      throw InvalidPlot("there would be " + std::to_string(plot.figure.panels.size()) +
                        " panels; allowed: " + std::to_string(kMostPanels));
    return plot;
  }
  if (axes.size() == 2 && options.y == Measure::time_to_loss)
    throw InvalidPlot("--y time-to-loss has room for one varying setting, and here vary " + joined(sweep, axes) +
                      "; fix others with --where NAME=VALUE");
  if (axes.size() == 2) {
    plot.heat = true;
    plot.map = heat_map(sweep, points, axes[0], axes[1], options);
    return plot;
  }
  if (options.y == Measure::utilisation)
    throw InvalidPlot("--y utilisation along " + options.x +
                      " needs the workers' timelines, which a sweep does not keep; draw it over a swept setting: --x " +
                      (names.empty() ? "AXIS" : std::string(names[0])));
  std::vector<PlotGroup> groups;
  for (const size_t value : axes.empty() ? std::vector<size_t>{0} : values_of(sweep.axes[axes[0]], axes[0], points)) {
    const auto* point = axes.empty() ? points[0] : point_at(points, {{axes[0], value}});
    groups.push_back({axes.empty() ? sweep.name : setting_text(sweep.axes[axes[0]], value),
                      point ? point->runs : std::vector<RunLog>{}, sweep.baseline});
  }
  if (groups.size() > kMostPanels)
    throw InvalidPlot("there would be " + std::to_string(groups.size()) +
                      " panels; allowed: " + std::to_string(kMostPanels));
  plot.figure = curves_of(groups, options);
  return plot;
}

}  // namespace experiments
