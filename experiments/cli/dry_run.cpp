#include "experiments/cli/dry_run.h"

#include <algorithm>
#include <cmath>
#include <cstdio>

#include "experiments/cli/interrupt.h"
#include "experiments/cli/options.h"
#include "experiments/cli/understood.h"
#include "experiments/config/experiment_config.h"
#include "experiments/report/ending_notes.h"
#include "experiments/report/format.h"
#include "experiments/report/outcome.h"
#include "experiments/report/path_text.h"
#include "experiments/report/process.h"
#include "experiments/run/build.h"
#include "experiments/run/what_if.h"
#include "sim/clock/critical_path.h"

namespace experiments {
namespace {

template <class... Values>
std::string print(const char* format, Values... values) {
  char line[512];
  std::snprintf(line, sizeof line, format, values...);
  return line;
}

double share(const RunLog& log, Activity activity) {
  double all = 0.0;
  for (const double seconds : log.activity_seconds) all += seconds;
  return all > 0.0 ? 100.0 * log.activity_seconds[static_cast<size_t>(activity)] / all : 0.0;
}

std::string seconds_of(int64_t nanoseconds) { return print("%.4g", static_cast<double>(nanoseconds) / 1e9); }

std::string row_of(const MethodConfig& method, const RunLog& log, int width) {
  const double seconds = sim::to_seconds(log.final.time);
  return print("%-*s  %14.3f  %9lld  %11lld  %13lld  %11.4g  %9.3f  %9.3f\n", width, method.name.c_str(), seconds,
               static_cast<long long>(log.final.server_updates), static_cast<long long>(log.final.local_steps),
               static_cast<long long>(log.final.tokens),
               seconds > 0 ? static_cast<double>(log.final.tokens) / seconds : 0.0,
               static_cast<double>(log.final.bytes_up) / 1e9, static_cast<double>(log.final.bytes_down) / 1e9);
}

std::string time_row_of(const MethodConfig& method, const RunLog& log, int width) {
  std::string row = print("%-*s ", width, method.name.c_str());
  for (const Activity a : {Activity::compute, Activity::upload, Activity::download, Activity::wait, Activity::down})
    row += print(" %7.1f%%", share(log, a));
  return row + print("  %11lld  %11lld  %11lld\n", static_cast<long long>(log.dropped_steps),
                     static_cast<long long>(log.crashed_steps),
                     static_cast<long long>(log.lost_steps - log.dropped_steps - log.crashed_steps));
}

/// Of a run without prices nothing.
std::string cost_rows_of(const std::vector<RunLog>& logs, int width) {
  std::string rows;
  for (const Currency& currency : kCurrencies)
    for (const RunLog& log : logs)
      if (const double spent = log.final.*currency.spent; std::isfinite(spent))
        rows += print("%-*s  %14.4f %s; for a million tokens %.4g\n", width, log.method.c_str(), spent, currency.name,
                      1e6 * spent / static_cast<double>(log.final.tokens));
  return rows.empty() ? "" : "\ncost\n" + rows;
}

std::string staleness_row_of(const MethodConfig& method, const RunLog& log, int width) {
  const Distribution &u = log.staleness_updates, &s = log.staleness_ns;
  std::string row = print("%-*s  %9.2f", width, method.name.c_str(), u.mean().value_or(0.0));
  for (const double q : {0.5, 0.9, 0.99}) row += print(" %7lld", static_cast<long long>(u.quantile(q)));
  row += print(" %7lld  %9.4g", static_cast<long long>(u.most()), s.mean().value_or(0.0) / 1e9);
  for (const double q : {0.5, 0.9, 0.99}) row += print(" %8s", seconds_of(s.quantile(q)).c_str());
  return row + print(" %8s\n", seconds_of(s.most()).c_str());
}

/// The clock again with its records; those of more arrivals take more memory than a dry run should.
constexpr int64_t kMostFollowed = 200'000;
struct Followed {
  sim::ClockLog log;    ///< with records, or the totals
  std::string why_not;  ///< its path is not told
};

Followed follow(const MethodConfig& method, uint64_t seed, const sim::ClockLog& totals) {
  if (std::max(totals.staleness_updates.count(), method.run.worker_count()) > kMostFollowed)
    return {totals, "not followed: more than " + std::to_string(kMostFollowed) + " workers or arrivals"};
  sim::ClockParts parts = build_clock(method.run, seed);
  const std::string reason = sim::path_untold(parts);
  return {sim::run_clock(parts, {.tick = check_interrupt}), reason.empty() ? "" : "not told: " + reason};
}

std::string path_rows_of(const MethodConfig& method, Followed followed, int width) {
  RunLog log = joined(std::move(followed.log), {});
  log.names = worker_names(method.run);
  const std::string first = followed.why_not.empty() ? path_text(log) : followed.why_not, second = late_text(log);
  return print("%-*s  ", width, method.name.c_str()) + first + "\n" +
         (second.empty() ? "" : std::string(static_cast<size_t>(width) + 2, ' ') + second + "\n");
}

/// How much more (or, below 0, less) `now` is than `before`, in percent.
std::string change_text(double now, double before) { return print("%+9.1f%%", 100.0 * (now / before - 1.0)); }

std::string what_if_table(const MethodConfig& method, uint64_t seed, const std::string& file) {
  const int64_t workers = method.run.worker_count();
  if (workers > kMostWhatIfWorkers)
    throw UsageError("--what-if: " + std::to_string(workers) + " workers; allowed: up to " +
                     std::to_string(kMostWhatIfWorkers));
  const std::vector<WhatIf> others = what_ifs(method.run);
  size_t width = std::max<size_t>(display_width(method.name), 30);
  for (const WhatIf& other : others) width = std::max(width, other.change.size() + 2);
  const sim::ClockLog as_is = clock_of(method, seed, file);
  // A run that its time ends is as long as it was, but gets elsewhere.
  const auto& limit = method.run.stop.simulated_seconds;
  const bool by_time = limit && as_is.final.time - sim::kTimeZero == sim::from_seconds(*limit);
  const auto measure = [&](const sim::ClockLog& log) {
    return by_time ? static_cast<double>(log.final.local_steps) : sim::to_seconds(log.final.time);
  };
  const auto row = [&](const std::string& name, const sim::ClockLog& log) {
    return left_in(name, width) + print(by_time ? "  %14.0f" : "  %14.3f", measure(log));
  };
  std::string text = "\n" + left_in("what if", width) + (by_time ? "     local steps" : "     simulated s") +
                     "      change\n" + row(method.name, as_is) + "\n";
  for (const WhatIf& other : others) {
    const sim::ClockLog log = clock_of({method.name, other.run}, seed, file, method.name + ", " + other.change);
    text += row("  " + other.change, log) + "  " + change_text(measure(log), measure(as_is)) +
            (log.out_of_workers && !as_is.out_of_workers ? "  out of workers" : "") + "\n";
  }
  return text;
}

}  // namespace

std::string what_if_tables(const ExperimentConfig& experiment, const std::string& file) {
  std::string text;
  for (const MethodConfig& method : experiment.methods) text += what_if_table(method, experiment.seeds.at(0), file);
  return text;
}

std::string dry_run(const ExperimentConfig& experiment, const std::string& file) {
  int width = 11;
  for (const MethodConfig& method : experiment.methods) width = std::max(width, static_cast<int>(method.name.size()));
  std::string totals = print("%-*s  %14s  %9s  %11s  %13s  %11s  %9s  %9s\n", width, "method", "simulated s", "updates",
                             "local steps", "tokens", "tokens/s", "GB up", "GB down");
  std::string times = print("\n%-*s  %8s %8s %8s %8s %8s  %11s  %11s  %11s\n", width, "utilisation", "compute",
                            "upload", "download", "wait", "down", "dropped", "crashed", "unfinished");
  std::string staleness = print("\n%-*s  %9s %7s %7s %7s %7s  %9s %8s %8s %8s %8s\n", width, "staleness", "updates",
                                "median", "90 %", "99 %", "most", "seconds", "median", "90 %", "99 %", "most");
  std::string paths = "\ncritical path\n", notes;
  std::vector<RunLog> logs;
  std::vector<Understood> understood;
  for (const MethodConfig& method : experiment.methods) {
    RunLog& log = logs.emplace_back(joined(clock_of(method, experiment.seeds.at(0), file), {}));
    log.method = method.name;
    log.names = worker_names(method.run);
    totals += row_of(method, log, width);
    times += time_row_of(method, log, width);
    staleness += staleness_row_of(method, log, width);
    Followed followed = follow(method, experiment.seeds.at(0), log);
    understood.push_back(understand(experiment, method, followed.log));
    paths += path_rows_of(method, std::move(followed), width);
  }
  for (const std::string& note : ending_notes(by_method(logs))) notes += "Note: " + note + ".\n";
  const RunConfig& first = experiment.methods.at(0).run;
  return understood_text(understood, file) + "\n" + totals + cost_rows_of(logs, width) + times + staleness + paths +
         "\n" + notes + std::to_string(parameter_count(first)) + " parameters, " +
         std::to_string(first.worker_count()) +
         " workers; timing only, nothing was trained. Shares are of all workers' time; dropped, crashed and "
         "unfinished are local steps never applied.\nStaleness: server updates and seconds between a "
         "worker's dispatch and its arrival (mean first). The critical path is what the end waited for, followed back; "
         "the cost is the last arrival − the one "
         "before, over all waits. How long training takes on this machine: straggle bench " +
         shell_word(file) + "\n";
}

}  // namespace experiments
