#include "models/train/evaluator.h"

namespace models {

Evaluator::Evaluator(const Objective& objective, std::vector<std::vector<Batch>> domains)
    : objective_(objective), domains_(std::move(domains)) {
  for (const auto& batches : domains_) {
    int64_t count = 0;
    for (const Batch& batch : batches) count += static_cast<int64_t>(batch.targets.size());
    targets_.push_back(count);
  }
}

double Evaluator::loss_sum(std::span<const float> params, size_t domain) const {
  const auto workspace = objective_.borrow_workspace();
  double sum = 0.0;
  for (const Batch& batch : domains_[domain])
    sum += objective_.loss(params, batch, *workspace) * static_cast<double>(batch.targets.size());
  return sum;
}

}  // namespace models
