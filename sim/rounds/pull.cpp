#include <algorithm>
#include <cmath>
#include <stdexcept>
#include <string>

#include "sim/rounds/round_policy.h"

namespace sim {
namespace {

/// An exponential average of seconds; 0 before the first.
class Average {
 public:
  void add(Duration d) {
    seconds_ = seen_ ? 0.5 * seconds_ + 0.5 * to_seconds(d) : to_seconds(d);
    seen_ = true;
  }
  double seconds() const { return seconds_; }

 private:
  double seconds_ = 0;
  bool seen_ = false;
};

class Pull final : public RoundPolicy {
 public:
  Pull(int workers, int fragments, int quorum, double grace, double depth)
      : workers_(workers), fragments_(fragments), quorum_(quorum), grace_(grace), depth_(depth) {}

  RoundDecision on_instant(Time now, std::span<const Arrival> arrived, const RoundView& view) override {
    RoundDecision decision;
    for (size_t i = 0; i < arrived.size(); ++i) {
      const Pushed& pushed = view.pushed[i];
      step_.add(pushed.step);
      travel_.add(now - pushed.sent);
      const bool in_turn = arrived[i].fragment == turn_ && pushed.sent >= asked_at_;
      (in_turn ? waiting_ : decision.discard).push_back(arrived[i].message);
    }
    decision.reply = decision.discard;
    if (!begun_) ask(0, now, decision);
    const int present = static_cast<int>(waiting_.size());
    if (!closing_ && present > 0 && present >= std::min(quorum_, workers_ - view.gone)) {
      quorum_time_.add(now - asked_at_);
      closing_ = now + grace();
    }
    if (!closing_ || (now < *closing_ && present < workers_ - view.gone)) return decision;
    std::sort(waiting_.begin(), waiting_.end());
    decision.apply.add(waiting_);
    decision.reply.insert(decision.reply.end(), waiting_.begin(), waiting_.end());
    std::sort(decision.reply.begin(), decision.reply.end());
    decision.broadcast = turn_;
    waiting_.clear();
    closing_.reset();
    ask(static_cast<FragmentId>((turn_ + 1) % fragments_), now, decision);
    return decision;
  }

  std::optional<Time> deadline() const override { return begun_ ? closing_ : std::optional(kTimeZero); }
  bool asks() const override { return true; }

 private:
  void ask(FragmentId fragment, Time now, RoundDecision& decision) {
    begun_ = true;
    turn_ = fragment;
    asked_at_ = now;
    decision.ask = fragment;
  }
  Duration grace() const {
    const double left = depth_ * step_.seconds() - quorum_time_.seconds() - travel_.seconds();
    return from_seconds(std::clamp(grace_ * left, 0.0, step_.seconds()));
  }

  const int workers_, fragments_, quorum_;
  const double grace_, depth_;
  bool begun_ = false;
  FragmentId turn_ = 0;
  Time asked_at_{};
  std::optional<Time> closing_;  // once the quorum is there
  std::vector<MessageId> waiting_;
  Average step_, quorum_time_, travel_;
};

}  // namespace

std::unique_ptr<RoundPolicy> make_pull(int workers, int fragments, int quorum, double grace, double depth) {
  if (quorum < 1 || quorum > workers)
    throw std::invalid_argument("pull: quorum " + std::to_string(quorum) + " of " + std::to_string(workers) +
                                " workers; from 1 to all of them");
  if (fragments < 1) throw std::invalid_argument("pull: " + std::to_string(fragments) + " fragments; at least 1");
  if (!(grace >= 0) || !(depth >= 0) || !std::isfinite(grace) || !std::isfinite(depth))
    throw std::invalid_argument("pull: grace and depth must be finite and at least 0");
  return std::make_unique<Pull>(workers, fragments, quorum, grace, depth);
}

}  // namespace sim
