#include "experiments/validation/staleness.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <numeric>

#include "experiments/report/format.h"
#include "experiments/validation/settings_clock.h"

namespace experiments {
namespace {

constexpr int64_t kEvents = 20'000;

std::string text_of_paces(const std::vector<double>& paces) {
  std::string text;
  for (const double pace : paces) text += (text.empty() ? "" : ", ") + number_text(pace);
  return text;
}

sim::ClockLog arrivals_of(const std::vector<double>& paces, const Json& more = Json::object()) {
  Json workers = Json::array();
  for (const double pace : paces) workers.push_back(worker(pace));
  if (more.contains("workers")) workers = more["workers"];
  double start = 0;
  for (Json& entry : workers) {
    entry["availability"] = {{"kind", "scheduled"}, {"join_at_seconds", start}};
    start += 1e-6;
  }
  Json settings{{"workers", workers},
                {"policy", at_once()},
                {"local_steps", equal_steps(1)},
                {"stop", {{"server_updates", kEvents}}}};
  settings.update(more);
  settings["workers"] = workers;
  return clock_of(settings, true);
}

/// The mean over arrivals, of all workers or of one.
double mean_staleness(const sim::ClockLog& log, int worker = -1) {
  double sum = 0, count = 0;
  for (const sim::ArrivalRecord& a : log.arrivals)
    if (worker < 0 || a.worker == worker) {
      sum += static_cast<double>(a.staleness_updates);
      ++count;
    }
  return sum / count;
}

/// The mean, after every update, of how old the models are that the workers are training.
double mean_snapshot(const sim::ClockLog& log, size_t workers) {
  std::vector<int64_t> begun(workers, 0);
  double sum = 0;
  int64_t updates = 0;
  for (const sim::ArrivalRecord& a : log.arrivals) {
    begun[static_cast<size_t>(a.worker)] = ++updates;
    for (const int64_t b : begun) sum += static_cast<double>(updates - b);
  }
  return sum / static_cast<double>(updates) / static_cast<double>(workers);
}

}  // namespace

Validation staleness_identities() {
  Validation made{
      .title = "Staleness",
      .source = "identities (derived; k = 4 measured by an independent run on GPUs, secondary)",
      .set_up =
          "Every arrival is an update and is answered at once; 20,000 updates from the start. Our server decides on "
          "all arrivals of an instant together, so the workers start a microsecond apart, which makes ties follow "
          "the order of the workers. The mean over arrivals is what our reports show. The snapshot is another mean: "
          "after every update, over the workers, how old the model is that each trains; it depends on the order of "
          "ties.",
      .fitted = {},
      .rules = {},
      .tables = {{{"seconds per step", "k − 1", "over arrivals, derived", "ours", "snapshot, derived", "ours"}, {}}},
      .charts = {}};
  struct Case {
    std::vector<double> paces;
    double arrivals, snapshot;
  };
  double off = 0, off_snapshot = 0;
  for (const Case& c : {Case{{1, 1, 1, 1}, 3.000, 1.500}, Case{{1, 6, 6, 6, 6}, 3.999, 3.800},
                        Case{{1, 15, 15, 15, 15}, 3.997, 7.304}, Case{{0.58, 0.75, 1.51, 3.33}, 3.000, 2.672}}) {
    const sim::ClockLog log = arrivals_of(c.paces);
    const auto others = static_cast<double>(c.paces.size() - 1);
    const double mean = mean_staleness(log), snapshot = mean_snapshot(log, c.paces.size());
    off = std::max(off, std::abs(mean - others));
    off_snapshot = std::max(off_snapshot, std::abs(snapshot - c.snapshot));
    made.tables[0].rows.push_back({text_of_paces(c.paces), fixed(others, 0), fixed(c.arrivals, 3), fixed(mean, 3),
                                   fixed(c.snapshot, 3), fixed(snapshot, 3)});
  }
  made.rules.push_back(
      {"over arrivals it is k − 1 at any speeds, within 0.01", "at most " + fixed(off, 4) + " off", off <= 0.01});
  made.rules.push_back({"the snapshots are the derived ones, within 0.001",
                        "at most " + fixed(off_snapshot, 4) + " off", off_snapshot <= 0.001});
  {
    Json workers = Json::array();
    for (const auto& [pace, latency] : {std::pair{1.0, 0.3}, {1.7, 2.0}, {0.4, 0.0}, {5.0, 1.1}, {2.2, 0.7}})
      workers.push_back(worker(pace, 0, latency));
    const double mean =
        mean_staleness(arrivals_of({1}, {{"workers", workers}, {"local_steps", {{"kind", "dynamic"}, {"steps", 20}}}}));
    made.rules.push_back({"whatever the transfers and local steps: five workers, 4 within 0.01", fixed(mean, 4),
                          std::abs(mean - 4) <= 0.01});
  }
  {
    const sim::ClockLog log = arrivals_of({1, 15, 15, 15, 15});
    const double fast = mean_staleness(log, 0), slow = mean_staleness(log, 1);
    made.rules.push_back({"a worker's own is the others' rounds per round of its: 0.27 within 1 %, 18 within 0.5",
                          fixed(fast, 4) + " and " + fixed(slow, 3),
                          std::abs(fast / (4.0 / 15) - 1) <= 0.01 && std::abs(slow - 18) <= 0.5});
  }
  {
    const double mean = mean_staleness(arrivals_of({0.58, 0.75, 1.51, 3.33, 1.2, 2.1, 0.9, 1.1, 1.9},
                                                   {{"outer", {{"kind", "buffered-nesterov"}, {"period", 4}}}}));
    made.rules.push_back({"with a buffer of B = 4 and k = 9 it is (k − 1) / B = 2, within 0.01", fixed(mean, 4),
                          std::abs(mean - 2) <= 0.01});
  }
  {
    const sim::ClockLog log =
        arrivals_of({1, 4, 6, 15, 15}, {{"corrections", {{{"kind", "threshold"}, {"staleness", 9}}}}});
    int64_t most = 0;
    for (const sim::ArrivalRecord& a : log.arrivals)
      if (!a.dropped) most = std::max(most, a.staleness_updates);
    made.rules.push_back({"what a threshold of R − 1 = 9 lets through is staler than none (Ringmaster)",
                          "at most " + std::to_string(most), most <= 9});
  }
  return made;
}

}  // namespace experiments
