#pragma once
#include <memory>
#include <span>
#include <vector>

#include "models/objective.h"

namespace models {

/// The validation set of a run, by domain. Thread-safe.
class Evaluator {
 public:
  /// `objective` must outlive this.
  Evaluator(const Objective& objective, std::vector<std::vector<Batch>> domains);
  size_t domains() const { return domains_.size(); }
  /// Number of targets of a domain.
  int64_t targets(size_t domain) const { return targets_[domain]; }
  /// Sum of the losses in nats over all targets of the domain.
  double loss_sum(std::span<const float> params, size_t domain) const;

 private:
  const Objective& objective_;
  std::vector<std::vector<Batch>> domains_;
  std::vector<int64_t> targets_;
};

}  // namespace models
