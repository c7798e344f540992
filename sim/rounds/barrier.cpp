#include <algorithm>
#include <cassert>
#include <stdexcept>
#include <string>
#include <utility>

#include "sim/rounds/round_policy.h"

namespace sim {
namespace {

class Barrier final : public RoundPolicy {
 public:
  explicit Barrier(int workers) : workers_(workers) {}

  RoundDecision on_instant(Time, std::span<const Arrival> arrived, const RoundView& view) override {
    for (const Arrival& a : arrived) waiting_.push_back(a.message);
    const int missing = workers_ - view.gone - static_cast<int>(waiting_.size());
    assert(missing >= 0);
    if (waiting_.empty() || missing > 0) return {};
    std::sort(waiting_.begin(), waiting_.end());
    RoundDecision decision;
    decision.apply.add(waiting_);
    decision.reply = std::exchange(waiting_, {});
    return decision;
  }

  std::optional<Time> deadline() const override { return std::nullopt; }

 private:
  int workers_;
  std::vector<MessageId> waiting_;
};

}  // namespace

std::unique_ptr<RoundPolicy> make_barrier(int workers) {
  if (workers < 1) throw std::invalid_argument("barrier: " + std::to_string(workers) + " workers; at least 1");
  return std::make_unique<Barrier>(workers);
}

}  // namespace sim
