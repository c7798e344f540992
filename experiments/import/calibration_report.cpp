#include <algorithm>
#include <cmath>

#include "experiments/import/calibrate.h"
#include "experiments/report/format.h"
#include "experiments/report/text_table.h"

namespace experiments {
namespace {

constexpr size_t kMostPanels = 6, kMostPoints = 2000;

/// With three significant digits.
std::string three(double value) {
  if (value == 0.0) return "0";
  return fixed(value, std::clamp(2 - static_cast<int>(std::floor(std::log10(std::abs(value)))), 0, 6));
}

std::string percent(double ratio) { return (ratio < 1 ? "−" : "+") + fixed(100 * std::abs(ratio - 1), 1) + " %"; }

std::string fit_table(const Calibration& c, size_t columns) {
  std::vector<TextColumn> table{
      {"", "worker", {}, 0, true}, {"", "steps"},      {"seconds", "per step"}, {"jitter", "σ"}, {"", "±"},
      {"distance", "(bound)"},     {"slow", "spells"}, {"s", "between"},        {"s", "long"},   {"times", "as slow"}};
  for (const CalibratedWorker& w : c.workers) {
    const StepFit& f = w.fit;
    const auto spell = [&](double StepFit::Spells::*of) { return f.spells ? three((*f.spells).*of) : "-"; };
    const std::vector<std::string> cells{w.log.name,
                                         std::to_string(f.steps),
                                         three(f.seconds_per_step),
                                         three(f.sigma),
                                         f.sigma > 0 ? fixed(100 * f.sigma_error, 0) + " %" : "-",
                                         fixed(f.distance, 3) + " (" + fixed(f.allowed_distance, 3) + ")",
                                         f.spells ? std::to_string(f.spells->count) : "0",
                                         spell(&StepFit::Spells::mean_seconds_between),
                                         spell(&StepFit::Spells::mean_seconds),
                                         spell(&StepFit::Spells::factor)};
    for (size_t i = 0; i < cells.size(); ++i) table[i].cells.push_back(cells[i]);
  }
  return text_table(std::move(table), columns);
}

std::string check_table(const Calibration& c, size_t columns) {
  std::vector<TextColumn> table{{"", "worker", {}, 0, true}, {"rounds", "measured"}, {"median,", "measured"},
                                {"", "simulated"},           {"", "off by"},         {"95 %,", "measured"},
                                {"", "simulated"},           {"", "off by"},         {"distance", "(bound)"}};
  for (const CalibratedWorker& w : c.workers) {
    std::vector<std::string> cells{w.log.name, std::to_string(w.measured.size())};
    const bool both = !w.measured.empty() && !w.simulated.empty();
    for (const double q : {0.5, 0.95}) {
      const double measured = both ? quantile(w.measured, q) : 0, simulated = both ? quantile(w.simulated, q) : 0;
      cells.push_back(both ? three(measured) : "-");
      cells.push_back(both ? three(simulated) : "-");
      cells.push_back(both ? percent(simulated / measured) : "-");
    }
    const auto n = static_cast<double>(w.measured.size()), m = static_cast<double>(w.simulated.size());
    cells.push_back(both ? fixed(distance_between(w.measured, w.simulated), 3) + " (" +
                               fixed(1.36 * std::sqrt((n + m) / (n * m)), 3) + ")"
                         : "-");
    for (size_t i = 0; i < cells.size(); ++i) table[i].cells.push_back(cells[i]);
  }
  return text_table(std::move(table), columns);
}

std::vector<CurvePoint> points_of(const std::vector<std::pair<double, double>>& all) {
  std::vector<CurvePoint> points;
  const size_t every = all.size() / kMostPoints + 1;
  for (size_t i = 0; i < all.size(); i += every)
    points.push_back({all[i].first, all[i].second, all[i].second, all[i].second});
  return points;
}

/// The value below which each share lies.
std::vector<CurvePoint> distribution(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  std::vector<std::pair<double, double>> all;
  for (size_t i = 0; i < values.size(); ++i)
    all.emplace_back((static_cast<double>(i) + 0.5) / static_cast<double>(values.size()), values[i]);
  return points_of(all);
}

}  // namespace

std::string calibration_text(const Calibration& c, size_t columns) {
  return fit_table(c, columns) + "\nrounds of " + counted(c.round_steps, "step") + ", s\n" + check_table(c, columns) +
         "distance: largest between the two distributions; its bound is where 5 % of samples of equal ones lie above\n";
}

std::map<std::string, Figure> calibration_figures(const Calibration& c) {
  Figure steps, rounds;
  steps.x_label = "time without pauses (s)";
  steps.y_label = "seconds per step";
  steps.methods = {"measured", "fitted"};
  rounds.x_label = "share of rounds that are shorter";
  rounds.y_label = "a round of " + counted(c.round_steps, "step") + " (s)";
  rounds.methods = {"measured", "simulated"};
  steps.own_axes = rounds.own_axes = true;
  for (size_t w = 0; w < std::min(kMostPanels, c.workers.size()); ++w) {
    const CalibratedWorker& worker = c.workers[w];
    std::vector<std::pair<double, double>> measured, fitted;
    double time = 0.0;
    for (size_t s = 0; s < worker.log.seconds.size(); ++s)
      for (size_t i = 0; i < worker.log.seconds[s].size(); ++i) {
        time += worker.log.seconds[s][i];
        measured.emplace_back(time, worker.log.seconds[s][i]);
        fitted.emplace_back(time,
                            worker.fit.seconds_per_step * (worker.fit.slow[s][i] ? worker.fit.spells->factor : 1));
      }
    const std::string title = "worker " + std::to_string(w);
    steps.panels.push_back({title, {{0, points_of(measured)}, {1, points_of(fitted)}}});
    if (worker.measured.size() > 1 && !worker.simulated.empty())
      rounds.panels.push_back({title, {{0, distribution(worker.measured)}, {1, distribution(worker.simulated)}}});
  }
  std::map<std::string, Figure> figures{{"steps", steps}};
  if (!rounds.panels.empty()) figures.emplace("rounds", rounds);
  return figures;
}

}  // namespace experiments
