#include "experiments/validation/injected_faults.h"

#include <cmath>
#include <functional>

#include "experiments/config/experiment_config.h"
#include "experiments/report/format.h"
#include "experiments/run/what_if.h"
#include "experiments/validation/settings_clock.h"

namespace experiments {
namespace {

/// Eight workers at a barrier, 20 rounds of 10 steps of 1 s that vary by 6 %, messages of 4 MB; the last one stands by
/// itself, to be made faulty.
Json cluster(double bytes_per_second) {
  Json most = worker(1, bytes_per_second, 0, 7), last = worker(1, bytes_per_second);
  most["jitter"] = last["jitter"] = {{"kind", "lognormal"}, {"sigma", 0.06}};
  return {{"workers", {most, last}},
          {"policy", barrier()},
          {"local_steps", equal_steps(10)},
          {"stand_in", stand_in(4e6)},
          {"stop", {{"server_updates", 20}}}};
}

double seconds_of(const RunConfig& run) { return sim::to_seconds(clock_of_run(run).final.time); }

/// The run's time over what it would be if nobody had waited for the one who was waited for most.
double by_path(const RunConfig& run) {
  const sim::ClockLog log = clock_of_run(run, true);
  const double all = sim::to_seconds(log.final.time);
  return log.path.late.empty() ? 1.0 : all / (all - sim::to_seconds(log.path.late.front().time));
}

}  // namespace

Validation injected_faults() {
  Validation made{
      .title = "Faults put in, and found again",
      .source =
          "The form: Lin et al. 2025, arXiv 2505.05713, OSDI (their estimates: secondary; their simulator's own error "
          "on real traces 1.3 % in the median, 5.5 % at the 90th percentile)",
      .set_up =
          "Eight workers at a barrier, 20 rounds of 10 steps of 1 s that vary by 6 %, messages of 4 MB; one fault. "
          "Put in: the run's time over that of the same run without the fault, which the other two do not know. What "
          "if: over the time of the faulty run with that one thing otherwise (`--what-if`: the slowest worker at the "
          "others' median speed, the slowest link at their median, twice the bandwidth, no failures). By the path: "
          "over the time without the waits for the worker that the critical path names; it tells of one worker, so "
          "not of what slows all.",
      .fitted = {},
      .rules = {},
      .tables = {{{"fault", "put in", "what if", "by the path", "theirs"}, {}}},
      .charts = {}};
  double off = 0, off_path = 0;
  const auto row = [&](const std::string& fault, const Json& healthy, const Json& faulty, bool one,
                       const std::string& theirs,
                       const std::function<std::optional<RunConfig>(const RunConfig&)>& without) {
    const RunConfig run = run_of(faulty);
    const double is = seconds_of(run), put_in = is / seconds_of(run_of(healthy));
    const std::optional<RunConfig> other = without(run);
    const double found = other ? is / seconds_of(*other) : 1.0, path = one ? by_path(run) : 0.0;
    off = std::max(off, std::abs(found / put_in - 1));
    if (one) off_path = std::max(off_path, std::abs(path / put_in - 1));
    made.tables[0].rows.push_back({fault, fixed(put_in, 3), fixed(found, 3), one ? fixed(path, 3) : "–", theirs});
  };
  const auto slowest_at_median = [](const RunConfig& run) { return with_median_speed(run, slowest_worker(run)); };
  for (const auto& [factor, theirs] : {std::pair{1.16, "1.21"}, {1.40, "1.42"}, {2.03, "1.98"}}) {
    Json faulty = cluster(0);
    faulty["workers"][1]["speed"]["seconds_per_step"] = factor;
    row("a worker " + fixed(factor, 2) + " times as slow", cluster(0), faulty, true, theirs, slowest_at_median);
  }
  Json faulty = cluster(1e6);
  faulty["workers"][1]["upload"]["bytes_per_second"] = faulty["workers"][1]["download"]["bytes_per_second"] = 0.5e6;
  row("a worker's link halved", cluster(1e6), faulty, true, "–",
      [](const RunConfig& run) { return with_median_link(run, slowest_link(run)); });
  row("all links halved", cluster(1e6), cluster(0.5e6), false, "–",
      [](const RunConfig& run) { return with_bandwidth(run, 2); });
  faulty = cluster(0);
  faulty["workers"][0]["failures"] = {{"mean_seconds_between", 400}, {"restart_seconds", 30}};
  row("failures", cluster(0), faulty, false, "–", without_failures);
  made.rules.push_back(
      {"what if gives back what was put in, within 2 %", fixed(100 * off, 2) + " % off at most", off <= 0.02});
  made.rules.push_back(
      {"so does the path, for one worker's fault", fixed(100 * off_path, 2) + " % off at most", off_path <= 0.02});
  return made;
}

}  // namespace experiments
