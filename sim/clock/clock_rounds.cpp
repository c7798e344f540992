#include "sim/clock/clock.h"

#include <stdexcept>

#include "sim/random.h"

namespace sim {
namespace {

/// a + b for counters that are added up. Throws std::overflow_error past 2^63.
int64_t checked_sum(int64_t a, int64_t b) {
  int64_t sum;
  if (__builtin_add_overflow(a, b, &sum))
    throw std::overflow_error("the run passes 2^63 training tokens; fewer local steps or smaller batches are needed");
  return sum;
}

}  // namespace

void Clock::send_all(NodeId worker, bool wanted_only) {
  for (FragmentId f = 0; f < numbers_.fragments; ++f)
    if (const MessageId message = message_of(worker, f); !wanted_only || rounds_[message].wanted) send_model(message);
  if (traveller_of(worker) && self(worker).up) go_on(worker);
}

void Clock::send_model(MessageId message) {
  const NodeId worker = node_of(message);
  Round& round = rounds_[message];
  const Round& own = self(worker);
  round.wanted = !own.up;
  if (!own.up) {
    if (own.gone) lose_for_good(message);
    return;
  }
  round.stage = Stage::download;
  ++round.number;
  round.dispatched = now_;
  ServerState& from = parent_of(worker);
  round.updates_at_dispatch = lane_of(from, message).updates;
  ++desk_of(from, message).in_flight;
  const Transfer transfer{message, {node_of(from), worker}};
  if (travellers_.empty())
    plan_round(worker, transfer);
  else
    write(Answer{worker, transfer.route.from, numbers_.fragment(message)});
  book(message);
  transmit(transfer, bytes_of(message).model);
}

void Clock::cancel(const Transfer& transfer) {
  parts_.network->cancel(transfer, now_);
  if (!travellers_.empty()) ledger_.travels(transfer.route.child(), -1, now_);
}

void Clock::plan_round(NodeId worker, const Transfer& model) {
  Round& round = self(worker);
  const Stretch stretch = parts_.plan->next(worker);
  round.shard = parts_.shard_choice->choose(worker, round.number);
  if (stretch.at_least > Duration::zero()) {
    round.steps = 0;
    write(Answer{worker, model.route.from});
  } else {
    assign(worker, round, stretch.progress);
    work_.draw(worker, round);
    parent_of(worker).forecast.dispatch(model, round, work_.of(worker, round), now_);
  }
}

void Clock::book(MessageId message) {
  const NodeId worker = node_of(message);
  if (const Traveller* traveller = traveller_of(worker);
      traveller && (traveller->computing || traveller->awaited != message))
    return;
  const Stage stage = rounds_[message].stage;
  ledger_.enter(worker,
                stage == Stage::download ? Activity::download
                : stage == Stage::upload ? Activity::upload
                                         : Activity::wait,
                now_);
}

void Clock::transmit(const Transfer& transfer, uint64_t bytes) {
  parts_.network->start(transfer, bytes, now_);
  if (!travellers_.empty()) ledger_.travels(transfer.route.child(), 1, now_);
  const uint64_t sent = parts_.network->wire_bytes(transfer.route, bytes);
  const bool up = transfer.route.direction() == Direction::upload;
  (up ? counters_.bytes_up : counters_.bytes_down) += sent;
  if (parts_.prices)
    traffic_usd_ += static_cast<double>(sent) *
                    (up ? parts_.prices->usd_per_byte_up : parts_.prices->usd_per_byte_down)[transfer.route.child()];
}

void Clock::assign(NodeId worker, Round& round, int64_t steps) {
  round.steps = steps;
  assigned_steps_ += steps;
  const int64_t tokens = this->tokens(worker, steps);
  assigned_ = checked_sum(assigned_, tokens);  // shard choice adds them up over all shards
  parts_.shard_choice->assigned(round.shard, tokens);
  int64_t& cursor = shard_examples_[static_cast<size_t>(round.shard)];
  write(Train{worker, node_of(parent_of(worker)), round.shard, cursor, round.steps, travellers_.empty()});
  cursor += steps * workers_.batch[worker];
}

void Clock::land(MessageId message) {
  const NodeId worker = node_of(message);
  rounds_[message].stage = Stage::compute;
  ledger_.travelled(worker, Direction::download, now_ - rounds_[message].dispatched);
  Traveller* traveller = traveller_of(worker);
  if (!traveller) return compute(worker);
  traveller->course.land(numbers_.fragment(message));
  if (traveller->open())
    end_segment(worker);
  else if (!traveller->computing)
    go_on(worker);
}

void Clock::compute(NodeId worker) {
  Round& round = self(worker);
  round.compute_begin = now_;
  if (round.steps == 0) {
    assign(worker, round,
           work_.steps_within(worker, round, *workers_.speed[worker], now_, parts_.plan->next(worker).at_least));
    work_.draw(worker, round);
  }
  ledger_.enter(worker, Activity::compute, now_);
  expect_end(worker, work_.of(worker, round), now_);
}

void Clock::expect_end(NodeId worker, double work, Time begun) {
  const Time end = finish_time(*workers_.speed[worker], begun, work);
  events_.push({end, static_cast<uint32_t>(message_of(worker)), kComputed, self(worker).generation});
}

void Clock::compute_done(NodeId worker) {
  if (traveller_of(worker)) return segment_done(worker);
  Round& round = self(worker);
  parts_.plan->observe(worker, round.steps, now_ - round.compute_begin);
  leave(message_of(worker));
}

void Clock::leave(MessageId message) {
  rounds_[message].stage = Stage::upload;
  rounds_[message].served = lane_of(message).left = now_;
  book(message);
  transmit(upload(message), bytes_of(message).pseudo_gradient());
}

void Clock::arrive(MessageId message) {
  Round& round = rounds_[message];
  ledger_.travelled(node_of(message), Direction::upload, now_ - (gathers_ ? lane_of(message).left : round.served));
  round.stage = Stage::service;
  book(message);
  ledger_.finish_round(node_of(message));
  ServerState& at = parent_of(node_of(message));
  if (at.parts.service == Duration::zero()) return served(message);
  events_.push({at.queue.serve(now_), static_cast<uint32_t>(message), kServed, 0});
}

void Clock::served(MessageId message) {
  rounds_[message].stage = Stage::none;
  rounds_[message].served = now_;
  ServerState& server = parent_of(node_of(message));
  Desk& desk = desk_of(server, message);
  --desk.in_flight;
  crashes_in_a_row_ = 0;
  if (desk.arrived.empty()) server.reached.push_back(desk_number(server, message));
  desk.arrived.push_back(message);
}

void Clock::send(ServerState& child) {
  const NodeId node = node_of(child);
  child.next_send = -1;
  const MessageId message = message_of(node);
  Round& round = rounds_[message];
  round.stage = Stage::upload;
  ++round.number;
  ++desk_of(message).in_flight;
  write(Send{node});
  transmit(upload(message), bytes_of(message).model);
}

void Clock::answer(NodeId node) {
  const MessageId message = message_of(node);
  Round& round = rounds_[message];
  round.stage = Stage::download;
  round.dispatched = now_;
  round.updates_at_dispatch = lane_of(message).updates;
  write(Answer{node, node_of(parent_of(node))});
  transmit(download(message), bytes_of(message).model);
}

void Clock::merge(ServerState& child) {
  rounds_[message_of(node_of(child))].stage = Stage::none;
  write(Merge{node_of(child)});
  child.next_send = child.updates() + child.parts.updates_per_send;
}

bool Clock::lost(MessageId message) const {
  const NodeId worker = node_of(message);
  const double probability = is_worker(worker) ? workers_.dropout[worker] : 0.0;
  if (probability <= 0.0) return false;
  const int64_t number = rounds_[message].number * numbers_.fragments + numbers_.fragment(message);
  return RandomStream(parts_.seed, "dropout", static_cast<uint64_t>(worker)).uniform(static_cast<uint64_t>(number)) <
         probability;
}

void Clock::drop(MessageId message) {
  const NodeId worker = node_of(message);
  Round& round = rounds_[message];
  trajectory_.add(Fate::dropped, now_, worker, round);
  write(Drop{worker, numbers_.fragment(message)});
  const int64_t updates = lane_of(message).updates;
  trajectory_.record(now_, worker, numbers_.fragment(message), round, updates, updates, true);
  if (Traveller* traveller = traveller_of(worker))
    traveller->unclaimed += round.steps;  // they are still in its model
  else
    log_.dropped_steps += round.steps;
}

void Clock::refuse(MessageId message) {
  drop(message);
  if (!travellers_.empty()) return;
  spend(message);
  refused_steps_ += rounds_[message].steps;
}

void Clock::spend(MessageId message) {
  const int64_t steps = rounds_[message].steps;
  counters_.local_steps += steps;
  counters_.tokens = checked_sum(counters_.tokens, tokens(node_of(message), steps));
}

void Clock::apply(ServerState& server, FragmentId fragment, std::span<const MessageId> batch) {
  Lane& lane = server.lanes[fragment];
  const int64_t updates_before = lane.updates;
  fresh_.clear();
  for (const MessageId message : batch) {
    const NodeId node = node_of(message);
    const int64_t staleness = updates_before - rounds_[message].updates_at_dispatch;
    if (is_worker(node) && staleness > server.parts.most_staleness.value_or(staleness))
      refuse(message);
    else
      fresh_.push_back({node, staleness});
  }
  if (!fresh_.empty() && ++lane.buffered == server.parts.arrivals_per_update) {
    ++lane.updates;
    lane.buffered = 0;
  }
  for (const auto& [worker, staleness] : fresh_) {
    const MessageId message = message_of(worker, fragment);
    const Round& round = rounds_[message];
    trajectory_.add(Fate::applied, now_, worker, round);
    if (!is_worker(worker)) continue;
    spend(message);
    ledger_.applied(worker, round.steps);
    log_.staleness_updates.add(staleness);
    log_.staleness_ns.add((now_ - round.dispatched).count());
    trajectory_.record(now_, worker, fragment, round, updates_before, lane.updates, false);
  }
  counters_.server_updates = root().updates() / numbers_.fragments;
  counters_.time = now_;
  stopped_ = parts_.stop.reached(counters_);
  if (!fresh_.empty())
    write(Apply{node_of(server), fragment, options_.write ? fresh_ : std::vector<Delivery>(), counters_});
  if (!stopped_ && evaluations_.due(counters_)) evaluate();
  if (options_.tick) options_.tick();
  if (!stopped_ && server.updates() == server.next_send) send(server);
}

}  // namespace sim
