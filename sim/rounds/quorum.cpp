#include <algorithm>
#include <stdexcept>
#include <string>

#include "sim/rounds/round_policy.h"

namespace sim {
namespace {

class Quorum final : public RoundPolicy {
 public:
  Quorum(int workers, int quorum, Duration deadline) : workers_(workers), quorum_(quorum), allowed_(deadline) {
    open(kTimeZero);
  }

  RoundDecision on_instant(Time now, std::span<const Arrival> arrived, const RoundView& view) override {
    RoundDecision decision;
    for (const Arrival& a : arrived) (a.dispatched < begin_ ? decision.discard : waiting_).push_back(a.message);
    decision.reply = decision.discard;
    if (!closes(now, view)) return decision;
    std::sort(waiting_.begin(), waiting_.end());
    decision.apply.add(waiting_);
    decision.reply.insert(decision.reply.end(), waiting_.begin(), waiting_.end());
    std::sort(decision.reply.begin(), decision.reply.end());
    waiting_.clear();
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
  std::vector<MessageId> waiting_;
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
