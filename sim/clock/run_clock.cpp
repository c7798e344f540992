#include "sim/clock/run_clock.h"

#include "sim/clock/clock.h"
#include "sim/clock/critical_path.h"

namespace sim {

Clock::Clock(ClockParts& parts, const ClockOptions& options)
    : parts_(parts),
      options_(options),
      workers_(parts_.workers),
      numbers_{static_cast<int>(parts_.fragments.size())},
      phases_(parts_.phases ? *parts_.phases : StepPhases::whole(numbers_.fragments)),
      turns_(phases_.turns()),
      gathers_(parts_.network->gathers()),
      rounds_((workers_.count + parts_.servers.size() - 1) * parts_.fragments.size()),
      work_(workers_.jitter, workers_.count),
      evaluations_(parts_.evaluate),
      trajectory_(parts_.record),
      shard_examples_(static_cast<size_t>(parts_.shards)),
      ledger_(workers_.count, parts_.record, workers_.fails ? &workers_.speed : nullptr,
              parts_.prices ? &*parts_.prices : nullptr) {
  if (parts_.overlap || parts_.phases || numbers_.several())
    travellers_.assign(workers_.count,
                       Traveller(Course(phases_, parts_.overlap, parts_.servers.front().policies.front()->asks())));
  servers_.reserve(parts_.servers.size());
  for (Server& server : parts_.servers) servers_.emplace_back(parts_, server);
  for (ServerState& server : servers_)
    if (&server != &root()) server.next_send = server.parts.updates_per_send;
}

ClockLog Clock::run() {
  evaluate();
  for (size_t w = 0; w < workers_.count; ++w) enter_world(static_cast<NodeId>(w));
  for (size_t w = 0; w < workers_.count && !stopped_; ++w) send_all(static_cast<NodeId>(w));
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

Time Clock::next_instant() const {
  Time next = parts_.network->next_end();
  if (const MessageId soon = parts_.network->soon(); soon >= 0) __builtin_prefetch(&rounds_[soon], 1);
  if (!events_.empty()) next = std::min(next, events_.next_time());
  for (const ServerState& server : servers_) next = std::min(next, server.deadline);
  return next;
}

void Clock::settle_instant() {
  for (ServerState& server : servers_) {
    for (const size_t desk : server.reached) server.desks[desk].arrived.clear();
    server.reached.clear();
  }
  went_down_.clear();
  came_up_.clear();
  for (bool more = true; more;) {
    more = false;
    while (!events_.empty() && events_.next_time() == now_) {
      const Event event = events_.pop();
      if (const int64_t soon = events_.soon(); soon >= 0) fetch(node_of(static_cast<MessageId>(soon)));
      settle(event);
      more = true;
    }
    if (parts_.network->next_end() == now_) {
      for (const MessageId message : parts_.network->finish(now_)) {
        last_ = now_;
        const NodeId node = node_of(message);
        if (!travellers_.empty()) ledger_.travels(node, -1, now_);
        const bool down = rounds_[message].stage == Stage::download;
        if (!is_worker(node))
          down ? merge(server(node)) : served(message);
        else
          down ? land(message) : arrive(message);
      }
      more = true;
    }
  }
  for (const NodeId worker : went_down_) go_down(worker);
  for (ServerState& server : servers_) {
    decide(server);
    if (stopped_) return;
  }
  for (const NodeId worker : came_up_) come_up(worker);
}

void Clock::settle(const Event& event) {
  const auto message = static_cast<MessageId>(event.entity);
  const NodeId worker = node_of(message);
  if (event.kind == kComputed && event.generation != self(worker).generation) return;  // its round has crashed
  last_ = now_;
  __builtin_prefetch(workers_.speed[worker].get());  // for its next round
  switch (event.kind) {
    case kComputed:
      compute_done(worker);
      break;
    case kServed:
      served(message);
      break;
    case kWentDown:
      went_down_.push_back(worker);
      break;
    case kCameUp:
      came_up_.push_back(worker);
      break;
  }
}

void Clock::decide(ServerState& server) {
  if (went_down_.empty() && server.deadline > now_) {
    std::sort(server.reached.begin(), server.reached.end());
    for (size_t i = 0; i < server.reached.size() && !stopped_; ++i) decide(server, server.reached[i]);
  } else {
    for (size_t f = 0; f < server.desks.size() && !stopped_; ++f) {
      const Desk& desk = server.desks[f];
      if (!desk.arrived.empty() || !went_down_.empty() || desk.deadline.value_or(Time::max()) <= now_)
        decide(server, f);
    }
  }
}

void Clock::decide(ServerState& server, size_t policy) {
  Desk& desk = server.desks[policy];
  std::sort(desk.arrived.begin(), desk.arrived.end());
  arrivals_.clear();
  pushed_.clear();
  for (const MessageId message : desk.arrived) {
    const Round& round = rounds_[message];
    arrivals_.push_back({message, numbers_.fragment(message), round.dispatched});
    if (const Traveller* traveller = traveller_of(node_of(message)))
      pushed_.push_back({round.compute_begin, traveller->step});
    trajectory_.add(Fate::arrived, now_, node_of(message), round);
  }
  const RoundDecision decision = server.parts.policies[policy]->on_instant(
      now_, arrivals_, {desk.in_flight, server.forecast.next(rounds_), desk.gone, pushed_});
  if (const auto deadline = server.parts.policies[policy]->deadline(); deadline != desk.deadline) {
    desk.deadline = deadline;
    server.look_ahead();
  }
  for (const MessageId message : decision.discard) drop(message);
  Batches delivered;
  for (size_t i = 0; i < decision.apply.size(); ++i) {
    delivered_.clear();
    for (const MessageId message : decision.apply[i]) lost(message) ? drop(message) : delivered_.push_back(message);
    if (!delivered_.empty()) delivered.add(delivered_);
  }
  for (size_t i = 0; i < delivered.size() && !stopped_; ++i)
    apply(server, numbers_.fragment(delivered[i].front()), delivered[i]);
  if (stopped_) return;
  constexpr size_t ahead = 4;
  for (size_t i = 0; i < decision.reply.size(); ++i) {
    if (i + ahead < decision.reply.size()) fetch(node_of(decision.reply[i + ahead]));
    const MessageId message = decision.reply[i];
    is_worker(node_of(message)) ? send_model(message) : answer(node_of(message));
  }
  if (decision.broadcast) broadcast(*decision.broadcast);
  if (decision.ask) ask(server, *decision.ask);
}

void Clock::count_costs() {
  if (!parts_.prices) return;
  const auto [usd, joules] = ledger_.cost(counters_.time);
  if (parts_.prices->dollars) counters_.usd = usd + traffic_usd_;
  if (parts_.prices->energy) counters_.kwh = joules / 3.6e6;
}

void Clock::evaluate() {
  count_costs();
  evaluations_.evaluated(counters_);
  write(Evaluate{counters_});
}

void Clock::evaluate_until(Time end) {
  while (!stopped_ && evaluations_.due_before(end)) {
    counters_.time = evaluations_.next_time();
    evaluate();
    if (stopped_) now_ = counters_.time;
  }
}

ClockLog Clock::close() {
  counters_.time = now_;
  const Counters& evaluated = evaluations_.last();
  if (evaluated.local_steps != counters_.local_steps || evaluated.time != counters_.time) evaluate();
  count_costs();
  ledger_.close(now_, log_);
  log_.lost_steps += assigned_steps_ - (counters_.local_steps - refused_steps_);
  log_.final = counters_;
  trajectory_.close(log_);
  return std::move(log_);
}

ClockLog run_clock(ClockParts& parts, const ClockOptions& options) {
  ClockLog log = Clock(parts, options).run();
  log.path = critical_path(log, parts);
  return log;
}

}  // namespace sim
