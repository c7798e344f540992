#include <stdexcept>
#include <string>

#include "sim/rounds/work_plan.h"

namespace sim {
namespace {

class EqualSteps final : public WorkPlan {
 public:
  explicit EqualSteps(int64_t steps) : steps_(steps) {}
  int64_t steps(WorkerId) const override { return steps_; }
  void observe(WorkerId, int64_t, Duration) override {}

 private:
  int64_t steps_;
};

}  // namespace

std::unique_ptr<WorkPlan> make(const EqualStepsConfig& config, const WorkPlanContext&) {
  if (config.steps < 1) throw std::invalid_argument("local steps: " + std::to_string(config.steps) + "; at least 1");
  return std::make_unique<EqualSteps>(config.steps);
}

}  // namespace sim
