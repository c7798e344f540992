#include "experiments/import/step_fit.h"

#include <algorithm>
#include <cmath>

namespace experiments {
namespace {

double mean(const std::vector<double>& values) {
  double sum = 0.0;
  for (const double v : values) sum += v;
  return sum / static_cast<double>(values.size());
}

/// σ from neighbouring steps, which a change of speed moves little: both of most pairs lie on one side of it.
double neighbours_sigma(const StepLog& log) {
  std::vector<double> apart;
  for (const auto& stretch : log.seconds)
    for (size_t i = 1; i < stretch.size(); ++i) apart.push_back(std::abs(std::log(stretch[i] / stretch[i - 1])));
  constexpr double kMedianOfDifference = 0.9539;  // Φ⁻¹(3/4) √2
  return apart.empty() ? 0.0 : quantile(apart, 0.5) / kMedianOfDifference;
}

std::vector<bool> slow_steps(const std::vector<double>& seconds, double threshold) {
  std::vector<bool> slow(seconds.size());
  for (size_t i = 0; i < seconds.size(); ++i) {
    const size_t first = i < 2 ? 0 : i - 2, last = std::min(i + 3, seconds.size());
    slow[i] =
        quantile({seconds.begin() + static_cast<ptrdiff_t>(first), seconds.begin() + static_cast<ptrdiff_t>(last)},
                 0.5) > threshold;
  }
  for (size_t i = 0; i < slow.size();) {
    const auto end = std::find(slow.begin() + static_cast<ptrdiff_t>(i), slow.end(), !slow[i]);
    const auto next = static_cast<size_t>(end - slow.begin());
    if (slow[i] && next - i < 3) std::fill(slow.begin() + static_cast<ptrdiff_t>(i), end, false);
    i = next;
  }
  return slow;
}

/// sup |F_n − F| against the lognormal of mean `m` and `sigma`.
double distance_to_lognormal(std::vector<double> values, double m, double sigma) {
  std::sort(values.begin(), values.end());
  double most = 0.0;
  const auto n = static_cast<double>(values.size());
  for (size_t i = 0; i < values.size(); ++i) {
    const double z = (std::log(values[i] / m) + 0.5 * sigma * sigma) / sigma, f = 0.5 * std::erfc(-z / std::sqrt(2.0));
    most = std::max({most, f - static_cast<double>(i) / n, static_cast<double>(i + 1) / n - f});
  }
  return most;
}

}  // namespace

StepFit fit_steps(const StepLog& log) {
  StepFit fit;
  const double median = quantile(log.all(), 0.5), sigma = neighbours_sigma(log);
  const double threshold = median * std::max(1.3, std::exp(2.0 * sigma));
  std::vector<double> outside, inside;
  size_t spells = 0;
  double product = 0.0, pairs = 0.0;
  for (const auto& stretch : log.seconds) {
    fit.slow.push_back(slow_steps(stretch, threshold));
    const std::vector<bool>& slow = fit.slow.back();
    for (size_t i = 0; i < stretch.size(); ++i) {
      spells += slow[i] && (i == 0 || !slow[i - 1]);
      (slow[i] ? inside : outside).push_back(stretch[i]);
    }
  }
  fit.steps = outside.size() + inside.size();
  fit.seconds_per_step = mean(outside);
  std::vector<double> logs;
  for (const double s : outside) logs.push_back(std::log(s));
  const double centre = mean(logs);
  double squares = 0.0;
  for (const double l : logs) squares += (l - centre) * (l - centre);
  const auto n = static_cast<double>(logs.size());
  fit.sigma = logs.size() > 1 ? std::sqrt(squares / (n - 1)) : 0.0;
  if (fit.sigma < 1e-6) fit.sigma = 0.0;
  fit.sigma_error = 1.0 / std::sqrt(2.0 * n);
  if (fit.sigma > 0.0) fit.distance = distance_to_lognormal(outside, fit.seconds_per_step, fit.sigma);
  fit.allowed_distance = 1.36 / std::sqrt(n);
  for (size_t s = 0; s < log.seconds.size(); ++s)
    for (size_t i = 1; i < log.seconds[s].size(); ++i)
      if (!fit.slow[s][i] && !fit.slow[s][i - 1]) {
        product += (std::log(log.seconds[s][i]) - centre) * (std::log(log.seconds[s][i - 1]) - centre);
        ++pairs;
      }
  if (fit.sigma > 0.0 && pairs > 0) fit.correlation = product / pairs / (squares / n);
  if (spells > 0) {
    const auto count = static_cast<double>(spells);
    fit.spells = {spells, mean(outside) * n / count, mean(inside) * static_cast<double>(inside.size()) / count,
                  mean(inside) / mean(outside)};
  }
  return fit;
}

double distance_between(std::vector<double> a, std::vector<double> b) {
  std::sort(a.begin(), a.end());
  std::sort(b.begin(), b.end());
  double most = 0.0;
  const auto share = [](const std::vector<double>& of, double x) {
    return static_cast<double>(std::upper_bound(of.begin(), of.end(), x) - of.begin()) / static_cast<double>(of.size());
  };
  for (const auto* values : {&a, &b})
    for (const double x : *values) most = std::max(most, std::abs(share(a, x) - share(b, x)));
  return most;
}

}  // namespace experiments
