#include "experiments/run/local_sgd_run.h"

#include <algorithm>
#include <cassert>
#include <cmath>
#include <queue>
#include <stdexcept>

#include "experiments/run/worker_ledger.h"
#include "sim/event_queue.h"
#include "sim/random.h"

namespace experiments {
namespace {

using sim::Time;
using sim::WorkerId;

/// Where a worker's round is.
enum class Stage : uint8_t {
  none,      ///< no round: waiting for the server's policy, or for the worker to come back
  download,  ///< in flight from here …
  compute,
  upload,
  service,  ///< … to here: in the server's hands
};

enum EventKind : uint16_t { kComputed, kServed, kWentDown, kCameUp };

/// A worker and its round between dispatch and arrival.
struct Round {
  Stage stage = Stage::none;
  bool up = true;
  bool wanted = false;      ///< to be sent the model as soon as it is up
  bool gone = false;        ///< will never be up again
  uint16_t generation = 0;  ///< of events that end computation: those of a crashed round are void
  int shard = 0;
  int64_t number = -1;  ///< of this worker, from 0
  int64_t steps = 0;
  Time dispatched{};
  Time compute_begin{};
  int64_t updates_at_dispatch = 0;
};

/// What a worker's steps cost beyond its speed.
struct JitteredWork {
  int64_t steps = 0;  ///< the worker's own, dispatched so far
  double work = 0.0;  ///< of its round: how many steps of nominal length the round's steps amount to
};

constexpr int64_t kMostEvaluations = 1'000'000;
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
        jittered_(parts_.jitter.size()),
        shard_steps_(static_cast<size_t>(parts_.shards)),
        server_(parts_.service, parts_.service_times, parts_.seed),
        ledger_(parts_.speeds.size(), parts_.record) {}

  RunLog run() {
    evaluate();
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
        settle(events_.pop());
        more = true;
      }
      if (parts_.network->next_end() == now_) {
        const std::span<const sim::Transfer> ended = parts_.network->finish(now_);
        if (const WorkerId soon = parts_.network->soon(); soon >= 0) __builtin_prefetch(&rounds_[soon], 1);
        for (const sim::Transfer transfer : ended) {
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

  void settle(const sim::Event& event) {
    const WorkerId worker = static_cast<WorkerId>(event.entity);
    if (event.kind == kComputed && event.generation != rounds_[worker].generation) return;  // its round has crashed
    last_ = now_;
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
      trace(Fate::arrived, worker);
    }
    const sim::RoundDecision decision =
        parts_.policy->on_instant(now_, arrived_, {in_flight_, next_arrival(), gone_, dispatched_});
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
    trace(Fate::crashed, worker);
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
    if (!jittered_.empty()) draw_work(worker, round);
    const std::optional<Time> arrival = known_arrival(worker, round);
    if (arrival && parts_.policy->looks_ahead()) expected_.push({*arrival, worker, round.number});
    if (parts_.learner) parts_.learner->begin(worker, task, arrival.value_or(now_));
    ledger_.enter(worker, Activity::download, now_);
    parts_.network->start({worker, sim::Direction::download}, parts_.model_bytes, now_);
    counters_.bytes_down += parts_.network->wire_bytes({worker, sim::Direction::download}, parts_.model_bytes);
  }

  /// Drawn by the worker's own step numbers, so that its n-th step costs the same under every method.
  void draw_work(WorkerId worker, const Round& round) {
    JitteredWork& drawn = jittered_[worker];
    const sim::StepJitter* jitter = parts_.jitter[worker].get();
    const int64_t steps = round.steps;
    drawn.work = jitter ? jitter->work(round.number, drawn.steps, steps) : static_cast<double>(steps);
    drawn.steps += steps;
  }

  /// How many steps of nominal length the round's steps amount to.
  double work(WorkerId worker, const Round& round) const {
    return jittered_.empty() ? static_cast<double>(round.steps) : jittered_[worker].work;
  }

  void compute(WorkerId worker) {
    Round& round = rounds_[worker];
    round.stage = Stage::compute;
    round.compute_begin = now_;
    ledger_.enter(worker, Activity::compute, now_);
    const Time end = sim::finish_time(*parts_.speeds[worker], now_, work(worker, round));
    events_.push({end, static_cast<uint32_t>(worker), kComputed, round.generation});
  }

  void compute_done(WorkerId worker) {
    Round& round = rounds_[worker];
    round.stage = Stage::upload;
    parts_.plan->observe(worker, round.steps, now_ - round.compute_begin);
    ledger_.enter(worker, Activity::upload, now_);
    const sim::Transfer upload{worker, sim::Direction::upload};
    parts_.network->start(upload, upload_bytes(), now_);
    counters_.bytes_up += parts_.network->wire_bytes(upload, upload_bytes());
  }

  uint64_t upload_bytes() const { return parts_.upload_bytes.value_or(parts_.model_bytes); }

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
    trace(Fate::dropped, worker);
    log_.dropped_steps += rounds_[worker].steps;
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
    refused_steps_ += rounds_[worker].steps;
  }

  void spend(WorkerId worker) {
    const int64_t steps = rounds_[worker].steps;
    counters_.local_steps += steps;
    counters_.tokens = checked_sum(counters_.tokens, steps * parts_.tokens_per_step);
  }

  void record(WorkerId worker, int64_t updates_before, const ArrivalFacts& facts, bool dropped) {
    const Round& round = rounds_[worker];
    log_.updates.push_back({.time = now_,
                            .server_update = counters_.server_updates,
                            .round = round.number,
                            .worker = worker,
                            .shard = round.shard,
                            .local_steps = round.steps,
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
      trace(Fate::applied, worker);
      ledger_.applied(worker, round.steps);
      log_.staleness_updates.add(fresh_[i].staleness);
      log_.staleness_ns.add((now_ - round.dispatched).count());
      if (parts_.record) record(worker, updates_before, facts_[i], false);
    }
    counters_.time = now_;
    stopped_ = diverged_ || parts_.stop.reached(counters_);
    if (parts_.evaluate.due(counters_, evaluated_)) evaluate_due();
    if (progress_) progress_(counters_, parts_.learner ? parts_.learner->latest_loss() : std::nullopt);
  }

  // --- what the server can foresee ---
  /// When a round dispatched now will arrive, if nothing shared lies on its way and its worker lives to see it.
  std::optional<Time> known_arrival(WorkerId worker, const Round& round) const {
    if (!parts_.policy->looks_ahead() && !parts_.learner) return std::nullopt;  // nobody asks
    if (parts_.service > sim::Duration::zero()) return std::nullopt;
    const auto down = parts_.network->fixed_duration({worker, sim::Direction::download}, parts_.model_bytes);
    const auto up = parts_.network->fixed_duration({worker, sim::Direction::upload}, upload_bytes());
    if (!down || !up) return std::nullopt;
    const Time arrival = sim::finish_time(*parts_.speeds[worker], now_ + *down, work(worker, round)) + *up;
    if (!parts_.availability.empty() && parts_.availability[worker] &&
        parts_.availability[worker]->at(now_).end < arrival)
      return Time::max();
    return arrival;
  }

  std::optional<Time> next_arrival() {
    const auto over = [&](const Expected& e) {
      return rounds_[e.worker].stage == Stage::none || rounds_[e.worker].number != e.round;
    };
    while (!expected_.empty() && over(expected_.top())) expected_.pop();
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

  /// Ends the run instead where the evaluation before was not finite. That one is waited for, so that where a run ends
  /// does not depend on which thread was faster; the newest is not, so that training goes on beside it.
  void evaluate_due() {
    if (parts_.learner && !parts_.learner->finite()) diverged_ = stopped_ = true;
    if (!diverged_) evaluate();
  }

  /// Evaluations due at fixed times before `end`, of the model that stands until then.
  void evaluate_until(Time end) {
    if (!parts_.evaluate.time) return;
    while (!stopped_ && end - evaluated_.time > *parts_.evaluate.time) {
      counters_.time = evaluated_.time + *parts_.evaluate.time;
      evaluate_due();
      if (stopped_) now_ = counters_.time;
    }
  }

  // --- fingerprint ---
  enum class Fate : uint8_t { arrived, applied, dropped, crashed };

  /// Like the records, not for statistics of huge populations, whose fingerprint nobody compares.
  void trace(Fate fate, WorkerId worker) {
    if (!parts_.record) return;
    const Round& round = rounds_[worker];
    trajectory_.add(static_cast<uint64_t>(now_.time_since_epoch().count()));
    trajectory_.add(static_cast<uint64_t>(worker) << 32 | static_cast<uint32_t>(round.shard));
    trajectory_.add(static_cast<uint64_t>(round.steps) << 2 | static_cast<uint64_t>(fate));
  }

  RunLog close() {
    counters_.time = now_;
    if (evaluated_.local_steps != counters_.local_steps || evaluated_.time != counters_.time) evaluate();
    ledger_.close(now_, log_);
    for (const int64_t steps : shard_steps_) log_.lost_steps += steps;
    log_.lost_steps -= counters_.local_steps - refused_steps_;
    log_.final = counters_;
    if (parts_.learner) {
      log_.evaluations = parts_.learner->evaluations();
      diverged_ = diverged_ || !parts_.learner->finite();
      parts_.learner->add_model(trajectory_);
    }
    log_.diverged = diverged_;
    log_.fingerprint = trajectory_.value();
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
  sim::EventQueue events_;
  Time now_{};
  Time last_{};  // when something last happened: the end of a crashed round's computation does not
  bool stopped_ = false;
  bool diverged_ = false;
  std::vector<Round> rounds_;
  std::vector<JitteredWork> jittered_;                   // one a worker, or empty without jitter
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
  std::priority_queue<Expected, std::vector<Expected>, std::greater<>> expected_;
  Counters counters_;
  Counters evaluated_;  // at the last evaluation
  int64_t evaluations_ = 0;
  Fingerprint trajectory_;
  sim::ServiceQueue server_;
  WorkerLedger ledger_;
  RunLog log_;
};

}  // namespace

RunLog run(RunParts& parts, const Progress& progress) { return LocalSgdRun(parts, progress).run(); }

}  // namespace experiments
