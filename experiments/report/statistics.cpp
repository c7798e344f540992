#include "experiments/report/statistics.h"

#include <boost/math/distributions/students_t.hpp>
#include <cassert>
#include <cmath>
#include <limits>

namespace experiments {
double student_t(double coverage, int degrees) {
  assert(degrees >= 1 && coverage > 0 && coverage < 1);
  return boost::math::quantile(boost::math::complement(boost::math::students_t(degrees), (1 - coverage) / 2));
}

double student_p(double t, int degrees) {
  assert(degrees >= 1);
  return 2 * boost::math::cdf(boost::math::complement(boost::math::students_t(degrees), std::abs(t)));
}

std::optional<double> paired_p(const std::vector<double>& differences) {
  const Estimate e = estimate(differences);
  if (!e.half_width) return std::nullopt;
  const double standard_error = *e.half_width / student_t(0.95, e.count - 1);
  if (e.mean == 0) return 1.0;
  return standard_error > 0 ? student_p(e.mean / standard_error, e.count - 1) : 0.0;
}

Ratio paired_ratio(const std::vector<double>& above, const std::vector<double>& below) {
  assert(above.size() == below.size() && !above.empty());
  std::vector<double> logarithms;
  for (size_t i = 0; i < above.size(); ++i) logarithms.push_back(std::log(above[i] / below[i]));
  const Estimate e = estimate(logarithms);
  Ratio result{std::exp(e.mean), std::nullopt, std::nullopt, paired_p(logarithms), e.count};
  if (!e.half_width) return result;
  result.low = std::exp(e.mean - *e.half_width);
  result.high = std::exp(e.mean + *e.half_width);
  return result;
}

std::array<std::pair<const char*, std::optional<double>>, 4> numbers_of(const std::optional<Ratio>& ratio) {
  if (!ratio) return {{{"mean", {}}, {"low", {}}, {"high", {}}, {"p", {}}}};
  return {{{"mean", ratio->mean}, {"low", ratio->low}, {"high", ratio->high}, {"p", ratio->p}}};
}

bool may_be_one(const Ratio& ratio) { return !ratio.low || (*ratio.low <= 1 && *ratio.high >= 1); }

Estimate estimate(const std::vector<double>& values) {
  Estimate result;
  result.count = static_cast<int>(values.size());
  if (values.empty()) {
    result.mean = std::numeric_limits<double>::quiet_NaN();
    return result;
  }
  double sum = 0;
  for (double value : values) sum += value;
  result.mean = sum / result.count;
  if (result.count < 2 || !std::isfinite(result.mean)) return result;
  double squares = 0;
  for (double value : values) squares += (value - result.mean) * (value - result.mean);
  const double standard_error = std::sqrt(squares / (result.count - 1) / result.count);
  result.half_width = student_t(0.95, result.count - 1) * standard_error;
  return result;
}

}  // namespace experiments
