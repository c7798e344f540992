#include <algorithm>
#include <cassert>
#include <stdexcept>
#include <string>
#include <utility>

#include "sim/rounds/round_policy.h"

namespace sim {
namespace {

class GraceWindow final : public RoundPolicy {
 public:
  GraceWindow(Duration grace, GraceMode mode) : grace_(grace), mode_(mode) {}

  RoundDecision on_instant(Time now, std::span<const Arrival> arrived, const RoundView& view) override {
    if (!arrived.empty() && !closing_) closing_ = now > Time::max() - grace_ ? Time::max() : now + grace_;
    RoundDecision decision;
    for (const Arrival& a : arrived) {
      decision.apply.add({&a.message, 1});
      waiting_.push_back(a.message);
    }
    if (closing_ && closes(now, view)) {
      decision.reply = std::exchange(waiting_, {});
      std::sort(decision.reply.begin(), decision.reply.end());
      closing_.reset();
    }
    return decision;
  }

  std::optional<Time> deadline() const override { return closing_; }
  bool looks_ahead() const override { return mode_ == GraceMode::lookahead; }

 private:
  bool closes(Time now, const RoundView& view) const {
    if (now >= *closing_ || view.in_flight == 0) return true;
    if (mode_ == GraceMode::wait) return false;
    if (!view.next_arrival)
      throw std::logic_error("a grace window with lookahead needs arrivals that are known in advance");
    return *view.next_arrival > *closing_;
  }

  Duration grace_;
  GraceMode mode_;
  std::optional<Time> closing_;  // of the open window: its opening + grace
  std::vector<MessageId> waiting_;
};

}  // namespace

std::unique_ptr<RoundPolicy> make_grace_window(Duration grace, GraceMode mode) {
  if (grace < Duration::zero())
    throw std::invalid_argument("grace window: grace " + std::to_string(to_seconds(grace)) +
                                " s is negative; at least 0");
  return std::make_unique<GraceWindow>(grace, mode);
}

}  // namespace sim
