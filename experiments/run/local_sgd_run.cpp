#include "experiments/run/local_sgd_run.h"

#include <algorithm>
#include <cmath>
#include <stdexcept>

#include "experiments/run/arrival_forecast.h"
#include "experiments/run/evaluations.h"
#include "experiments/run/round.h"
#include "experiments/run/round_work.h"
#include "experiments/run/trajectory.h"
#include "experiments/run/worker_ledger.h"
#include "sim/event_queue.h"
#include "sim/huge_pages.h"
#include "sim/random.h"

namespace experiments {
namespace {

using sim::Time;
using sim::WorkerId;

enum EventKind : uint16_t { kComputed, kServed, kWentDown, kCameUp };

constexpr int64_t kMostCrashesInARow = 1'000'000;

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
        work_(parts_.jitter),
        forecast_(parts_),
        evaluations_(parts_),
        trajectory_(parts_.record),
        shard_steps_(static_cast<size_t>(parts_.shards)),
        server_(parts_.service, parts_.service_times, parts_.seed),
        ledger_(parts_.speeds.size(), parts_.record) {}

  RunLog run() {
    evaluations_.evaluate(counters_);
    for (size_t w = 0; w < rounds_.size(); ++w) enter_world(static_cast<WorkerId>(w));
    for (size_t w = 0; w < rounds_.size(); ++w) send_model(static_cast<WorkerId>(w));
    while (!stopped_) {
      const Time next = next_instant();
      if (next == Time::max()) {
        log_.out_of_workers = true;
        now_ = last_;
        break;
      }
      const bool last = parts_.stop.time && next > *parts_.stop.time;
      const Time until = last ? *parts_.stop.time : next;
      evaluate_until(until);
      if (stopped_) break;
      now_ = until;
      if (last) break;
      settle_instant();
    }
    return close();
  }

 private:
  // --- time ---
  /// The next event, transfer end or deadline; Time::max() if nothing will ever happen again.
  Time next_instant() const {
    Time next = parts_.network->next_end();
    if (const WorkerId soon = parts_.network->soon(); soon >= 0) __builtin_prefetch(&rounds_[soon], 1);
    if (!events_.empty()) next = std::min(next, events_.next_time());
    if (const auto deadline = parts_.policy->deadline()) next = std::min(next, *deadline);
    return next;
  }

  /// Everything that happens at now_: first all completions, whatever order they come in, then crashes, then the
  /// server's decision on all of the instant's arrivals together, in worker order, then returns.
  void settle_instant() {
    arrived_.clear();
    went_down_.clear();
    came_up_.clear();
    for (bool more = true; more;) {
      more = false;
      while (!events_.empty() && events_.next_time() == now_) {
        const sim::Event event = events_.pop();
        if (const int64_t soon = events_.soon(); soon >= 0) fetch(static_cast<WorkerId>(soon));
        settle(event);
        more = true;
      }
      if (parts_.network->next_end() == now_) {
        for (const sim::Transfer transfer : parts_.network->finish(now_)) {
          last_ = now_;
          if (transfer.direction == sim::Direction::download)
            compute(transfer.worker);
          else
            arrive(transfer.worker);
        }
        more = true;
      }
    }
    for (const WorkerId worker : went_down_) go_down(worker);
    const auto deadline = parts_.policy->deadline();
    if (!arrived_.empty() || !went_down_.empty() || (deadline && *deadline <= now_)) decide();
    if (stopped_) return;
    for (const WorkerId worker : came_up_) come_up(worker);
  }

  /// Into the cache: among a million workers each first look at one is a wait for memory.
  [[gnu::always_inline]] void fetch(WorkerId worker) const {
    __builtin_prefetch(&rounds_[worker], 1);
    __builtin_prefetch(&parts_.speeds[worker]);
    ledger_.fetch(worker);
    parts_.network->expect(worker);
  }

  void settle(const sim::Event& event) {
    const WorkerId worker = static_cast<WorkerId>(event.entity);
    if (event.kind == kComputed && event.generation != rounds_[worker].generation) return;  // its round has crashed
    last_ = now_;
    __builtin_prefetch(parts_.speeds[worker].get());  // for its next round
    switch (event.kind) {
      case kComputed:
        compute_done(worker);
        break;
      case kServed:
        served(worker);
        break;
      case kWentDown:
        went_down_.push_back(worker);
        break;
      case kCameUp:
        came_up_.push_back(worker);
        break;
    }
  }

  void decide() {
    std::sort(arrived_.begin(), arrived_.end());
    dispatched_.clear();
    for (const WorkerId worker : arrived_) {
      dispatched_.push_back(rounds_[worker].dispatched);
      trajectory_.add(Fate::arrived, now_, worker, rounds_[worker]);
    }
    const sim::RoundDecision decision =
        parts_.policy->on_instant(now_, arrived_, {in_flight_, forecast_.next(rounds_), gone_, dispatched_});
    for (const WorkerId worker : decision.discard) drop(worker);
    delivered_.clear();
    for (const WorkerId worker : decision.apply) {
      if (lost(worker))
        drop(worker);
      else
        delivered_.push_back(worker);
    }
    if (decision.together && !delivered_.empty()) apply(delivered_);
    if (!decision.together)
      for (size_t i = 0; i < delivered_.size() && !stopped_; ++i) apply(std::span(&delivered_[i], 1));
    if (stopped_) return;
    for (const WorkerId worker : decision.dispatch) send_model(worker);
  }

  // --- who is there ---
  void enter_world(WorkerId worker) {
    if (parts_.availability.empty() || !parts_.availability[worker]) return;
    Round& round = rounds_[worker];
    const sim::Availability::Period period = parts_.availability[worker]->at(now_);
    round.up = period.up;
    round.gone = !period.up && period.end == Time::max();
    if (!period.up) ledger_.enter(worker, Activity::down, now_);
    expect_change(worker, period);
  }

  void expect_change(WorkerId worker, const sim::Availability::Period& period) {
    if (period.end == Time::max()) return;
    events_.push({period.end, static_cast<uint32_t>(worker), period.up ? kWentDown : kCameUp, 0});
  }

  /// What it was sending or computing is lost; what had reached the server is not.
  void go_down(WorkerId worker) {
    Round& round = rounds_[worker];
    const sim::Availability::Period period = parts_.availability[worker]->at(now_);
    if (period.up) return expect_change(worker, period);  // down for no time at all
    round.up = false;
    round.gone = period.end == Time::max();
    expect_change(worker, period);
    ledger_.enter(worker, Activity::down, now_);
    if (round.stage == Stage::none || round.stage == Stage::service) {
      if (round.wanted && round.gone) lose_for_good(round);
      return;
    }
    if (round.stage == Stage::download) parts_.network->cancel({worker, sim::Direction::download}, now_);
    if (round.stage == Stage::upload) parts_.network->cancel({worker, sim::Direction::upload}, now_);
    ++round.generation;
    round.stage = Stage::none;
    --in_flight_;
    ++log_.crashes;
    log_.crashed_steps += round.steps;
    trajectory_.add(Fate::crashed, now_, worker, round);
    if (++crashes_in_a_row_ > kMostCrashesInARow)
      throw std::overflow_error("/workers: " + std::to_string(kMostCrashesInARow) +
                                " rounds in a row ended with a crash; workers must stay up long enough for a round");
    if (parts_.learner) parts_.learner->forget(worker);
    round.wanted = true;
    if (round.gone) lose_for_good(round);
  }

  void lose_for_good(Round& round) {
    round.wanted = false;
    ++gone_;
  }

  void come_up(WorkerId worker) {
    Round& round = rounds_[worker];
    const sim::Availability::Period period = parts_.availability[worker]->at(now_);
    expect_change(worker, period);
    if (!period.up || round.up) return;
    round.up = true;
    ledger_.enter(worker, Activity::wait, now_);
    if (round.wanted) send_model(worker);
  }

  // --- the life of a pseudo-gradient ---
  void send_model(WorkerId worker) {
    Round& round = rounds_[worker];
    round.wanted = !round.up;
    if (!round.up) {
      if (round.gone) lose_for_good(round);
      return;
    }
    round.stage = Stage::download;
    ++round.number;
    round.dispatched = now_;
    round.updates_at_dispatch = counters_.server_updates;
    round.steps = parts_.plan->steps(worker);
    round.shard = parts_.shard_choice->choose(worker, round.number);
    const int64_t tokens = round.steps * parts_.tokens_per_step;
    assigned_ = checked_sum(assigned_, tokens);  // shard choice adds them up over all shards
    parts_.shard_choice->assigned(round.shard, tokens);
    int64_t& cursor = shard_steps_[static_cast<size_t>(round.shard)];
    const models::LocalTask task{round.shard, cursor, round.steps};
    cursor += round.steps;
    ++in_flight_;
    work_.draw(worker, round);
    const std::optional<Time> arrival = forecast_.dispatch(worker, round, work_.of(worker, round), now_);
    if (parts_.learner) parts_.learner->begin(worker, task, arrival.value_or(now_));
    ledger_.enter(worker, Activity::download, now_);
    parts_.network->start({worker, sim::Direction::download}, parts_.model_bytes, now_);
    counters_.bytes_down += parts_.network->wire_bytes({worker, sim::Direction::download}, parts_.model_bytes);
  }

  void compute(WorkerId worker) {
    Round& round = rounds_[worker];
    round.stage = Stage::compute;
    round.compute_begin = now_;
    ledger_.enter(worker, Activity::compute, now_);
    const Time end = sim::finish_time(*parts_.speeds[worker], now_, work_.of(worker, round));
    events_.push({end, static_cast<uint32_t>(worker), kComputed, round.generation});
  }

  void compute_done(WorkerId worker) {
    Round& round = rounds_[worker];
    round.stage = Stage::upload;
    parts_.plan->observe(worker, round.steps, now_ - round.compute_begin);
    ledger_.enter(worker, Activity::upload, now_);
    const sim::Transfer upload{worker, sim::Direction::upload};
    const uint64_t bytes = parts_.pseudo_gradient_bytes();
    parts_.network->start(upload, bytes, now_);
    counters_.bytes_up += parts_.network->wire_bytes(upload, bytes);
  }

  /// The pseudo-gradient is whole at the server, which takes them one after another.
  void arrive(WorkerId worker) {
    ledger_.enter(worker, Activity::wait, now_);
    ledger_.finish_round(worker);
    rounds_[worker].stage = Stage::service;
    if (parts_.service == sim::Duration::zero()) return served(worker);
    events_.push({server_.serve(now_), static_cast<uint32_t>(worker), kServed, 0});
  }

  void served(WorkerId worker) {
    rounds_[worker].stage = Stage::none;
    --in_flight_;
    crashes_in_a_row_ = 0;
    arrived_.push_back(worker);
  }

  /// Drawn for each round of each worker, so that every method loses the same ones.
  bool lost(WorkerId worker) const {
    const double probability = parts_.dropout.empty() ? 0.0 : parts_.dropout[static_cast<size_t>(worker)];
    return probability > 0.0 && sim::RandomStream(parts_.seed, "dropout", static_cast<uint64_t>(worker))
                                        .uniform(static_cast<uint64_t>(rounds_[worker].number)) < probability;
  }

  void drop(WorkerId worker) {
    trajectory_.add(Fate::dropped, now_, worker, rounds_[worker]);
    log_.dropped_steps += rounds_[worker].steps;
    if (parts_.learner) parts_.learner->discard(worker);
    trajectory_.record(now_, worker, rounds_[worker], counters_.server_updates, counters_.server_updates, {}, true);
  }

  bool too_stale(int64_t staleness) const {
    return std::any_of(parts_.thresholds.begin(), parts_.thresholds.end(),
                       [&](const auto& threshold) { return threshold.drops(staleness); });
  }

  /// Dropped for its staleness: unlike a lost round's, its steps count as spent.
  void refuse(WorkerId worker) {
    drop(worker);
    spend(worker);
    refused_steps_ += rounds_[worker].steps;
  }

  void spend(WorkerId worker) {
    const int64_t steps = rounds_[worker].steps;
    counters_.local_steps += steps;
    counters_.tokens = checked_sum(counters_.tokens, steps * parts_.tokens_per_step);
  }

  /// Hands the mean of these workers' pseudo-gradients to the outer rule: one server update, or a part of one.
  void apply(std::span<const WorkerId> workers) {
    const int64_t updates_before = counters_.server_updates;
    fresh_.clear();
    for (const WorkerId worker : workers) {
      const int64_t staleness = updates_before - rounds_[worker].updates_at_dispatch;
      if (too_stale(staleness))
        refuse(worker);
      else
        fresh_.push_back({worker, staleness});
    }
    facts_.assign(fresh_.size(), {});
    if (parts_.learner && !fresh_.empty()) facts_ = parts_.learner->apply(fresh_);
    for (const ArrivalFacts& facts : facts_)
      diverged_ = diverged_ || !std::isfinite(facts.train_loss) || !std::isfinite(facts.gradient_norm);
    if (!fresh_.empty() && ++buffered_ == parts_.arrivals_per_update) {
      ++counters_.server_updates;
      buffered_ = 0;
    }
    for (size_t i = 0; i < fresh_.size(); ++i) {
      const WorkerId worker = fresh_[i].worker;
      const Round& round = rounds_[worker];
      spend(worker);
      trajectory_.add(Fate::applied, now_, worker, round);
      ledger_.applied(worker, round.steps);
      log_.staleness_updates.add(fresh_[i].staleness);
      log_.staleness_ns.add((now_ - round.dispatched).count());
      trajectory_.record(now_, worker, round, updates_before, counters_.server_updates, facts_[i], false);
    }
    counters_.time = now_;
    stopped_ = diverged_ || parts_.stop.reached(counters_);
    if (evaluations_.due(counters_)) evaluate_due();
    if (progress_) progress_(counters_, parts_.learner ? parts_.learner->latest_loss() : std::nullopt);
  }

  // --- evaluation ---
  /// Ends the run instead where the evaluation before was not finite. That one is waited for, so that where a run ends
  /// does not depend on which thread was faster; the newest is not, so that training goes on beside it.
  void evaluate_due() {
    if (!evaluations_.finite()) diverged_ = stopped_ = true;
    if (diverged_) return;
    evaluations_.evaluate(counters_);
    if (parts_.stop.loss && evaluations_.reached(*parts_.stop.loss)) stopped_ = true;
  }

  /// Evaluations due at fixed times before `end`, of the model that stands until then.
  void evaluate_until(Time end) {
    while (!stopped_ && evaluations_.due_before(end)) {
      counters_.time = evaluations_.next_time();
      evaluate_due();
      if (stopped_) now_ = counters_.time;
    }
  }

  RunLog close() {
    counters_.time = now_;
    const Counters& evaluated = evaluations_.last();
    if (evaluated.local_steps != counters_.local_steps || evaluated.time != counters_.time)
      evaluations_.evaluate(counters_);
    ledger_.close(now_, log_);
    for (const int64_t steps : shard_steps_) log_.lost_steps += steps;
    log_.lost_steps -= counters_.local_steps - refused_steps_;
    log_.final = counters_;
    if (parts_.learner) {
      log_.evaluations = parts_.learner->evaluations();
      diverged_ = diverged_ || !parts_.learner->finite();
    }
    trajectory_.close(parts_.learner.get(), log_);
    log_.diverged = diverged_;
    return std::move(log_);
  }

  RunParts& parts_;
  const Progress& progress_;
  sim::EventQueue events_;
  Time now_{};
  Time last_{};  // when something last happened: the end of a crashed round's computation does not
  bool stopped_ = false;
  bool diverged_ = false;
  sim::LargeVector<Round> rounds_;
  RoundWork work_;
  ArrivalForecast forecast_;
  Evaluations evaluations_;
  Trajectory trajectory_;
  std::vector<int64_t> shard_steps_;                     // inner steps dispatched on each shard: the shard's cursor
  std::vector<WorkerId> arrived_, went_down_, came_up_;  // at this instant
  std::vector<WorkerId> delivered_;                      // of arrived_, those not lost
  std::vector<Time> dispatched_;                         // when each of arrived_ was
  int in_flight_ = 0;
  int gone_ = 0;  // have left for good with nothing of theirs at the server
  int64_t crashes_in_a_row_ = 0;
  int64_t assigned_ = 0;         // tokens dispatched
  int64_t refused_steps_ = 0;    // of updates dropped for their staleness
  int64_t buffered_ = 0;         // applied since the last server update
  std::vector<Delivery> fresh_;  // of one update
  std::vector<ArrivalFacts> facts_;
  Counters counters_;
  sim::ServiceQueue server_;
  WorkerLedger ledger_;
  RunLog log_;
};

}  // namespace

RunLog run(RunParts& parts, const Progress& progress) { return LocalSgdRun(parts, progress).run(); }

}  // namespace experiments
