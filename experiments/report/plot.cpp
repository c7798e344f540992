#include "experiments/report/plot.h"

#include <algorithm>
#include <cmath>

#include "experiments/config/json_reader.h"
#include "experiments/report/summary.h"

namespace experiments {
namespace {

constexpr size_t kCurvePoints = 400;

bool wanted(const PlotOptions& options, const std::string& method) {
  return options.methods.empty() ||
         std::find(options.methods.begin(), options.methods.end(), method) != options.methods.end();
}

std::vector<std::string> methods_of(const std::vector<PlotGroup>& groups) {
  std::vector<std::string> methods;
  for (const PlotGroup& group : groups)
    for (const RunLog& run : group.runs)
      if (std::find(methods.begin(), methods.end(), run.method) == methods.end()) methods.push_back(run.method);
  return methods;
}

/// Of the methods in the key those that are wanted; colours go by all of them.
std::vector<bool> hidden_methods(const std::vector<std::string>& methods, const PlotOptions& options) {
  std::vector<bool> hidden;
  for (const std::string& method : methods) hidden.push_back(!wanted(options, method));
  return options.methods.empty() ? std::vector<bool>{} : hidden;
}

/// Takes the points away that no axis has a place for, and notes how many; ends of a band that are not finite go with
/// the band.
void leave_out(const std::string& method, std::vector<CurvePoint>& points, Figure& figure) {
  const size_t all = points.size();
  std::erase_if(points, [&](const CurvePoint& p) {
    return !std::isfinite(p.x) || !std::isfinite(p.mean) || (figure.log_x && p.x <= 0) || (figure.log_y && p.mean <= 0);
  });
  for (CurvePoint& p : points)
    if (!std::isfinite(p.low) || !std::isfinite(p.high)) p.low = p.high = p.mean;
  if (const size_t less = all - points.size())
    figure.notes.push_back(std::to_string(less) + " of " + std::to_string(all) + " points of " + method +
                           " have no place on these axes and are left out (not finite, or not above 0 on a logarithmic "
                           "axis)");
}

size_t place_of(const std::vector<std::string>& methods, const std::string& method) {
  return static_cast<size_t>(std::find(methods.begin(), methods.end(), method) - methods.begin());
}

/// Seconds until each run first had the loss; empty where one never has.
std::vector<double> times_to(const MethodRuns& runs, double loss) {
  std::vector<double> times;
  for (const RunLog* run : runs)
    if (const auto time = time_to_target(*run, loss)) times.push_back(*time);
  return times.size() == runs.size() ? times : std::vector<double>{};
}

/// What every kind of line has from the options, with no line yet. Throws InvalidPlot for an unknown method.
Figure begun(const std::vector<PlotGroup>& groups, const PlotOptions& options) {
  Figure figure;
  figure.methods = methods_of(groups);
  for (const std::string& method : options.methods)
    index_of_name("--method", method, {figure.methods.begin(), figure.methods.end()});
  figure.hidden = hidden_methods(figure.methods, options);
  figure.log_x = options.log_x;
  figure.log_y = options.log_y;
  figure.own_axes = options.own_axes;
  return figure;
}

/// Losses from where the last method begins to learn down to the lowest that any reached, evenly.
std::vector<double> loss_grid(const std::vector<MethodRuns>& methods, const PlotOptions& options) {
  constexpr size_t kLosses = 200;
  double high = -INFINITY, low = INFINITY;
  for (const MethodRuns& runs : methods)
    for (const RunLog* run : runs) {
      if (!wanted(options, run->method) || ending_of(*run) != Ending::learned || run->evaluations.size() < 2) continue;
      high = std::max(high, run->evaluations[1].loss);
      for (size_t e = 1; e < run->evaluations.size(); ++e) low = std::min(low, run->evaluations[e].loss);
    }
  std::vector<double> grid;
  for (size_t i = 0; high > low && i <= kLosses; ++i)
    grid.push_back(high + (low - high) * static_cast<double>(i) / kLosses);
  return grid;
}

}  // namespace

size_t index_of_name(const std::string& option, const std::string& word, const std::vector<std::string_view>& names) {
  const auto found = std::find(names.begin(), names.end(), word);
  if (found == names.end()) throw InvalidPlot(option + " \"" + word + "\" " + unknown_name(word, "allowed", names));
  return static_cast<size_t>(found - names.begin());
}

Figure curves_of(const std::vector<PlotGroup>& groups, const PlotOptions& options) {
  const auto counter =
      static_cast<CounterKind>(index_of_name("--x", options.x, {std::begin(kCounterNames), std::end(kCounterNames)}));
  const std::string measure(kMeasureNames[static_cast<size_t>(options.y)]);
  if (options.y == Measure::speed_up || options.y == Measure::time_to_loss) return over_losses(groups, options);
  if (!along(options.y))
    throw InvalidPlot("--y " + measure + " is one number a run: it can be drawn over a sweep's axes, not along " +
                      options.x);
  Figure figure = begun(groups, options);
  const std::vector<std::string>& methods = figure.methods;

  double largest = 0, bytes_per_token = 1;
  for (const PlotGroup& group : groups)
    for (const RunLog& run : group.runs) {
      const double whole = counter_value(counter, run.final);
      if (!std::isfinite(whole))
        throw InvalidPlot("--x " + options.x + " needs prices in the experiment file (" +
                          (counter == CounterKind::kwh ? "watts" : "usd_per_hour, usd_per_gb") + "), and " +
                          run.method + " has none");
      largest = std::max(largest, whole);
      bytes_per_token = run.bytes_per_token;
    }
  const CounterAxis axis = counter_axis(counter, largest);
  figure.x_label = axis.label;
  figure.y_label = measure_label(options.y);
  figure.falls = from_loss(options.y, 1, 1).has_value();
  if (options.y == Measure::utilisation) figure.high = 104;
  if (!figure.falls && !options.log_y) figure.low = 0;
  for (const double target : options.targets) {
    const auto line = from_loss(options.y, target, bytes_per_token);
    if (!line) throw InvalidPlot("--target is a loss, and has no place among " + measure);
    figure.targets.push_back(*line);
  }
  figure.remarks.resize(methods.size());
  bool any = false;
  std::vector<bool> drawn(methods.size(), false);
  for (const PlotGroup& group : groups) {
    Panel panel{group.title, {}};
    for (const MethodRuns& runs : by_method(group.runs)) {
      if (!wanted(options, runs[0]->method)) continue;
      const size_t index = place_of(methods, runs[0]->method);
      // A perplexity is e^ of the mean loss and of its band's ends: a band about the mean of perplexities, which one
      // bad seed makes wide, would reach below 1 and even below 0.
      const Measure averaged = options.y == Measure::perplexity ? Measure::loss : options.y;
      auto points = mean_curve(
          runs, axis.value, [&](const RunLog& run) { return samples_of(run, averaged); }, kCurvePoints);
      if (averaged != options.y)
        for (CurvePoint& p : points) p = {p.x, perplexity(p.mean), perplexity(p.low), perplexity(p.high)};
      leave_out(runs[0]->method, points, figure);
      any = any || !points.empty();
      drawn[index] = drawn[index] || !points.empty();
      panel.series.push_back({index, std::move(points), runs.size() > 1});
    }
    figure.panels.push_back(std::move(panel));
  }
  if (!any)
    throw InvalidPlot("nothing can be drawn: no run has " + measure + " along " + options.x +
                      (options.log_x || options.log_y ? " above zero" : ""));
  for (const PlotGroup& group : groups)
    for (const RunLog& run : group.runs) {
      const size_t m = place_of(methods, run.method);
      if (run.diverged && !drawn[m]) figure.remarks[m] = " (diverged)";
    }
  return figure;
}

Figure over_losses(const std::vector<PlotGroup>& groups, const PlotOptions& options) {
  const std::string measure(kMeasureNames[static_cast<size_t>(options.y)]);
  if (options.x != "time") throw InvalidPlot("--y " + measure + " is told along the loss; --x is not for it");
  if (!options.targets.empty())
    throw InvalidPlot("--y " + measure + " is told for every target; --target is not for it");
  Figure figure = begun(groups, options);
  const std::vector<std::string>& methods = figure.methods;
  const bool ratio = options.y == Measure::speed_up;
  double longest = 0;
  for (const PlotGroup& group : groups) {
    if (ratio && group.baseline.empty())
      throw InvalidPlot("--y speed-up needs a baseline, and " + (group.title.empty() ? "the results" : group.title) +
                        " names none");
    for (const RunLog& run : group.runs) longest = std::max(longest, sim::to_seconds(run.final.time));
  }
  const CounterAxis time = counter_axis(CounterKind::time, longest);
  figure.x_label = measure_label(Measure::loss);
  figure.x_falls = true;
  figure.y_label =
      ratio ? "speed-up over " + groups[0].baseline : "time to that loss" + time.label.substr(time.label.find(" ("));
  if (ratio) {
    figure.reference = 1;
    figure.hidden.resize(methods.size(), false);
    for (size_t m = 0; m < methods.size(); ++m)
      if (methods[m] == groups[0].baseline) figure.hidden[m] = true;  // its own is 1
  }
  if (!ratio && !options.log_y) figure.low = 0;
  bool any = false;
  for (const PlotGroup& group : groups) {
    Panel panel{group.title, {}};
    const std::vector<MethodRuns> of_group = by_method(group.runs);
    const auto base = std::find_if(of_group.begin(), of_group.end(),
                                   [&](const MethodRuns& runs) { return runs[0]->method == group.baseline; });
    const std::vector<double> losses = loss_grid(of_group, options);
    for (const MethodRuns& runs : of_group) {
      const std::string& method = runs[0]->method;
      if (!wanted(options, method) || (ratio && (base == of_group.end() || method == group.baseline))) continue;
      Series series{place_of(methods, method), {}, runs.size() > 1};
      for (const double loss : losses) {
        const std::vector<double> own = times_to(runs, loss);
        if (own.empty()) continue;
        if (ratio) {
          const std::vector<double> theirs = times_to(*base, loss);
          if (theirs.size() != own.size()) continue;
          series.points.push_back(point_of(loss, paired_ratio(theirs, own)));
        } else {
          CurvePoint p = point_of(loss, estimate(own));
          for (double* seconds : {&p.mean, &p.low, &p.high}) {
            Counters at;
            at.time = sim::kTimeZero + sim::from_seconds(std::max(0.0, *seconds));
            *seconds = time.value(at);
          }
          series.points.push_back(p);
        }
      }
      any = any || !series.points.empty();
      panel.series.push_back(std::move(series));
    }
    figure.panels.push_back(std::move(panel));
  }
  if (!any) throw InvalidPlot("nothing can be drawn: no two methods reach a common loss with every seed");
  return figure;
}

}  // namespace experiments
