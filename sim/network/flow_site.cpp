#include "sim/network/flow_site.h"

#include <algorithm>
#include <cassert>
#include <cmath>
#include <limits>

namespace sim {
namespace {

/// Clocks start anew after this many of the largest flows, so that differences keep 46 bits of a flow's bytes.
constexpr double kFlowsAClock = 64.0;

inline Time end_after(Time from, double bytes, double bytes_per_second) {
  if (!(bytes > 0.0)) return from;
  const double seconds = bytes / bytes_per_second;
  if (!(seconds <= kMaxSeconds)) return Time::max();
  const double ns = seconds * 1e9;
  // Below 2^52 adding a half and cutting off rounds to nearest, and costs a tenth of llround.
  // NOLINTNEXTLINE(bugprone-incorrect-roundings)
  return advance(from, Duration{ns < 0x1p52 ? static_cast<Duration::rep>(ns + 0.5) : std::llround(ns)});
}

std::vector<double> caps_of(const std::vector<FlowKind>& kinds) {
  std::vector<double> caps(kinds.size());
  std::transform(kinds.begin(), kinds.end(), caps.begin(), [](const FlowKind& kind) { return kind.cap; });
  return caps;
}

template <class T>
bool differ(const std::vector<FlowKind>& kinds, T FlowKind::*member) {
  return std::any_of(kinds.begin(), kinds.end(), [&](const FlowKind& k) { return k.*member != FlowKind{}.*member; });
}

}  // namespace

FlowSite::FlowSite(const std::vector<FlowKind>& kinds, const LargeVector<FlowState>& messages)
    : messages_(messages),
      demand_(caps_of(kinds)),
      weighted_(differ(kinds, &FlowKind::weight)),
      changes_(differ(kinds, &FlowKind::changes)),
      finite_caps_(static_cast<size_t>(std::find(demand_.caps().begin(), demand_.caps().end(), kInfinity) -
                                       demand_.caps().begin())),
      level_(kInfinity),
      capped_lanes_(finite_caps_),
      clock_ends_(kinds.size()),
      time_ends_(kinds.size()) {
  lanes_.reserve(kinds.size());
  for (const FlowKind& kind : kinds) lanes_.emplace_back(kind.cap);
  for (const FlowKind& kind : kinds) {
    if (weighted_) weights_.push_back(kind.weight);
    if (!changes_) continue;
    now_in_.push_back(static_cast<uint32_t>(changing_.size()));
    changing_.push_back(kind.changes);
  }
}

size_t FlowSite::lane(const FlowKind& kind) const {
  const auto caps = demand_.caps();
  auto i = static_cast<size_t>(std::lower_bound(caps.begin(), caps.end(), kind.cap) - caps.begin());
  while (weight(i) != kind.weight || (changes_ && changing_[i] != kind.changes)) ++i;
  return i;
}

/// The lane of the new value takes over everything of the old one's, which is empty then.
void FlowSite::change_cap(size_t lane, double cap, Time now) {
  settle(now);
  const size_t from = here(lane), to = this->lane({cap, weight(lane), changing_[lane]});
  now_in_[lane] = static_cast<uint32_t>(to);
  if (from == to || lanes_[from].flows == 0) return;
  Lane &old = lanes_[from], &changed = lanes_[to];
  const double bytes = sent(old, capped(from), now);
  std::swap(old.targets, changed.targets);
  std::swap(old.flows, changed.flows);
  changed.largest = std::max(changed.largest, old.largest);
  set_sent(changed, capped(to), bytes, now);
  tell_demand(from, old);
  tell_demand(to, changed);
  (capped(from) ? time_ends_.set(static_cast<uint32_t>(from), time_ends_.kNever)
                : clock_ends_.set(static_cast<uint32_t>(from), clock_ends_.kNever));
  schedule(to);
}

FlowSite::Demand FlowSite::demand(double level) const {
  const size_t capped = lanes_capped_at(level);
  const DemandTree::Sum below = demand_.below(capped);
  return {below.caps, rising_above(capped, below.weight)};
}

/// As SharedLinks::water_level, where that is explained. A step depends on nothing but which lanes the level caps, so
/// it is not repeated for the same ones.
double FlowSite::filling_level(double left, double guess) const {
  if (weight() == 0.0 || unlimited_demand() <= left) return kInfinity;
  const double fair = left / weight();  // never above the root
  const auto newton_step = [&](size_t capped) {
    if (capped == 0) return fair;
    const DemandTree::Sum below = demand_.below(capped);
    const double rising = rising_above(capped, below.weight);
    return rising > 0.0 ? (left - below.caps) / rising : -1.0;
  };
  size_t capped = lanes_capped_at(guess);
  double next = newton_step(capped), level = std::max(fair, next);
  for (;;) {
    if (const size_t now_capped = lanes_capped_at(level); now_capped != capped) next = newton_step(capped = now_capped);
    if (!(next > level)) return level;
    level = next;
  }
}

// --- clocks ---

void FlowSite::settle(Time now) {
  assert(now >= now_);
  if (clock_ends_.top_key() == kInfinity)
    clock_ = 0.0;  // nobody looks at it
  else if (now > now_)
    clock_ += level_ * to_seconds(now - now_);
  now_ = now;
  if (clock_ > kFlowsAClock * largest_) restart_clock();
}

void FlowSite::restart_clock() {
  clock_ends_.lower_keys(clock_, [this](uint32_t lane) { lanes_[lane].mark -= clock_; });
  clock_ = 0.0;
}

/// Precondition: settled at `now`.
double FlowSite::sent(const Lane& lane, bool capped, Time now) const {
  return lane.sent + (capped ? lane.cap * to_seconds(now - lane.since) : clock_ - lane.mark);
}

void FlowSite::set_sent(Lane& lane, bool capped, double sent, Time now) {
  lane.sent = sent;
  if (capped)
    lane.since = now;
  else
    lane.mark = clock_;
}

/// Puts the lane's first end where it belongs.
void FlowSite::schedule(size_t i) {
  const Lane& lane = lanes_[i];
  const auto id = static_cast<uint32_t>(i);
  const double left = lane.flows == 0 ? kInfinity : lane.targets.front().key - lane.sent;
  if (capped(i))
    time_ends_.set(id, end_after(lane.since, left, lane.cap).time_since_epoch().count());
  else
    clock_ends_.set(id, lane.mark + left);
}

void FlowSite::drop_stale(Lane& lane) {
  if (lane.targets.size() == static_cast<size_t>(lane.flows)) return;  // none; looking each up costs a cache miss
  const auto stale = [this](const Target& t) {
    return messages_[static_cast<size_t>(t.message)].generation != t.generation;
  };
  while (!lane.targets.empty() && stale(lane.targets.front())) lane.targets.pop();
  if (lane.targets.size() > 2 * static_cast<size_t>(lane.flows) + 64) lane.targets.remove_if(stale);
}

// --- flows ---

void FlowSite::enter(size_t i, FlowId flow, double bytes, Time now) {
  settle(now);
  if (weighted_) bytes /= weights_[i];
  i = here(i);
  Lane& lane = lanes_[i];
  const bool capped = this->capped(i);
  if (lane.flows == 0) set_sent(lane, capped, 0.0, now);
  lane.largest = std::max(lane.largest, bytes);
  largest_ = std::max(largest_, bytes);
  double before = sent(lane, capped, now);
  if (before > kFlowsAClock * lane.largest) {
    lane.targets.lower_keys(before);
    set_sent(lane, capped, before = 0.0, now);
  }
  lane.targets.push({before + bytes, flow.message, flow.generation});
  ++lane.flows;
  tell_demand(i, lane);
  schedule(i);
}

void FlowSite::leave(size_t i, Time now) {
  settle(now);
  i = here(i);
  Lane& lane = lanes_[i];
  --lane.flows;
  tell_demand(i, lane);
  drop_stale(lane);
  schedule(i);
}

void FlowSite::set_level(double level, Time now) {
  settle(now);
  const size_t before = capped_lanes_, after = lanes_capped_at(level);
  level_ = level;
  capped_lanes_ = after;
  for (size_t i = std::min(before, after); i < std::max(before, after); ++i) {
    Lane& lane = lanes_[i];
    if (lane.flows == 0) continue;
    const bool was_capped = i < before;
    set_sent(lane, !was_capped, sent(lane, was_capped, now), now);
    if (was_capped)
      time_ends_.set(static_cast<uint32_t>(i), time_ends_.kNever);
    else
      clock_ends_.set(static_cast<uint32_t>(i), clock_ends_.kNever);
    schedule(i);
  }
  if (before == after || !many()) return;
  for (size_t i = std::max<size_t>(after, 4) - 4; i < std::min(after + 5, lanes_.size()); ++i)
    __builtin_prefetch(&lanes_[i], 1);  // the next to change sides
}

Time FlowSite::clock_end(double mark) const { return end_after(now_, mark - clock_, level_); }

Time FlowSite::next_end() {
  const Time capped_end{Duration{time_ends_.top_key()}};
  const double mark = clock_ends_.top_key();
  const Time end = mark == kInfinity ? capped_end : std::min(capped_end, clock_end(mark));
  if (!many()) return end;
  const bool by_time = end == capped_end;
  if (const size_t lane = by_time ? time_ends_.top() : clock_ends_.top(); lane != next_lane_) {
    next_lane_ = lane;
    fetch(lane);
  } else if (lanes_[lane].flows == 1) {
    soon_ = lanes_[lane].targets.front().message;
  }
  return end;
}

/// Whether clock_end(mark) is not after now_; mostly without its division.
bool FlowSite::clock_ended(double mark) const {
  constexpr double kSurelyLater = 1e-9;  // s, twice what is rounded to no time at all
  return !(mark - clock_ > kSurelyLater * level_) && clock_end(mark) <= now_;
}

void FlowSite::take_ended(Time now, std::vector<MessageId>& ended) {
  settle(now);
  const auto take = [&](size_t i) {
    Lane& lane = lanes_[i];
    ended.push_back(lane.targets.front().message);
    lane.targets.pop();
    if (const Target* soon = lane.targets.soon()) {
      soon_ = soon->message;
      __builtin_prefetch(&messages_[static_cast<size_t>(soon_)], 1);
    }
    --lane.flows;
    tell_demand(i, lane);
    drop_stale(lane);
    schedule(i);
  };
  while (time_ends_.top_key() <= now.time_since_epoch().count()) take(time_ends_.top());
  while (clock_ended(clock_ends_.top_key())) take(clock_ends_.top());
}

}  // namespace sim
