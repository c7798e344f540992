#include <stdexcept>

#include "sim/rounds/sync_plan.h"

namespace sim {
namespace {

class TimedSteps final : public SyncPlan {
 public:
  explicit TimedSteps(Duration at_least) : at_least_(at_least) {}
  Stretch next(NodeId) const override { return {.at_least = at_least_}; }
  void observe(NodeId, int64_t, Duration) override {}

 private:
  Duration at_least_;
};

}  // namespace

std::unique_ptr<SyncPlan> make(const TimedStepsConfig& config, const SyncPlanContext&) {
  const Duration at_least = from_seconds(config.seconds);
  if (at_least <= Duration::zero())
    throw std::invalid_argument("timed steps: " + std::to_string(config.seconds) + " s; at least a nanosecond");
  return std::make_unique<TimedSteps>(at_least);
}

}  // namespace sim
