#include <stdexcept>
#include <string>

#include "sim/rounds/sync_plan.h"

namespace sim {
namespace {

class EqualSteps final : public SyncPlan {
 public:
  explicit EqualSteps(int64_t steps) : steps_(steps) {}
  Stretch next(NodeId) const override { return {steps_}; }
  void observe(NodeId, int64_t, Duration) override {}

 private:
  int64_t steps_;
};

}  // namespace

std::unique_ptr<SyncPlan> make(const EqualStepsConfig& config, const SyncPlanContext&) {
  if (config.steps < 1) throw std::invalid_argument("local steps: " + std::to_string(config.steps) + "; at least 1");
  return std::make_unique<EqualSteps>(config.steps);
}

}  // namespace sim
