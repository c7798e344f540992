#include <algorithm>
#include <cassert>
#include <stdexcept>
#include <string>
#include <utility>

#include "sim/rounds/round_policy.h"

namespace sim {
namespace {

class Quorum final : public RoundPolicy {
 public:
  Quorum(int workers, int quorum, Duration deadline) : workers_(workers), quorum_(quorum), allowed_(deadline) {
    open(kTimeZero);
  }

  RoundDecision on_instant(Time now, std::span<const WorkerId> arrived, const RoundView& view) override {
    assert(view.dispatched.size() == arrived.size());
    RoundDecision decision;
    for (size_t i = 0; i < arrived.size(); ++i)
      (view.dispatched[i] < begin_ ? decision.discard : waiting_).push_back(arrived[i]);
    decision.dispatch = decision.discard;
    if (!closes(now, view)) return decision;
    std::sort(waiting_.begin(), waiting_.end());
    decision.apply = std::exchange(waiting_, {});
    decision.together = true;
    decision.dispatch.insert(decision.dispatch.end(), decision.apply.begin(), decision.apply.end());
    std::sort(decision.dispatch.begin(), decision.dispatch.end());
    open(now);
    return decision;
  }

  std::optional<Time> deadline() const override { return passed_ ? std::nullopt : std::optional(closing_); }

 private:
  void open(Time now) {
    begin_ = now;
    closing_ = now > Time::max() - allowed_ ? Time::max() : now + allowed_;
    passed_ = false;
  }
  bool closes(Time now, const RoundView& view) {
    if (now >= closing_) passed_ = true;
    const int present = static_cast<int>(waiting_.size());
    if (present == 0) return false;
    return present == workers_ - view.gone || (passed_ && present >= std::min(quorum_, workers_ - view.gone));
  }

  int workers_, quorum_;
  Duration allowed_;
  Time begin_{};    // of the round: who was dispatched earlier belongs to another
  Time closing_{};  // the round's beginning + the allowed time
  bool passed_ = false;
  std::vector<WorkerId> waiting_;
};

}  // namespace

std::unique_ptr<RoundPolicy> make_quorum(int workers, int quorum, Duration deadline) {
  if (quorum < 1 || quorum > workers)
    throw std::invalid_argument("quorum: " + std::to_string(quorum) + " of " + std::to_string(workers) +
                                " workers; from 1 to all of them");
  if (deadline < Duration::zero())
    throw std::invalid_argument("quorum: deadline " + std::to_string(to_seconds(deadline)) +
                                " s is negative; at least 0");
  return std::make_unique<Quorum>(workers, quorum, deadline);
}

}  // namespace sim
