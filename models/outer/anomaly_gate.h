#pragma once
#include <cstdint>
#include <span>

#include "models/outer/outer_rule.h"

namespace models {

/// Tells when a norm stands far above those before it, series by series. With the running mean and variance V of a
/// series, z = (norm − mean)/√V; after `warmup` rounds z > threshold·max(1, standard deviation of the last 120 z)
/// is an anomaly, which leaves no trace. Else, with δ = norm − mean: mean += 0.02·δ; V ← 0.98·(V + 0.02·δ²).
/// Source: code of EDiT's authors (Cheng et al. 2025, arXiv:2412.07210). A mean that starts at the first norm, and
/// which z are recent, are ours. Memory: 124 floats per series.
class AnomalyGate {
 public:
  AnomalyGate(double threshold, int64_t warmup) : threshold_(threshold), warmup_(warmup) {}
  /// Whether `norm` is an anomaly; remembered otherwise.
  bool fires(size_t series, double norm);
  double mean(size_t series) { return record(series)[kMean]; }
  double variance(size_t series) { return record(series)[kVariance]; }
  void visit(StateVisitor& v) { v.vector("gate", records_); }

 private:
  static constexpr size_t kRounds = 0, kMean = 1, kVariance = 2, kCount = 3, kRecent = 4, kWindow = 120;
  /// Makes it if it is new.
  std::span<float> record(size_t series);
  double threshold_;
  int64_t warmup_;
  Params records_;
};

}  // namespace models
