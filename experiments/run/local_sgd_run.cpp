#include "experiments/run/local_sgd_run.h"

#include <algorithm>
#include <cassert>
#include <queue>
#include <stdexcept>

#include "experiments/run/worker_ledger.h"
#include "sim/event_queue.h"
#include "sim/random.h"

namespace experiments {
namespace {

using sim::Time;
using sim::WorkerId;

/// A worker's round between dispatch and arrival.
struct Round {
  bool in_flight = false;
  int64_t number = -1;  ///< of this worker, from 0
  models::LocalTask task;
  Time dispatched{};
  Time compute_begin{};
  int64_t updates_at_dispatch = 0;
};

constexpr int64_t kMostEvaluations = 1'000'000;

/// a + b for counters that are added up. Throws std::overflow_error past 2^63.
int64_t checked_sum(int64_t a, int64_t b) {
  int64_t sum;
  if (__builtin_add_overflow(a, b, &sum))
    throw std::overflow_error("the run passes 2^63 training tokens; fewer local steps or smaller batches are needed");
  return sum;
}

/// The life of a pseudo-gradient, top to bottom: send_model → compute → upload → arrive → apply → redispatch.
class LocalSgdRun {
 public:
  LocalSgdRun(RunParts& parts, const Progress& progress)
      : parts_(parts),
        progress_(progress),
        rounds_(parts_.speeds.size()),
        shard_steps_(static_cast<size_t>(parts_.shards)),
        ledger_(static_cast<int>(parts_.speeds.size()), parts_.record) {}

  RunLog run() {
    evaluate();
    for (size_t w = 0; w < rounds_.size(); ++w) send_model(static_cast<WorkerId>(w));
    while (!stopped_) {
      const Time next = next_instant();
      evaluate_until(next);
      if (parts_.stop.time && next > *parts_.stop.time) {
        now_ = *parts_.stop.time;
        break;
      }
      now_ = next;
      settle_instant();
    }
    return close();
  }

 private:
  // --- time ---
  /// The next event, transfer end or deadline. Something is always pending: a worker is in flight or a window will
  /// close.
  Time next_instant() const {
    Time next = Time::max();
    if (!events_.empty()) next = events_.next_time();
    if (const auto end = parts_.network->next_end()) next = std::min(next, *end);
    if (const auto deadline = parts_.policy->deadline()) next = std::min(next, *deadline);
    assert(next != Time::max());
    return next;
  }

  /// Everything that happens at now_: first all completions, whatever order they come in, then the server's decision on
  /// all of the instant's arrivals together, in worker order.
  void settle_instant() {
    arrived_.clear();
    for (bool more = true; more;) {
      more = false;
      while (!events_.empty() && events_.next_time() == now_) {
        compute_done(static_cast<WorkerId>(events_.pop().entity));
        more = true;
      }
      if (parts_.network->next_end() == now_) {
        for (const sim::Transfer transfer : parts_.network->finish(now_)) {
          if (transfer.direction == sim::Direction::download)
            compute(transfer.worker);
          else
            arrive(transfer.worker);
        }
        more = true;
      }
    }
    const auto deadline = parts_.policy->deadline();
    if (arrived_.empty() && !(deadline && *deadline <= now_)) return;
    std::sort(arrived_.begin(), arrived_.end());
    const sim::RoundDecision decision = parts_.policy->on_instant(now_, arrived_, {in_flight_, next_arrival()});
    std::vector<WorkerId> delivered;
    for (const WorkerId worker : decision.apply) {
      if (lost(worker))
        drop(worker);
      else
        delivered.push_back(worker);
    }
    if (decision.together && !delivered.empty()) apply(delivered);
    if (!decision.together)
      for (size_t i = 0; i < delivered.size() && !stopped_; ++i) apply(std::span(&delivered[i], 1));
    if (stopped_) return;
    for (const WorkerId worker : decision.dispatch) send_model(worker);
  }

  // --- the life of a pseudo-gradient ---
  void send_model(WorkerId worker) {
    Round& round = rounds_[worker];
    round = {.in_flight = true,
             .number = round.number + 1,
             .task = {},
             .dispatched = now_,
             .compute_begin = {},
             .updates_at_dispatch = counters_.server_updates};
    round.task.steps = parts_.plan->steps(worker);
    round.task.shard = parts_.shard_choice->choose(worker, round.number);
    const int64_t tokens = round.task.steps * parts_.tokens_per_step;
    assigned_ = checked_sum(assigned_, tokens);  // shard choice adds them up over all shards
    parts_.shard_choice->assigned(round.task.shard, tokens);
    int64_t& cursor = shard_steps_[static_cast<size_t>(round.task.shard)];
    round.task.first_step = cursor;
    cursor += round.task.steps;
    ++in_flight_;
    const std::optional<Time> arrival = known_arrival(worker, round);
    if (arrival) expected_.push({*arrival, worker, round.number});
    if (parts_.learner) parts_.learner->begin(worker, round.task, arrival.value_or(now_));
    ledger_.enter(worker, Activity::download, now_);
    parts_.network->start({worker, sim::Direction::download}, parts_.model_bytes, now_);
    counters_.bytes_down += parts_.model_bytes;
  }

  void compute(WorkerId worker) {
    Round& round = rounds_[worker];
    round.compute_begin = now_;
    ledger_.enter(worker, Activity::compute, now_);
    const Time end = sim::finish_time(*parts_.speeds[worker], now_, static_cast<double>(round.task.steps));
    events_.push({end, static_cast<uint32_t>(worker), 0, 0});
  }

  void compute_done(WorkerId worker) {
    const Round& round = rounds_[worker];
    parts_.plan->observe(worker, round.task.steps, now_ - round.compute_begin);
    ledger_.enter(worker, Activity::upload, now_);
    parts_.network->start({worker, sim::Direction::upload}, parts_.model_bytes, now_);
    counters_.bytes_up += parts_.model_bytes;
  }

  void arrive(WorkerId worker) {
    rounds_[worker].in_flight = false;
    --in_flight_;
    ledger_.enter(worker, Activity::wait, now_);
    ledger_.finish_round(worker);
    arrived_.push_back(worker);
  }

  /// Drawn for each round of each worker, so that every method loses the same ones.
  bool lost(WorkerId worker) const {
    const double probability = parts_.dropout.empty() ? 0.0 : parts_.dropout[static_cast<size_t>(worker)];
    return probability > 0.0 && sim::RandomStream(parts_.seed, "dropout", static_cast<uint64_t>(worker))
                                        .uniform(static_cast<uint64_t>(rounds_[worker].number)) < probability;
  }

  void drop(WorkerId worker) {
    if (parts_.learner) parts_.learner->discard(worker);
    if (parts_.record) record(worker, counters_.server_updates, {}, true);
  }

  bool too_stale(int64_t staleness) const {
    return std::any_of(parts_.thresholds.begin(), parts_.thresholds.end(),
                       [&](const auto& threshold) { return threshold.drops(staleness); });
  }

  /// Dropped for its staleness: unlike a lost round's, its steps count as spent.
  void refuse(WorkerId worker) {
    drop(worker);
    spend(worker);
    refused_steps_ += rounds_[worker].task.steps;
  }

  void spend(WorkerId worker) {
    const int64_t steps = rounds_[worker].task.steps;
    counters_.local_steps += steps;
    counters_.tokens = checked_sum(counters_.tokens, steps * parts_.tokens_per_step);
  }

  void record(WorkerId worker, int64_t updates_before, const ArrivalFacts& facts, bool dropped) {
    const Round& round = rounds_[worker];
    log_.updates.push_back({.time = now_,
                            .server_update = counters_.server_updates,
                            .round = round.number,
                            .worker = worker,
                            .shard = round.task.shard,
                            .local_steps = round.task.steps,
                            .staleness_updates = updates_before - round.updates_at_dispatch,
                            .staleness = now_ - round.dispatched,
                            .train_loss = facts.train_loss,
                            .gradient_norm = facts.gradient_norm,
                            .cosine_to_momentum = facts.cosine_to_momentum,
                            .dropped = dropped});
  }

  /// Hands the mean of these workers' pseudo-gradients to the outer rule: one server update, or a part of one.
  void apply(std::span<const WorkerId> workers) {
    const int64_t updates_before = counters_.server_updates;
    std::vector<Delivery> fresh;
    for (const WorkerId worker : workers) {
      const int64_t staleness = updates_before - rounds_[worker].updates_at_dispatch;
      if (too_stale(staleness))
        refuse(worker);
      else
        fresh.push_back({worker, staleness});
    }
    std::vector<ArrivalFacts> facts(fresh.size());
    if (parts_.learner && !fresh.empty()) facts = parts_.learner->apply(fresh);
    if (!fresh.empty() && ++buffered_ == parts_.arrivals_per_update) {
      ++counters_.server_updates;
      buffered_ = 0;
    }
    for (size_t i = 0; i < fresh.size(); ++i) {
      const WorkerId worker = fresh[i].worker;
      spend(worker);
      ledger_.applied(worker, rounds_[worker].task.steps);
      if (parts_.record) record(worker, updates_before, facts[i], false);
    }
    counters_.time = now_;
    const StopRule& stop = parts_.stop;
    stopped_ = (stop.local_steps && counters_.local_steps >= *stop.local_steps) ||
               (stop.server_updates && counters_.server_updates >= *stop.server_updates) ||
               (stop.tokens && counters_.tokens >= *stop.tokens);
    const EvaluationRule& rule = parts_.evaluate;
    if ((rule.local_steps && counters_.local_steps / *rule.local_steps > evaluated_.local_steps / *rule.local_steps) ||
        (rule.server_updates &&
         counters_.server_updates / *rule.server_updates > evaluated_.server_updates / *rule.server_updates))
      evaluate();
    if (progress_) progress_(counters_, parts_.learner ? parts_.learner->latest_loss() : std::nullopt);
  }

  // --- what the server can foresee ---
  /// When a round dispatched now will arrive, if nothing shared lies on its way.
  std::optional<Time> known_arrival(WorkerId worker, const Round& round) const {
    const auto down = parts_.network->fixed_duration({worker, sim::Direction::download}, parts_.model_bytes);
    const auto up = parts_.network->fixed_duration({worker, sim::Direction::upload}, parts_.model_bytes);
    if (!down || !up) return std::nullopt;
    return sim::finish_time(*parts_.speeds[worker], now_ + *down, static_cast<double>(round.task.steps)) + *up;
  }

  std::optional<Time> next_arrival() {
    const auto gone = [&](const Expected& e) {
      return !rounds_[e.worker].in_flight || rounds_[e.worker].number != e.round;
    };
    while (!expected_.empty() && gone(expected_.top())) expected_.pop();
    if (expected_.empty()) return std::nullopt;
    return expected_.top().arrival;
  }

  // --- evaluation: costs no simulated time and disturbs no event ---
  void evaluate() {
    if (++evaluations_ > kMostEvaluations)
      throw std::overflow_error("/evaluation/every: the run passes " + std::to_string(kMostEvaluations) +
                                " evaluations; a longer interval is needed");
    evaluated_ = counters_;
    if (parts_.learner) parts_.learner->evaluate(counters_);
  }

  /// Evaluations due at fixed times before `next`, of the model that stands until then.
  void evaluate_until(Time next) {
    if (!parts_.evaluate.time) return;
    const Time end = parts_.stop.time ? std::min(next, *parts_.stop.time) : next;
    while (end - evaluated_.time > *parts_.evaluate.time) {
      counters_.time = evaluated_.time + *parts_.evaluate.time;
      evaluate();
    }
  }

  RunLog close() {
    counters_.time = now_;
    if (evaluated_.local_steps != counters_.local_steps || evaluated_.time != counters_.time) evaluate();
    ledger_.close(now_, log_);
    for (const int64_t steps : shard_steps_) log_.lost_steps += steps;
    log_.lost_steps -= counters_.local_steps - refused_steps_;
    log_.final = counters_;
    if (parts_.learner) log_.evaluations = parts_.learner->evaluations();
    return std::move(log_);
  }

  struct Expected {
    Time arrival;
    WorkerId worker;
    int64_t round;
    bool operator>(const Expected& other) const { return arrival > other.arrival; }
  };

  RunParts& parts_;
  const Progress& progress_;
  sim::EventQueue events_;  // ends of computation
  Time now_{};
  bool stopped_ = false;
  std::vector<Round> rounds_;
  std::vector<int64_t> shard_steps_;  // inner steps dispatched on each shard: the shard's cursor
  std::vector<WorkerId> arrived_;
  int in_flight_ = 0;
  int64_t assigned_ = 0;       // tokens dispatched
  int64_t refused_steps_ = 0;  // of updates dropped for their staleness
  int64_t buffered_ = 0;       // applied since the last server update
  std::priority_queue<Expected, std::vector<Expected>, std::greater<>> expected_;
  Counters counters_;
  Counters evaluated_;  // at the last evaluation
  int64_t evaluations_ = 0;
  WorkerLedger ledger_;
  RunLog log_;
};

}  // namespace

RunLog run(RunParts& parts, const Progress& progress) { return LocalSgdRun(parts, progress).run(); }

}  // namespace experiments
