#include "models/outer/anomaly_gate.h"

#include <algorithm>
#include <cmath>

namespace models {
namespace {

double deviation(std::span<const float> values) {
  if (values.empty()) return 0.0;
  const auto n = static_cast<double>(values.size());
  double sum = 0.0, squares = 0.0;
  for (const float v : values) sum += v;
  for (const float v : values) squares += (v - sum / n) * (v - sum / n);
  return std::sqrt(squares / n);
}

}  // namespace

std::span<float> AnomalyGate::record(size_t series) {
  constexpr size_t kSize = kRecent + kWindow;
  if (records_.size() < (series + 1) * kSize) records_.resize((series + 1) * kSize);
  return std::span(records_).subspan(series * kSize, kSize);
}

bool AnomalyGate::fires(size_t series, double norm) {
  constexpr double kRate = 0.02;
  const std::span<float> r = record(series);
  const double change = norm - r[kMean];
  if (r[kRounds] >= static_cast<float>(warmup_) && r[kVariance] > 0.0f) {
    const double z = change / std::sqrt(static_cast<double>(r[kVariance]));
    const auto count = static_cast<size_t>(r[kCount]);  // a float counts to 2^24, by far more rounds than a run has
    if (z > threshold_ * std::max(1.0, deviation(r.subspan(kRecent, std::min(count, kWindow))))) return true;
    r[kRecent + count % kWindow] = static_cast<float>(z);
    r[kCount] += 1.0f;
  }
  if (r[kRounds] == 0.0f) {
    r[kMean] = static_cast<float>(norm);
  } else {
    r[kMean] = static_cast<float>(r[kMean] + kRate * change);
    r[kVariance] = static_cast<float>((1.0 - kRate) * (r[kVariance] + kRate * change * change));
  }
  r[kRounds] += 1.0f;
  return false;
}

}  // namespace models
