#include "experiments/import/presence.h"

#include <algorithm>
#include <cmath>

#include "experiments/report/format.h"
#include "sim/units.h"

namespace experiments {
namespace {

/// The same again and again until `until`.
void repeat(Presence& p, double until) {
  for (Presence::Worker& w : p.workers) {
    const std::vector<double> once = w.switches;
    const bool turned = once.size() % 2 == 1;  // it ends in the other state than it begins in
    for (double begin = p.span; begin < until; begin += p.span) {
      if (turned) w.switches.push_back(begin);
      for (const double t : once)
        if (begin + t < until) w.switches.push_back(begin + t);
    }
  }
  p.span = until;
}

}  // namespace

PresenceNumbers numbers_of(const Presence& p) {
  PresenceNumbers n;
  double up = 0.0;
  size_t periods = 0;
  for (const Presence::Worker& w : p.workers) {
    bool there = w.up_at_start;
    double since = 0.0;
    periods += there;
    for (const double t : w.switches) {
      if (there) up += t - since;
      n.drops += there;
      there = !there;
      periods += there;
      since = t;
    }
    if (there) up += p.span - since;
  }
  if (p.span > 0 && !p.workers.empty()) n.up_share = up / (p.span * static_cast<double>(p.workers.size()));
  if (periods > 0) n.mean_up_seconds = up / static_cast<double>(periods);
  return n;
}

Presence presence_of_counts(const std::vector<std::pair<double, int64_t>>& counts, double span) {
  Presence p;
  p.span = span;
  int64_t most = 0;
  for (const auto& [time, count] : counts) most = std::max(most, count);
  p.workers.resize(static_cast<size_t>(most));
  std::vector<bool> there(p.workers.size());
  for (size_t i = 0; i < counts.size(); ++i) {
    const auto [time, count] = counts[i];
    if (i + 1 < counts.size() && counts[i + 1].first == time) continue;
    for (size_t w = 0; w < p.workers.size(); ++w) {
      const bool up = static_cast<int64_t>(w) < count;
      if (time == 0.0)
        p.workers[w].up_at_start = up;
      else if (up != there[w])
        p.workers[w].switches.push_back(time);
      there[w] = up;
    }
  }
  return p;
}

Imported& add_presence(Imported& made, const ImportFiles& files, const std::vector<Presence>& each,
                       const ImportOptions& options) {
  Presence p;
  made.cluster["workers"] = Json::array();
  for (const Presence& one : each) {
    if (one.workers.empty())
      throw InvalidConfig(files[0].string(), {{"", "nobody is ever there; at least one is needed"}});
    p.workers.insert(p.workers.end(), one.workers.begin(), one.workers.end());
    p.span = std::max(p.span, one.span);
    made.cluster["workers"].push_back({{"count", one.workers.size()}, {"speed", assumed_speed(options)}});
  }
  if (p.span == 0.0)
    throw InvalidConfig(files[0].string(), {{"", "takes no time; allowed: rows at two times at least"}});
  if (std::any_of(each.begin(), each.end(), [&](const Presence& one) { return one.span < p.span; }))
    made.notes.push_back("files of different spans: whoever's ends earlier stays as it is");
  if (each.size() > 1) name_workers(made, stems_of(files));
  const PresenceNumbers n = numbers_of(p);
  made.notes.push_back(counted(p.workers.size(), "worker") + " over " + number_text(p.span) + " s (" +
                       duration_text(p.span) + "): up-share " + fixed(n.up_share, 3) + ", mean time up " +
                       duration_text(n.mean_up_seconds) + " with the ends cut off, " + counted(n.drops, "drop"));
  const bool repeats = after_of(made, options, {"hold", "repeat"}) == "repeat";
  if (repeats != options.until.has_value())
    throw InvalidConfig("--until", {{"", "goes with --after repeat: until when it is written out, in seconds"}});
  if (repeats) repeat(p, *options.until);
  std::vector<std::pair<double, size_t>> changes;  // of whom
  std::vector<bool> up;
  std::string csv = "time,worker,state\n";
  const auto row = [&](double time, size_t w) {
    csv += number_text(time) + "," + std::to_string(w) + "," + (up[w] ? "up" : "down") + "\n";
  };
  for (size_t w = 0; w < p.workers.size(); ++w) {
    up.push_back(p.workers[w].up_at_start);
    row(0.0, w);
    for (const double t : p.workers[w].switches) changes.emplace_back(t, w);
  }
  std::sort(changes.begin(), changes.end());
  for (const auto& [time, w] : changes) {
    up[w] = !up[w];
    row(time, w);
  }
  made.files["availability.csv"] = csv;
  made.cluster["availability_trace"] = "availability.csv";
  made.notes.push_back(assumed_speed_text(options));
  return made;
}

}  // namespace experiments
