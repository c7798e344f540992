#pragma once
#include <algorithm>
#include <functional>
#include <limits>
#include <optional>
#include <vector>

/// Max-min fair sharing as the textbook has it, flow by flow and link by link (Bertsekas & Gallager, Data Networks,
/// §6.5.2): the rates of all flows rise together, each by its weight; those that pass a full link stop. Slow and simple
/// on purpose: what SharedLinks is held against. Shares no code with it.
namespace reference {

inline constexpr double kForever = std::numeric_limits<double>::infinity();

struct Flow {
  std::vector<size_t> links;
  double start = 0;  ///< s, latency included
  double bytes = 0;
  double cancel = kForever;
  double weight = 1;
  std::optional<size_t> in_turn;  ///< one of the links, if it serves one flow after another, in order of their starts
};

inline std::vector<double> fair_rates(const std::vector<const Flow*>& flows, const std::vector<double>& capacities) {
  std::vector<double> rates(flows.size(), 0.0);
  std::vector<bool> stopped(flows.size(), false);
  for (;;) {
    std::vector<double> left = capacities;
    std::vector<double> rising(capacities.size(), 0.0);
    bool any = false;
    for (size_t f = 0; f < flows.size(); ++f)
      for (const size_t link : flows[f]->links) {
        left[link] -= rates[f];
        if (!stopped[f]) rising[link] += flows[f]->weight;
      }
    double rise = kForever;
    size_t full = 0;
    for (size_t link = 0; link < capacities.size(); ++link)
      if (rising[link] > 0 && std::max(0.0, left[link]) / rising[link] < rise) {
        rise = std::max(0.0, left[link]) / rising[link];
        full = link;
      }
    for (size_t f = 0; f < flows.size(); ++f) {
      if (stopped[f]) continue;
      any = true;
      rates[f] += rise * flows[f]->weight;
      const auto& links = flows[f]->links;
      stopped[f] = rise == kForever || std::find(links.begin(), links.end(), full) != links.end();
    }
    if (!any) return rates;
  }
}

/// When each flow ends, in seconds; kForever for one that is cancelled first. `capacity(link, t)` holds from t until
/// the next of `changes` (ascending).
inline std::vector<double> ends(const std::vector<Flow>& flows, size_t links,
                                const std::function<double(size_t, double)>& capacity, std::vector<double> changes) {
  std::vector<double> left(flows.size()), end(flows.size(), kForever);
  std::vector<bool> done(flows.size(), false);
  for (size_t f = 0; f < flows.size(); ++f) left[f] = flows[f].bytes;
  double now = 0.0;
  for (;;) {
    std::vector<const Flow*> active;
    std::vector<size_t> ids;
    double next = kForever;
    for (size_t f = 0; f < flows.size(); ++f) {
      if (done[f]) continue;
      if (flows[f].cancel <= now) {
        done[f] = true;
        continue;
      }
      next = std::min(next, flows[f].cancel);
      if (flows[f].start > now) {
        next = std::min(next, flows[f].start);
        continue;
      }
      active.push_back(&flows[f]);
      ids.push_back(f);
    }
    const auto before = [](const Flow* a, const Flow* b) {
      return a->start < b->start || (a->start == b->start && a < b);
    };
    const auto waits = [&](const Flow* flow) {
      return flow->in_turn && std::any_of(active.begin(), active.end(), [&](const Flow* other) {
               return other->in_turn == flow->in_turn && before(other, flow);
             });
    };
    std::vector<bool> waiting;
    for (const Flow* flow : active) waiting.push_back(waits(flow));
    size_t place = 0;
    std::erase_if(ids, [&](size_t) { return waiting[place++]; });
    place = 0;
    std::erase_if(active, [&](const Flow*) { return waiting[place++]; });
    for (const double change : changes)
      if (change > now) next = std::min(next, change);
    if (active.empty() && next == kForever) return end;
    std::vector<double> capacities(links);
    for (size_t link = 0; link < links; ++link) capacities[link] = capacity(link, now);
    const std::vector<double> rates = fair_rates(active, capacities);
    size_t first = active.size();
    for (size_t i = 0; i < active.size(); ++i)
      if (now + left[ids[i]] / rates[i] <= next) {
        next = now + left[ids[i]] / rates[i];
        first = i;
      }
    for (size_t i = 0; i < active.size(); ++i) left[ids[i]] -= rates[i] * (next - now);
    now = next;
    if (first < active.size()) {
      done[ids[first]] = true;
      end[ids[first]] = now;
    }
    if (std::all_of(done.begin(), done.end(), [](bool d) { return d; })) return end;
  }
}

}  // namespace reference
