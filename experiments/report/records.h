#pragma once
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "experiments/config/json_reader.h"
#include "experiments/report/outcome.h"
#include "experiments/report/summary.h"
#include "experiments/run/run_log.h"

/// What stands in the files of a results directory, each record described once. Their writers, the strict reader and
/// the tables of docs/results.md are visitors over these descriptions; an empty meaning is that of the key before.
///   field(key, value, unit, meaning)   is written and read back; a time's key ends with its unit
///   later(…)                           the same, but older versions wrote none; not written where it is not finite
///   derived(key, make, …)              make() is written; who reads works it out again
///   part(record), derived(make)        the keys of a record that has a table of its own
namespace experiments {

template <class V>
void fields(V& v, Counters& c) {
  v.field("server_updates", c.server_updates, "", "updates of the server's model so far");
  v.field("local_steps", c.local_steps, "",
          "inner steps of the updates applied so far, all workers, and of those dropped for their staleness");
  v.field("tokens", c.tokens, "tokens", "trained on in those steps");
  v.field("simulated_seconds", c.time, "s", "the simulated clock");
  v.field("bytes_up", c.bytes_up, "bytes", "sent so far to and from the server, all workers");
  v.field("bytes_down", c.bytes_down, "bytes", "");
  v.later("usd", c.usd, "$", "spent so far, for time and traffic; only where the file gives prices");
  v.later("kwh", c.kwh, "kWh", "used so far; only where the file gives watts");
}

using ByName = std::vector<std::pair<std::string, double>>;

/// What an evaluation measured.
struct Losses {
  double loss = 0;
  ByName domain_loss;
  double bytes_per_token = 1;
};
template <class V>
void fields(V& v, Losses& c) {
  v.field("loss", c.loss, "nats / token", "mean over all validation windows");
  v.derived(
      "perplexity", [&] { return perplexity(c.loss); }, "", "exp(loss)");
  v.derived(
      "bits_per_byte", [&] { return bits_per_byte(c.loss, c.bytes_per_token); }, "bits / byte",
      "loss / ln 2 / `bytes_per_token` (a classifier: bits a label)");
  v.field("domain_loss", c.domain_loss, "nats / token",
          "the same loss for each domain (text file) of the corpus, and for `(small domains)` together where some are "
          "too small; null: not validated");
}

/// A line of metrics.jsonl.
struct MetricsLine {
  Counters at;
  Losses losses;
};
template <class V>
void fields(V& v, MetricsLine& c) {
  fields(v, c.at);
  fields(v, c.losses);
}

/// A line of updates.jsonl.
template <class V>
void fields(V& v, UpdateRecord& c) {
  v.field("simulated_seconds", c.time, "s", "when it was applied (or dropped)");
  v.field("server_update", c.server_update, "", "updates done once this one was applied");
  v.field("worker", c.worker, "", "who, its own round from 0, and the data it trained on");
  v.field("round", c.round, "", "");
  v.field("shard", c.shard, "", "");
  v.field("fragment", c.fragment, "", "which part of the model, from 0; 0 where it travels whole");
  v.field("local_steps", c.local_steps, "", "inner steps in it");
  v.field("staleness_updates", c.staleness_updates, "updates",
          "applied between the worker's dispatch and this arrival");
  v.field("staleness_seconds", c.staleness, "s", "arrival − dispatch");
  v.field("train_loss", c.train_loss, "nats / token", "mean over the round's steps");
  v.field("gradient_norm", c.gradient_norm, "", "Euclidean, of the pseudo-gradient (start − end)");
  v.field("cosine_to_momentum", c.cosine_to_momentum, "", "with the outer momentum before the update");
  v.field("dropped", c.dropped, "", "true: it arrived and was not applied");
}

/// An item of the summary's `workers`.
struct WorkerLine {
  size_t worker = 0;
  WorkerUse use;
};
template <class V>
void fields(V& v, WorkerLine& c) {
  v.derived(
      "worker", [&] { return c.worker; }, "", "which, from 0");
  v.field("rounds", c.use.rounds, "", "completed");
  v.field("local_steps", c.use.local_steps, "", "applied");
  const std::pair<std::string, sim::Duration*> times[] = {{"compute", &c.use.compute},
                                                          {"upload", &c.use.upload},
                                                          {"download", &c.use.download},
                                                          {"wait", &c.use.wait},
                                                          {"down", &c.use.down}};
  const char* meaning = "for reading: how the worker spent the run";
  for (const auto& [name, time] : times)
    v.derived(
        name + "_seconds", [spent = *time] { return sim::to_seconds(spent); }, "s", std::exchange(meaning, ""));
  meaning = "the same, exact: they add up to the makespan";
  for (const auto& [name, time] : times) v.field(name + "_nanoseconds", *time, "ns", std::exchange(meaning, ""));
  v.field("overlapped_nanoseconds", c.use.overlapped, "ns",
          "of compute: while a message of its own travelled; 0 where workers wait for answers");
}

/// How many of a run's arrivals were applied, and how many dropped.
struct Arrivals {
  int64_t applied = 0, dropped = 0;
  bool operator==(const Arrivals&) const = default;
};
template <class V>
void fields(V& v, Arrivals& c) {
  v.field("applied", c.applied, "", "arrivals that were applied");
  v.field("dropped", c.dropped, "", "arrivals that were not");
}
Arrivals arrivals_of(const RunLog&);

/// Of the arrivals that were applied.
struct Staleness {
  double mean = 0;
  std::optional<int64_t> max;
};
template <class V>
void fields(V& v, Staleness& c) {
  v.field("mean", c.mean, "updates", "");
  v.field("max", c.max, "updates", "");
}
Staleness staleness_of(const RunLog&);

/// Of a run's critical path: an item of its `shares`, and one of its `late`.
struct PathShareLine {
  std::optional<int64_t> worker;
  std::string cause;
  sim::Duration time{};
};
template <class V>
void fields(V& v, PathShareLine& c) {
  v.field("worker", c.worker, "", "whose; null from `service` on");
  v.field("cause", c.cause, "",
          "`compute`, `upload`, `download`; `lost` (in a round that a crash ended), `down`; `service` (the server's "
          "queue and own time), `policy` (its deadline or grace window), `unfinished` (after the last arrival)");
  v.field("path_nanoseconds", c.time, "ns", "of the path");
}
template <class V>
void fields(V& v, sim::Lateness& c) {
  v.field("worker", c.worker, "", "who");
  v.field("late_nanoseconds", c.time, "ns", "over all waits that it ended: the last arrival − the one before");
  v.field("waits", c.waits, "", "how many these were");
}
struct PathRecord {
  int64_t waits = 0;
  std::vector<PathShareLine> shares;
  std::vector<sim::Lateness> late;
};
template <class V>
void fields(V& v, PathRecord& c) {
  v.field("waits", c.waits, "", "on the path: how often several messages had to be there");
  v.field("shares", c.shares, "", "by worker and cause, the longest first; they add up to the makespan exactly");
  v.field("late", c.late, "", "of every worker that was waited for alone, the longest first");
}
PathRecord path_record(const CriticalPath&);
/// As in summary.json.
nlohmann::ordered_json cluster_json(ClusterNumbers);

/// Of a run's summary.
template <class V>
void fields(V& v, ClusterNumbers& c) {
  v.field("rho_c", c.rho_c, "", "time of a worker's messages / its computing");
  v.field("rho_s", c.rho_s, "", "slowest / mean seconds of a step, over workers");
  v.field("asynchronous", c.asynchronous, "", "local steps without any waiting / those in lock step");
  v.field("rho_f", c.rho_f, "",
          "how often workers went down in a round: of all workers at a barrier or quorum, else in one worker's");
  v.field("rho_o", c.rho_o, "",
          "computing beside which a message and its answer may travel / their time; null: no such time is told");
  v.field("rho_b", c.rho_b, "",
          "what the busiest link would carry if nobody ever waited / what it can carry; null: no link has a limit");
  v.field("busiest", c.busiest, "", "which link that is");
  v.field("k", c.workers, "workers", "");
  v.field("staleness", c.staleness, "updates", "mean of the arrivals that were applied, and what 95 % do not exceed");
  v.field("staleness_95", c.staleness_95, "updates", "");
  v.field("bytes_per_token", c.bytes_per_token, "bytes / token", "up and down, of all tokens trained on");
  v.field("lost_work", c.lost_work, "", "share of local steps dropped on arrival or lost with a worker that went down");
}

/// A number of 64 bits, in a file 16 hexadecimal digits.
template <class Integer>
struct HexDigits {
  Integer& bits;
};
template <class Integer>
HexDigits(Integer&) -> HexDigits<Integer>;

/// summary.json of a run. Log: RunLog, or const RunLog where it is only written.
template <class Log>
struct RunSummary {
  Log& run;
  std::optional<double> target = {};  ///< written only
  Counters at = {};                   ///< the run's final ones; their time as exact as a double of seconds
  sim::Time makespan{};               ///< exact
  Arrivals arrivals = {};
  std::vector<WorkerLine> workers = {};
  std::optional<bool> diverged = {};  ///< none: an older version's
  PathRecord path = {};
  std::optional<ClusterNumbers> cluster = {};
};
/// The losses of an evaluation of the run; of the last one, NaN where there is none.
Losses losses_of(const RunLog&, const Evaluation&);
Losses last_losses(const RunLog&);

template <class V, class Log>
void fields(V& v, RunSummary<Log>& c) {
  auto& run = c.run;
  v.field("method", run.method, "", "whose run it is");
  v.field("seed", run.seed, "", "");
  v.part(c.at);
  v.derived(
      "makespan_seconds", [&] { return sim::to_seconds(c.makespan); }, "s", "the run's length; the latter is exact");
  v.field("makespan_nanoseconds", c.makespan, "ns", "");
  v.field("lost_steps", run.lost_steps, "",
          "inner steps begun whose result was never applied: dropped, lost in a crash, or under way at the end");
  v.field("dropped_steps", run.dropped_steps, "",
          "of them: thrown away on arrival (the message was lost, it came too late for its round, or was too stale)");
  v.field("crashed_steps", run.crashed_steps, "",
          "of them: of rounds that ended with their worker going down; and how many such rounds there were");
  v.field("crashes", run.crashes, "", "");
  v.field("out_of_workers", run.out_of_workers, "",
          "true: the run ended before its limit, because every worker had left for good");
  v.later("diverged", c.diverged, "", "true: a loss or a pseudo-gradient was not finite, which ended the run");
  v.later("fingerprint", HexDigits{run.fingerprint}, "", "of the trajectory, 16 hexadecimal digits: see above");
  v.field("bytes_per_token", run.bytes_per_token, "bytes / token", "of the validation text");
  v.later("guessing_loss", run.guessing_loss, "nats / token",
          "ln of the vocabulary (of the classes): what guessing costs");
  v.derived([&] { return last_losses(run); });
  v.derived(
      "target_loss", [&] { return c.target; }, "nats / token", "what times are compared at with this seed: see below");
  v.derived(
      "time_to_target_seconds", [&] { return c.target ? time_to_target(run, *c.target) : std::nullopt; }, "s",
      "the first evaluation after the start at or below it; null: not reached");
  for (const Currency& currency : kCurrencies)
    if (std::isfinite(c.at.*currency.spent))
      v.derived(
          std::string(currency.key) + "_to_target",
          [&] {
            const Evaluation* const reached = c.target ? at_target(run, *c.target) : nullptr;
            return reached ? std::optional(reached->at.*currency.spent) : std::nullopt;
          },
          currency.unit, "spent until then; null: not reached; only there where the file gives prices");
  v.field("arrivals", c.arrivals, "", "`applied` and `dropped`");
  v.derived(
      "staleness_updates", [&] { return staleness_of(run); }, "updates", "`mean` and `max` of the applied");
  v.derived(
      "utilisation", [&] { return utilisation(run); }, "", "share of all workers' time spent computing");
  v.field("workers", c.workers, "", "one item for each worker");
  v.later("critical_path", c.path, "", "what the run's end waited for; not there where it is not told");
  v.later("cluster", c.cluster, "", "the cluster in numbers without unit");
}

/// A row of summary.csv; an Estimate is two columns, the second half of its interval.
struct MethodRow {
  MethodSummary method;
  double target_loss = 0;         ///< mean over the seeds
  std::vector<size_t> told = {};  ///< told_currencies()
};
template <class V>
void fields(V& v, MethodRow& c) {
  MethodSummary& m = c.method;
  v.field("method", m.method, "", "its name");
  v.field("seeds", m.seeds, "", "how many");
  v.field("target_loss", c.target_loss, "nats / token", "mean over them of what times are compared at");
  v.field("final_loss", m.loss, "nats / token", "of the last evaluation");
  v.field("perplexity", m.perplexity, "", "exp(loss)");
  v.field("bits_per_byte", m.bits_per_byte, "bits / byte", "as in `metrics.jsonl`");
  v.field("server_updates", m.server_updates, "", "the counters at the end");
  v.field("local_steps", m.local_steps, "", "");
  v.field("tokens", m.tokens, "", "");
  v.field("simulated_seconds", m.simulated_seconds, "s", "the run's length");
  v.field("utilisation", m.utilisation, "", "share of all workers' time spent computing");
  v.field("staleness_updates", m.staleness, "updates", "mean of the arrivals that were applied");
  v.field("loss_difference", m.loss_difference, "nats / token", "mean of the final losses' differences");
  v.field("loss_difference_p", m.loss_difference_p, "",
          "two-sided p value of the paired t test that there is no difference");
  v.field("seeds_at_target", m.reached, "", "how many of the seeds reached the target");
  v.field("time_to_target_seconds", m.time_to_target, "s", "empty unless all did");
  for (const size_t currency : c.told) {
    const auto& [key, unit, name, spent] = kCurrencies[currency];
    v.field(key, m.spending[currency].whole, unit, "what the run cost; only there where the file gives prices");
    v.field(std::string(key) + "_to_target", m.spending[currency].to_target, unit,
            "until the target; empty unless all reached it");
  }
  const char* meaning = "below";
  for (const auto& [end, number] : numbers_of(m.speed_up))
    v.field(std::string("speed_up") + (end == std::string_view("mean") ? "" : std::string("_") + end), number, "",
            std::exchange(meaning, ""));
  v.field("diverged", m.diverged, "", "of how many seeds");
  v.field("worse_than_guessing", m.above_guessing, "", "");
  v.field("worse_than_start", m.above_start, "", "");
  v.field("out_of_workers", m.out_of_workers, "", "");
}

}  // namespace experiments
