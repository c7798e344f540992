#include "sim/clock/run_clock.h"

#include <algorithm>
#include <cmath>
#include <stdexcept>

#include "sim/clock/arrival_forecast.h"
#include "sim/clock/evaluation_times.h"
#include "sim/clock/round.h"
#include "sim/clock/round_work.h"
#include "sim/clock/trajectory.h"
#include "sim/clock/worker_ledger.h"
#include "sim/event_queue.h"
#include "sim/huge_pages.h"
#include "sim/random.h"

namespace sim {
namespace {

enum EventKind : uint16_t { kComputed, kServed, kWentDown, kCameUp };

constexpr int64_t kMostCrashesInARow = 1'000'000;
constexpr MessageNumbers kNumbers{};  // the whole model is one fragment

/// a + b for counters that are added up. Throws std::overflow_error past 2^63.
int64_t checked_sum(int64_t a, int64_t b) {
  int64_t sum;
  if (__builtin_add_overflow(a, b, &sum))
    throw std::overflow_error("the run passes 2^63 training tokens; fewer local steps or smaller batches are needed");
  return sum;
}

/// The life of a pseudo-gradient, top to bottom: send_model → compute → upload → arrive → apply → redispatch.
class Clock {
 public:
  Clock(ClockParts& parts, const ClockOptions& options)
      : parts_(parts),
        options_(options),
        workers_(parts_.workers),
        rounds_(workers_.count + parts_.servers.size() - 1),
        work_(workers_.jitter, workers_.count),
        evaluations_(parts_.evaluate),
        trajectory_(parts_.record),
        shard_steps_(static_cast<size_t>(parts_.shards)),
        ledger_(workers_.count, parts_.record) {
    servers_.reserve(parts_.servers.size());
    for (Server& server : parts_.servers) servers_.emplace_back(parts_, server);
    for (ServerState& server : servers_)
      if (&server != &root()) server.next_send = server.parts.updates_per_send;
  }

  ClockLog run() {
    evaluate();
    for (size_t w = 0; w < workers_.count; ++w) enter_world(static_cast<NodeId>(w));
    for (size_t w = 0; w < workers_.count && !stopped_; ++w) send_model(static_cast<NodeId>(w));
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
  /// What stands at a server.
  struct ServerState {
    ServerState(const ClockParts& all, Server& server)
        : parts(server), queue(server.service, server.service_times, all.seed), forecast(all, server) {}
    Server& parts;
    ServiceQueue queue;
    ArrivalForecast forecast;
    std::vector<MessageId> arrived;  // at this instant
    int in_flight = 0;
    int gone = 0;            // workers that have left for good with nothing of theirs here
    int64_t buffered = 0;    // applied since the last update
    int64_t updates = 0;     // done
    int64_t next_send = -1;  // after how many it sends to its parent; −1: never, or the answer has not come yet
  };

  // --- who is who ---
  static NodeId node_of(MessageId message) { return kNumbers.node(message); }
  static MessageId message_of(NodeId node) { return kNumbers.message(node); }
  bool is_worker(NodeId node) const { return static_cast<size_t>(node) < workers_.count; }
  ServerState& root() { return servers_.back(); }
  NodeId node_of(const ServerState& server) const {
    return static_cast<NodeId>(workers_.count) + static_cast<NodeId>(&server - servers_.data());
  }
  ServerState& server(NodeId node) { return servers_[static_cast<size_t>(node) - workers_.count]; }
  ServerState& parent_of(NodeId node) {
    return is_worker(node) ? servers_[static_cast<size_t>(workers_.server[node])] : root();
  }
  Transfer download(NodeId child) { return {message_of(child), {node_of(parent_of(child)), child}}; }
  Transfer upload(NodeId child) { return {message_of(child), {child, node_of(parent_of(child))}}; }

  // --- time ---
  /// The next event, transfer end or deadline; Time::max() if nothing will ever happen again.
  Time next_instant() const {
    Time next = parts_.network->next_end();
    if (const MessageId soon = parts_.network->soon(); soon >= 0) __builtin_prefetch(&rounds_[node_of(soon)], 1);
    if (!events_.empty()) next = std::min(next, events_.next_time());
    for (const ServerState& server : servers_)
      if (const auto deadline = server.parts.policy->deadline()) next = std::min(next, *deadline);
    return next;
  }

  /// Everything that happens at now_: first all completions, whatever order they come in, then crashes, then the
  /// server's decision on all of the instant's arrivals together, in worker order, then returns.
  void settle_instant() {
    for (ServerState& server : servers_) server.arrived.clear();
    went_down_.clear();
    came_up_.clear();
    for (bool more = true; more;) {
      more = false;
      while (!events_.empty() && events_.next_time() == now_) {
        const Event event = events_.pop();
        if (const int64_t soon = events_.soon(); soon >= 0) fetch(static_cast<NodeId>(soon));
        settle(event);
        more = true;
      }
      if (parts_.network->next_end() == now_) {
        for (const MessageId message : parts_.network->finish(now_)) {
          last_ = now_;
          const NodeId node = node_of(message);
          const bool down = rounds_[node].stage == Stage::download;
          if (!is_worker(node))
            down ? merge(server(node)) : served(node);
          else
            down ? compute(node) : arrive(node);
        }
        more = true;
      }
    }
    for (const NodeId worker : went_down_) go_down(worker);
    for (ServerState& server : servers_) {
      const auto deadline = server.parts.policy->deadline();
      if (!server.arrived.empty() || !went_down_.empty() || (deadline && *deadline <= now_)) decide(server);
      if (stopped_) return;
    }
    for (const NodeId worker : came_up_) come_up(worker);
  }

  /// Into the cache: among a million workers each first look at one is a wait for memory.
  [[gnu::always_inline]] void fetch(NodeId worker) const {
    __builtin_prefetch(&rounds_[worker], 1);
    __builtin_prefetch(&workers_.speed[worker]);
    ledger_.fetch(worker);
    parts_.network->expect(message_of(worker));
  }

  void settle(const Event& event) {
    const NodeId worker = static_cast<NodeId>(event.entity);
    if (event.kind == kComputed && event.generation != rounds_[worker].generation) return;  // its round has crashed
    last_ = now_;
    __builtin_prefetch(workers_.speed[worker].get());  // for its next round
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

  void decide(ServerState& server) {
    std::sort(server.arrived.begin(), server.arrived.end());
    arrivals_.clear();
    for (const MessageId message : server.arrived) {
      const Round& round = rounds_[node_of(message)];
      arrivals_.push_back({message, round.dispatched});
      trajectory_.add(Fate::arrived, now_, node_of(message), round);
    }
    const RoundDecision decision = server.parts.policy->on_instant(
        now_, arrivals_, {server.in_flight, server.forecast.next(rounds_), server.gone});
    for (const MessageId message : decision.discard) drop(node_of(message));
    Batches delivered;
    for (size_t i = 0; i < decision.apply.size(); ++i) {
      delivered_.clear();
      for (const MessageId message : decision.apply[i])
        lost(node_of(message)) ? drop(node_of(message)) : delivered_.push_back(message);
      if (!delivered_.empty()) delivered.add(delivered_);
    }
    for (size_t i = 0; i < delivered.size() && !stopped_; ++i) apply(server, delivered[i]);
    if (stopped_) return;
    constexpr size_t ahead = 4;
    for (size_t i = 0; i < decision.reply.size(); ++i) {
      if (i + ahead < decision.reply.size()) fetch(node_of(decision.reply[i + ahead]));
      const NodeId node = node_of(decision.reply[i]);
      is_worker(node) ? send_model(node) : answer(node);
    }
  }

  // --- who is there ---
  void enter_world(NodeId worker) {
    if (!workers_.availability[worker]) return;
    Round& round = rounds_[worker];
    const Availability::Period period = workers_.availability[worker]->at(now_);
    round.up = period.up;
    round.gone = !period.up && period.end == Time::max();
    if (!period.up) ledger_.enter(worker, Activity::down, now_);
    expect_change(worker, period);
  }

  void expect_change(NodeId worker, const Availability::Period& period) {
    if (period.end == Time::max()) return;
    events_.push({period.end, static_cast<uint32_t>(worker), period.up ? kWentDown : kCameUp, 0});
  }

  /// What it was sending or computing is lost; what had reached the server is not.
  void go_down(NodeId worker) {
    Round& round = rounds_[worker];
    const Availability::Period period = workers_.availability[worker]->at(now_);
    if (period.up) return expect_change(worker, period);  // down for no time at all
    round.up = false;
    round.gone = period.end == Time::max();
    expect_change(worker, period);
    ledger_.enter(worker, Activity::down, now_);
    if (round.stage == Stage::none || round.stage == Stage::service) {
      if (round.wanted && round.gone) lose_for_good(worker);
      return;
    }
    if (round.stage == Stage::download) parts_.network->cancel(download(worker), now_);
    if (round.stage == Stage::upload) parts_.network->cancel(upload(worker), now_);
    ++round.generation;
    round.stage = Stage::none;
    --parent_of(worker).in_flight;
    ++log_.crashes;
    log_.crashed_steps += round.steps;
    trajectory_.add(Fate::crashed, now_, worker, round);
    if (++crashes_in_a_row_ > kMostCrashesInARow)
      throw std::overflow_error("/workers: " + std::to_string(kMostCrashesInARow) +
                                " rounds in a row ended with a crash; workers must stay up long enough for a round");
    write(Forget{worker});
    round.wanted = true;
    if (round.gone) lose_for_good(worker);
  }

  void lose_for_good(NodeId worker) {
    rounds_[worker].wanted = false;
    ++parent_of(worker).gone;
  }

  void come_up(NodeId worker) {
    Round& round = rounds_[worker];
    const Availability::Period period = workers_.availability[worker]->at(now_);
    expect_change(worker, period);
    if (!period.up || round.up) return;
    round.up = true;
    ledger_.enter(worker, Activity::wait, now_);
    if (round.wanted) send_model(worker);
  }

  // --- the life of a pseudo-gradient ---
  void send_model(NodeId worker) {
    Round& round = rounds_[worker];
    round.wanted = !round.up;
    if (!round.up) {
      if (round.gone) lose_for_good(worker);
      return;
    }
    ServerState& from = parent_of(worker);
    round.stage = Stage::download;
    ++round.number;
    round.dispatched = now_;
    round.updates_at_dispatch = from.updates;
    const Stretch stretch = parts_.plan->next(worker);
    round.shard = parts_.shard_choice->choose(worker, round.number);
    ++from.in_flight;
    const Transfer transfer = download(worker);
    if (stretch.at_least > Duration::zero()) {
      round.steps = 0;
      write(Answer{worker, node_of(from)});
    } else {
      assign(worker, stretch.progress);
      from.forecast.dispatch(transfer, round, work_.of(worker, round), now_);
    }
    ledger_.enter(worker, Activity::download, now_);
    transmit(transfer, parts_.model_bytes);
  }

  void transmit(const Transfer& transfer, uint64_t bytes) {
    parts_.network->start(transfer, bytes, now_);
    (transfer.route.direction() == Direction::upload ? counters_.bytes_up : counters_.bytes_down) +=
        parts_.network->wire_bytes(transfer.route, bytes);
  }

  /// The worker's round has so many steps on its shard.
  void assign(NodeId worker, int64_t steps) {
    Round& round = rounds_[worker];
    round.steps = steps;
    const int64_t tokens = round.steps * parts_.tokens_per_step;
    assigned_ = checked_sum(assigned_, tokens);  // shard choice adds them up over all shards
    parts_.shard_choice->assigned(round.shard, tokens);
    int64_t& cursor = shard_steps_[static_cast<size_t>(round.shard)];
    write(Train{worker, node_of(parent_of(worker)), round.shard, cursor, round.steps});
    cursor += round.steps;
    work_.draw(worker, round);
  }

  void compute(NodeId worker) {
    Round& round = rounds_[worker];
    round.stage = Stage::compute;
    round.compute_begin = now_;
    if (round.steps == 0)
      assign(worker,
             work_.steps_within(worker, round, *workers_.speed[worker], now_, parts_.plan->next(worker).at_least));
    ledger_.enter(worker, Activity::compute, now_);
    const Time end = finish_time(*workers_.speed[worker], now_, work_.of(worker, round));
    events_.push({end, static_cast<uint32_t>(worker), kComputed, round.generation});
  }

  void compute_done(NodeId worker) {
    Round& round = rounds_[worker];
    round.stage = Stage::upload;
    parts_.plan->observe(worker, round.steps, now_ - round.compute_begin);
    ledger_.enter(worker, Activity::upload, now_);
    transmit(upload(worker), parts_.pseudo_gradient_bytes());
  }

  /// The pseudo-gradient is whole at the server, which takes them one after another.
  void arrive(NodeId worker) {
    ledger_.enter(worker, Activity::wait, now_);
    ledger_.finish_round(worker);
    rounds_[worker].stage = Stage::service;
    ServerState& at = parent_of(worker);
    if (at.parts.service == Duration::zero()) return served(worker);
    events_.push({at.queue.serve(now_), static_cast<uint32_t>(worker), kServed, 0});
  }

  void served(NodeId node) {
    ServerState& at = parent_of(node);
    rounds_[node].stage = Stage::none;
    --at.in_flight;
    crashes_in_a_row_ = 0;
    at.arrived.push_back(message_of(node));
  }

  // --- between servers ---
  /// What it has changed since its last merge goes to its parent; it works on meanwhile.
  void send(ServerState& child) {
    const NodeId node = node_of(child);
    child.next_send = -1;
    Round& round = rounds_[node];
    round.stage = Stage::upload;
    ++round.number;
    ++parent_of(node).in_flight;
    write(Send{node});
    transmit(upload(node), parts_.model_bytes);
  }

  void answer(NodeId node) {
    Round& round = rounds_[node];
    round.stage = Stage::download;
    round.dispatched = now_;
    round.updates_at_dispatch = parent_of(node).updates;
    write(Answer{node, node_of(parent_of(node))});
    transmit(download(node), parts_.model_bytes);
  }

  void merge(ServerState& child) {
    rounds_[node_of(child)].stage = Stage::none;
    write(Merge{node_of(child)});
    child.next_send = child.updates + child.parts.updates_per_send;
  }

  /// Drawn for each round of each worker, so that every method loses the same ones.
  bool lost(NodeId worker) const {
    const double probability = is_worker(worker) ? workers_.dropout[worker] : 0.0;
    return probability > 0.0 && RandomStream(parts_.seed, "dropout", static_cast<uint64_t>(worker))
                                        .uniform(static_cast<uint64_t>(rounds_[worker].number)) < probability;
  }

  void drop(NodeId worker) {
    trajectory_.add(Fate::dropped, now_, worker, rounds_[worker]);
    log_.dropped_steps += rounds_[worker].steps;
    write(Drop{worker});
    const int64_t updates = parent_of(worker).updates;
    trajectory_.record(now_, worker, rounds_[worker], updates, updates, true);
  }

  /// Dropped for its staleness: unlike a lost round's, its steps count as spent.
  void refuse(NodeId worker) {
    drop(worker);
    spend(worker);
    refused_steps_ += rounds_[worker].steps;
  }

  void spend(NodeId worker) {
    const int64_t steps = rounds_[worker].steps;
    counters_.local_steps += steps;
    counters_.tokens = checked_sum(counters_.tokens, steps * parts_.tokens_per_step);
  }

  /// Hands these pseudo-gradients to the outer rule as one: a server update, or a part of one.
  void apply(ServerState& server, std::span<const MessageId> batch) {
    const int64_t updates_before = server.updates;
    fresh_.clear();
    for (const MessageId message : batch) {
      const NodeId node = node_of(message);
      const int64_t staleness = updates_before - rounds_[node].updates_at_dispatch;
      if (is_worker(node) && staleness > server.parts.most_staleness.value_or(staleness))
        refuse(node);
      else
        fresh_.push_back({node, staleness});
    }
    if (!fresh_.empty() && ++server.buffered == server.parts.arrivals_per_update) {
      ++server.updates;
      server.buffered = 0;
    }
    for (const auto& [worker, staleness] : fresh_) {
      const Round& round = rounds_[worker];
      trajectory_.add(Fate::applied, now_, worker, round);
      if (!is_worker(worker)) continue;
      spend(worker);
      ledger_.applied(worker, round.steps);
      log_.staleness_updates.add(staleness);
      log_.staleness_ns.add((now_ - round.dispatched).count());
      trajectory_.record(now_, worker, round, updates_before, server.updates, false);
    }
    counters_.server_updates = root().updates;
    counters_.time = now_;
    stopped_ = parts_.stop.reached(counters_);
    if (!fresh_.empty()) write(Apply{node_of(server), options_.write ? fresh_ : std::vector<Delivery>(), counters_});
    if (!stopped_ && evaluations_.due(counters_)) evaluate();
    if (options_.tick) options_.tick();
    if (!stopped_ && server.updates == server.next_send) send(server);
  }

  // --- the score ---
  template <class What>
  void write(What&& action) {
    if (options_.write) options_.write(std::forward<What>(action));
    if (++actions_ == options_.most_actions) stopped_ = true;
  }

  void evaluate() {
    evaluations_.evaluated(counters_);
    write(Evaluate{counters_});
  }

  /// Evaluations due at fixed times before `end`, of the model that stands until then.
  void evaluate_until(Time end) {
    while (!stopped_ && evaluations_.due_before(end)) {
      counters_.time = evaluations_.next_time();
      evaluate();
      if (stopped_) now_ = counters_.time;
    }
  }

  ClockLog close() {
    counters_.time = now_;
    const Counters& evaluated = evaluations_.last();
    if (evaluated.local_steps != counters_.local_steps || evaluated.time != counters_.time) evaluate();
    ledger_.close(now_, log_);
    for (const int64_t steps : shard_steps_) log_.lost_steps += steps;
    log_.lost_steps -= counters_.local_steps - refused_steps_;
    log_.final = counters_;
    trajectory_.close(log_);
    return std::move(log_);
  }

  ClockParts& parts_;
  const ClockOptions& options_;
  int64_t actions_ = 0;
  EventQueue events_;
  Time now_{};
  Time last_{};  // when something last happened: the end of a crashed round's computation does not
  bool stopped_ = false;
  const Workers& workers_;
  LargeVector<Round> rounds_;
  RoundWork work_;
  std::vector<ServerState> servers_;
  EvaluationTimes evaluations_;
  Trajectory trajectory_;
  std::vector<int64_t> shard_steps_;         // inner steps dispatched on each shard: the shard's cursor
  std::vector<NodeId> went_down_, came_up_;  // at this instant
  std::vector<Arrival> arrivals_;            // of a decision
  std::vector<MessageId> delivered_;         // of a batch, those not lost
  int64_t crashes_in_a_row_ = 0;
  int64_t assigned_ = 0;         // tokens dispatched
  int64_t refused_steps_ = 0;    // of updates dropped for their staleness
  std::vector<Delivery> fresh_;  // of one update
  Counters counters_;
  WorkerLedger ledger_;
  ClockLog log_;
};

}  // namespace

ClockLog run_clock(ClockParts& parts, const ClockOptions& options) { return Clock(parts, options).run(); }

}  // namespace sim
