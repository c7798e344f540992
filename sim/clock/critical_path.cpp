#include "sim/clock/critical_path.h"

#include <algorithm>
#include <cassert>
#include <map>
#include <tuple>
#include <utility>
#include <vector>

namespace sim {
namespace {

/// An instant at which the server did something, and whom it is followed back for.
struct Act {
  Time time;
  NodeId worker;
};

class PathFinder {
 public:
  PathFinder(const ClockLog& log, const ClockParts& parts)
      : log_(log),
        parts_(parts),
        gathers_(parts.network->gathers()),
        spans_of_(log.workers.size()),
        arrivals_of_(log.workers.size()) {
    for (const Span& span : log.spans) {
      spans_of_[static_cast<size_t>(span.worker)].push_back(&span);
      if (span.activity == Activity::down && leaves(span.worker)) departures_.emplace_back(span.begin, span.worker);
    }
    std::sort(departures_.begin(), departures_.end());
    for (const ArrivalRecord& arrival : log.arrivals)
      arrivals_of_[static_cast<size_t>(arrival.worker)].push_back(&arrival);
    for (const Arrivals& own : arrivals_of_)
      for (size_t i = 0; i < own.size(); ++i)
        released_.emplace_back(release(*own[i], i + 1 < own.size() ? dispatch_of(*own[i + 1]) : Time::max()), own[i]);
    std::sort(released_.begin(), released_.end(), [](const auto& a, const auto& b) {
      return std::pair(a.first, a.second) < std::pair(b.first, b.second);  // records lie in the order of the log
    });
  }

  CriticalPath find() && {
    const Time end = log_.final.time;
    Act act{log_.arrivals.empty() ? kTimeZero : log_.arrivals.back().time, kNobody};
    add(kNobody, PathCause::unfinished, act.time, end);
    while (act.time > kTimeZero) {
      const Act earlier = before(act, act.time == end);
      assert(earlier.time < act.time);
      if (earlier.time >= act.time) return {};
      act = earlier;
    }
    std::reverse(path_.stretches.begin(), path_.stretches.end());
    sum_up();
    return std::move(path_);
  }

 private:
  using Arrivals = std::vector<const ArrivalRecord*>;

  /// A worker's first span that ends at `at` or later.
  std::vector<const Span*>::const_iterator span_at(NodeId worker, Time at) const {
    const auto& spans = spans_of_[static_cast<size_t>(worker)];
    return std::lower_bound(spans.begin(), spans.end(), at, [](const Span* span, Time t) { return span->end < t; });
  }
  /// Where it never does, it is down while it starts again in the middle of a round.
  bool leaves(NodeId worker) const { return parts_.workers.availability[worker] != nullptr; }
  bool idle(const Span& span) const {
    return span.activity == Activity::wait || (span.activity == Activity::down && leaves(span.worker));
  }
  static Time dispatch_of(const ArrivalRecord& arrival) { return arrival.time - arrival.staleness; }

  /// When the worker was sent the next model, or was down and would have been; not after `latest`, from when its next
  /// message is. A round that takes no time leaves no span between two waits.
  Time release(const ArrivalRecord& arrival, Time latest) const {
    const auto& spans = spans_of_[static_cast<size_t>(arrival.worker)];
    Time at = arrival.served;
    for (auto span = span_at(arrival.worker, at); span != spans.end() && ((*span)->end == at || idle(**span)); ++span)
      at = (*span)->end;
    return std::min(at, latest);
  }

  /// When the message was there, as far as its worker had to do with it: on a ring, where all uploads end together,
  /// when its own began.
  Time ready(const ArrivalRecord& arrival) const {
    if (dispatch_of(arrival) == arrival.served) return arrival.served;
    const auto& spans = spans_of_[static_cast<size_t>(arrival.worker)];
    auto span = span_at(arrival.worker, arrival.served);
    while (span != spans.begin() && idle(**span)) --span;
    const bool uploads = gathers_ && (*span)->activity == Activity::upload;
    return std::min(arrival.served, uploads ? (*span)->begin : (*span)->end);
  }

  /// The messages that the server had when it acted; without those of models sent at that same instant, which act
  /// because of the others.
  Arrivals present_at(Time time, bool last) const {
    Arrivals present;
    const auto take = [&](const ArrivalRecord* arrival) {
      if (dispatch_of(*arrival) < time) present.push_back(arrival);
    };
    auto applied = std::lower_bound(log_.arrivals.begin(), log_.arrivals.end(), time,
                                    [](const ArrivalRecord& a, Time t) { return a.time < t; });
    for (; applied != log_.arrivals.end() && applied->time == time; ++applied) take(&*applied);
    if (last) return present;  // whoever waits at the end of the run was not sent anything then
    auto sent =
        std::lower_bound(released_.begin(), released_.end(), time, [](const auto& a, Time t) { return a.first < t; });
    for (; sent != released_.end() && sent->first == time; ++sent)
      if (sent->second->time != time) take(sent->second);
    return present;
  }

  /// The worker's last message before that time, or at it.
  const ArrivalRecord* last_of(NodeId worker, Time until) const {
    const Arrivals& own = arrivals_of_[static_cast<size_t>(worker)];
    const auto after =
        std::upper_bound(own.begin(), own.end(), until, [](Time t, const ArrivalRecord* a) { return t < a->time; });
    return after == own.begin() ? nullptr : *(after - 1);
  }

  void add(NodeId worker, PathCause cause, Time begin, Time end) {
    if (begin < end) path_.stretches.push_back({worker, cause, begin, end});
  }

  /// What the worker did from `to` to `from`, backwards.
  template <class CauseOf>
  void follow(NodeId worker, Time from, Time to, CauseOf cause_of) {
    for (auto span = span_at(worker, from); from > to; --span) {
      const PathCause cause = cause_of((*span)->activity);
      const Time begin = std::max(to, (*span)->begin);
      add(cause < PathCause::service ? worker : kNobody, cause, begin, from);
      from = begin;
    }
  }

  /// From when the model left for the worker until `from`, when the server had what came of it.
  Act through_message(const ArrivalRecord& arrival, Time from) {
    const Time dispatched = dispatch_of(arrival);
    follow(arrival.worker, from, dispatched, [](Activity activity) {
      return activity == Activity::compute    ? PathCause::compute
             : activity == Activity::down     ? PathCause::down
             : activity == Activity::upload   ? PathCause::upload
             : activity == Activity::download ? PathCause::download
                                              : PathCause::service;
    });
    if (dispatched == kTimeZero) return {dispatched, arrival.worker};
    const auto before = span_at(arrival.worker, dispatched);
    const bool none = before == spans_of_[static_cast<size_t>(arrival.worker)].end();  // its rounds take no time
    return !none && (*before)->activity == Activity::down && leaves(arrival.worker)
               ? through_absence(arrival.worker, dispatched)
               : Act{dispatched, arrival.worker};
  }

  /// From when the server was done with the worker's message before, through rounds that were lost and absences.
  Act through_absence(NodeId worker, Time from) {
    const ArrivalRecord* const before = last_of(worker, from);
    const Time to = before ? before->time : kTimeZero;
    follow(worker, from, to, [](Activity activity) {
      return activity == Activity::down   ? PathCause::down
             : activity == Activity::wait ? PathCause::policy
                                          : PathCause::lost;
    });
    return {to, worker};
  }

  Act before(Act act, bool last) {
    Arrivals present = present_at(act.time, last);
    if (present.empty() && last)
      present = present_at(act.time, false);  // the last message was sent at that instant too
    if (present.empty()) return through_absence(act.worker, act.time);
    Time served = kTimeZero;
    for (const ArrivalRecord* arrival : present) served = std::max(served, arrival->served);
    if (served == act.time) return through_message(last_among(present, act.worker), act.time);

    // Nothing came at that instant. Somebody left, and was waited for no longer?
    auto left = std::lower_bound(departures_.begin(), departures_.end(), std::pair(act.time, NodeId{0}));
    for (; left != departures_.end() && left->first == act.time; ++left) {
      const ArrivalRecord* const before = last_of(left->second, act.time);
      if (!before || before->time < act.time) return through_absence(left->second, act.time);
    }
    // A round's deadline, which runs from its beginning, …
    const bool round = std::any_of(present.begin(), present.end(), [&](auto* a) { return a->time == act.time; });
    if (round) {
      const Time begin = beginning_of_round(act.time);
      add(kNobody, PathCause::policy, begin, act.time);
      return {begin, kNobody};
    }
    // … or a window's, which runs from its first arrival.
    const ArrivalRecord& first =
        **std::min_element(present.begin(), present.end(), [](auto* a, auto* b) { return a->served < b->served; });
    add(kNobody, PathCause::policy, first.served, act.time);
    return through_message(first, first.served);
  }

  /// The last time before at which messages were taken that had waited, or any that were not dropped.
  Time beginning_of_round(Time closed) const {
    auto arrival = std::lower_bound(log_.arrivals.begin(), log_.arrivals.end(), closed,
                                    [](const ArrivalRecord& a, Time t) { return a.time < t; });
    while (arrival != log_.arrivals.begin())
      if (--arrival; !arrival->dropped || arrival->served < arrival->time) return arrival->time;
    return kTimeZero;
  }

  /// The last of them, and takes down how late it was. Of several at one instant `worker`'s own, else the first
  /// worker's.
  const ArrivalRecord& last_among(const Arrivals& present, NodeId worker) {
    const auto rank = [&](const ArrivalRecord* a) { return std::tuple(ready(*a), a->worker == worker, -a->worker); };
    const ArrivalRecord& last =
        **std::max_element(present.begin(), present.end(), [&](auto* a, auto* b) { return rank(a) < rank(b); });
    if (present.size() < 2) return last;
    Time second = kTimeZero;
    for (const ArrivalRecord* arrival : present)
      if (arrival != &last) second = std::max(second, ready(*arrival));
    ++path_.waits;
    if (const Duration late = ready(last) - second; late > Duration::zero()) {
      Lateness& sum = late_[last.worker];
      sum = {last.worker, sum.time + late, sum.waits + 1};
    }
    return last;
  }

  void sum_up() {
    std::map<std::pair<NodeId, PathCause>, Duration> shares;
    for (const PathStretch& stretch : path_.stretches)
      shares[{stretch.worker, stretch.cause}] += stretch.end - stretch.begin;
    for (const auto& [of, time] : shares) path_.shares.push_back({of.first, of.second, time});
    for (const auto& [worker, late] : late_) path_.late.push_back(late);
    const auto longest = [](const auto& a, const auto& b) { return a.time > b.time; };
    std::stable_sort(path_.shares.begin(), path_.shares.end(), longest);
    std::stable_sort(path_.late.begin(), path_.late.end(), longest);
  }

  const ClockLog& log_;
  const ClockParts& parts_;
  const bool gathers_;
  std::vector<std::vector<const Span*>> spans_of_;  // each worker's, in order
  std::vector<Arrivals> arrivals_of_;               // likewise
  std::vector<std::pair<Time, const ArrivalRecord*>> released_;
  std::vector<std::pair<Time, NodeId>> departures_;
  std::map<NodeId, Lateness> late_;
  CriticalPath path_;
};

}  // namespace

std::string path_untold(const ClockParts& parts) {
  if (parts.servers.size() > 1) return "a message to the root is of many workers, through their region's server";
  if (parts.overlap || parts.fragments.size() > 1 || parts.servers.front().policies.front()->asks())
    return "workers train on while their messages travel, and do not wait for one alone";
  return "";
}

CriticalPath critical_path(const ClockLog& log, const ClockParts& parts) {
  if (log.workers.empty() || !path_untold(parts).empty()) return {};
  return PathFinder(log, parts).find();
}

}  // namespace sim
