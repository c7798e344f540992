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
  if (!along(options.y))
    throw InvalidPlot("--y " + measure + " is one number a run: it can be drawn over a sweep's axes, not along " +
                      options.x);
  const std::vector<std::string> methods = methods_of(groups);
  for (const std::string& method : options.methods) index_of_name("--method", method, {methods.begin(), methods.end()});

  double largest = 0, bytes_per_token = 1;
  for (const PlotGroup& group : groups)
    for (const RunLog& run : group.runs)
      largest = std::max(largest, counter_value(counter, run.final)), bytes_per_token = run.bytes_per_token;
  const CounterAxis axis = counter_axis(counter, largest);
  Figure figure;
  figure.x_label = axis.label;
  figure.y_label = measure_label(options.y);
  figure.log_x = options.log_x;
  figure.log_y = options.log_y;
  figure.own_axes = options.own_axes;
  figure.falls = from_loss(options.y, 1, 1).has_value();
  if (options.y == Measure::utilisation) figure.high = 104;
  if (!figure.falls && !options.log_y) figure.low = 0;
  for (const double target : options.targets) {
    const auto line = from_loss(options.y, target, bytes_per_token);
    if (!line) throw InvalidPlot("--target is a loss, and has no place among " + measure);
    figure.targets.push_back(*line);
  }
  figure.methods = methods;
  bool any = false;
  std::vector<bool> drawn(methods.size(), false);
  for (const PlotGroup& group : groups) {
    Panel panel{group.title, {}};
    for (const MethodRuns& runs : by_method(group.runs)) {
      if (!wanted(options, runs[0]->method)) continue;
      const auto index =
          static_cast<size_t>(std::find(methods.begin(), methods.end(), runs[0]->method) - methods.begin());
      // A perplexity is e^ of the mean loss and of its band's ends: a band about the mean of perplexities, which one
      // bad seed makes wide, would reach below 1 and even below 0.
      const Measure averaged = options.y == Measure::perplexity ? Measure::loss : options.y;
      auto points = mean_curve(
          runs, axis.value, [&](const RunLog& run) { return samples_of(run, averaged); }, kCurvePoints);
      if (averaged != options.y)
        for (CurvePoint& p : points) p = {p.x, perplexity(p.mean), perplexity(p.low), perplexity(p.high)};
      std::erase_if(points,
                    [&](const CurvePoint& p) { return (options.log_x && p.x <= 0) || (options.log_y && p.mean <= 0); });
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
      const auto m = static_cast<size_t>(std::find(methods.begin(), methods.end(), run.method) - methods.begin());
      if (run.diverged && !drawn[m]) figure.methods[m] = run.method + " (diverged)";
    }
  // Only what is drawn is in the key; colours go by all methods.
  if (!options.methods.empty())
    figure.hidden = [&] {
      std::vector<bool> hidden;
      for (const std::string& method : methods) hidden.push_back(!wanted(options, method));
      return hidden;
    }();
  return figure;
}

}  // namespace experiments
