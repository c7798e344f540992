#include <cassert>
#include <numeric>
#include <stdexcept>
#include <string>

#include "sim/rounds/round_policy.h"

namespace sim {
namespace {

class Barrier final : public RoundPolicy {
 public:
  explicit Barrier(int workers) : workers_(workers) {}

  RoundDecision on_instant(Time, std::span<const WorkerId> arrived, const RoundView&) override {
    waiting_ += static_cast<int>(arrived.size());
    assert(waiting_ <= workers_);
    if (waiting_ < workers_) return {};
    waiting_ = 0;
    std::vector<WorkerId> all(static_cast<size_t>(workers_));
    std::iota(all.begin(), all.end(), WorkerId{0});
    return {.apply = all, .together = true, .dispatch = all};
  }

  std::optional<Time> deadline() const override { return std::nullopt; }

 private:
  int workers_;
  int waiting_ = 0;
};

}  // namespace

std::unique_ptr<RoundPolicy> make_barrier(int workers) {
  if (workers < 1) throw std::invalid_argument("barrier: " + std::to_string(workers) + " workers; at least 1");
  return std::make_unique<Barrier>(workers);
}

}  // namespace sim
