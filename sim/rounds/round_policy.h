#pragma once
#include <array>
#include <memory>
#include <optional>
#include <span>
#include <utility>
#include <vector>

#include "sim/units.h"

namespace sim {

/// A pseudo-gradient that is whole at the server.
struct Arrival {
  MessageId message = 0;
  FragmentId fragment = 0;
  Time dispatched{};  ///< when the model it answers was sent
};

/// What else is known of one that a worker has sent which trains on.
struct Pushed {
  Time sent{};      ///< when it left the worker
  Duration step{};  ///< how long a local step took the worker before
};

/// Groups of messages, each of which makes one update. Two flat lists: a million groups of one are not a million
/// allocations.
class Batches {
 public:
  /// One more update, of the mean of these.
  void add(std::span<const MessageId> batch) {
    members_.insert(members_.end(), batch.begin(), batch.end());
    ends_.push_back(members_.size());
  }
  bool empty() const { return ends_.empty(); }
  size_t size() const { return ends_.size(); }
  std::span<const MessageId> operator[](size_t i) const {
    const size_t begin = i == 0 ? 0 : ends_[i - 1];
    return std::span(members_).subspan(begin, ends_[i] - begin);
  }
  /// Of all batches, in order.
  const std::vector<MessageId>& members() const { return members_; }

 private:
  std::vector<MessageId> members_;
  std::vector<size_t> ends_;
};

/// What the server does at one instant.
struct RoundDecision {
  Batches apply;                   ///< arrived pseudo-gradients to hand to the outer rule now, in this order
  std::vector<MessageId> reply;    ///< answered with the resulting model now, in this order
  std::vector<MessageId> discard;  ///< arrived pseudo-gradients to throw away: they came too late
  // Of a policy that asks:
  std::optional<FragmentId> broadcast = {};  ///< the result also goes to all who have not brought this fragment
  std::optional<FragmentId> ask = {};  ///< what workers are to send at their next step, if they have trained on it
};

/// What the server can see of the future and the present when it decides.
struct RoundView {
  int in_flight = 0;                 ///< messages dispatched whose answers have not arrived
  std::optional<Time> next_arrival;  ///< earliest known arrival among them; known only where nothing random or shared
                                     ///< lies ahead; Time::max() if it is known that none will arrive
  int gone = 0;                      ///< workers that have left for good, with nothing of theirs in flight or waiting
  std::span<const Pushed> pushed = {};  ///< of each arrival, where workers train on; else empty
};

/// When a server acts and who waits; not what an update does to the model. A worker that comes back after a crash, or
/// that was down when its turn came, is sent the current model at its return without asking the policy.
class RoundPolicy {
 public:
  virtual ~RoundPolicy() = default;
  /// Called once for each instant with arrivals, a deadline or a worker that left, after everything else at that
  /// instant has happened. `arrived` (in ascending order of messages) may be empty.
  virtual RoundDecision on_instant(Time now, std::span<const Arrival> arrived, const RoundView&) = 0;
  /// The next instant at which the policy wants to be called even if nothing arrives.
  virtual std::optional<Time> deadline() const = 0;
  /// Whether its decisions depend on RoundView::next_arrival.
  virtual bool looks_ahead() const { return false; }
  /// Whether workers train on until they are asked for a fragment; it decides on all fragments then.
  virtual bool asks() const { return false; }
};

/// Synchronous: waits for all `workers` but those gone for good, applies their mean, dispatches all. A crashed worker
/// that will return is waited for. Throws std::invalid_argument unless workers ≥ 1.
std::unique_ptr<RoundPolicy> make_barrier(int workers);

/// Synchronous with a deadline: a round begins when the model is sent out, and closes when all `workers` but those gone
/// have arrived, or else as soon as `deadline` has passed and at least `quorum` have. Then the mean of those that
/// arrived is applied and they are dispatched. Whoever was still under way is too late: its pseudo-gradient is thrown
/// away when it arrives, and it is sent the model of the round then open. Quorum = workers is the barrier; deadline 0
/// takes the first `quorum` of each round (Chen et al. 2016, "Revisiting distributed synchronous SGD": backup workers).
/// Throws std::invalid_argument unless 1 ≤ quorum ≤ workers and deadline ≥ 0.
std::unique_ptr<RoundPolicy> make_quorum(int workers, int quorum, Duration deadline);

/// Workers never wait: the server asks for one of `fragments` after another, which they send at their next step. Once
/// `quorum` have arrived it waits for others as long as there is slack, min(γ(d·step − quorum's time − travel), step)
/// with averages of the times seen, then applies what is there, sends the result to all and asks for the next. What
/// comes later is thrown away and answered. Source: Decoupled DiLoCo, arXiv:2604.21428, known from re-implementations;
/// that requests take no time, the averages' weights (a half), and travel for the synchronisation's time are ours.
/// Throws std::invalid_argument unless 1 ≤ quorum ≤ workers, fragments ≥ 1, and γ and d are finite and at least 0.
std::unique_ptr<RoundPolicy> make_pull(int workers, int fragments, int quorum, double grace, double depth);

/// Who may start when a grace window is open (Liu et al. 2024, Alg. 2; the published notebook for lookahead).
enum class GraceMode {
  wait,      ///< causal: the waiting workers start when the window closes, at its opening + grace or when nobody is in
             ///< flight
  lookahead  ///< the server knows when nobody else will arrive within the window, and closes it at the window's last
             ///< arrival
};
constexpr auto names_of(GraceMode) {
  return std::array{std::pair{GraceMode::wait, "wait"}, std::pair{GraceMode::lookahead, "lookahead"}};
}

/// Asynchronous: the first arrival opens a window; each arrival is applied at once, one by one, and waits; when the
/// window closes all waiting workers are dispatched together with the model of that moment. An arrival at exactly
/// opening + grace belongs to the window. Grace 0: same-instant arrivals share a window, nothing more. Lookahead
/// requires RoundView::next_arrival while workers are in flight, and its on_instant throws std::logic_error without.
/// Throws std::invalid_argument on a negative grace.
std::unique_ptr<RoundPolicy> make_grace_window(Duration grace, GraceMode mode);

}  // namespace sim
