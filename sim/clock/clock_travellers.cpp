#include "sim/clock/clock.h"

namespace sim {

void Clock::go_on(NodeId worker) {
  Traveller& traveller = *traveller_of(worker);
  for (;;) {
    const auto [what, fragment, steps] = traveller.course.next();
    switch (what) {
      case Course::Do::wait:
        traveller.awaited = message_of(worker, fragment);
        return book(traveller.awaited);
      case Course::Do::merge: {
        const bool joined = !traveller.course.whole();
        take_over(worker, fragment);
        if (joined && traveller.course.whole()) {
          // Where others are: what they wait for is what it has to bring first.
          const ServerState& server = parent_of(worker);
          traveller.stretch.number = server.updates() - 1;
          begin_stretch(worker);
          if (server.asked) traveller.course.ask(*server.asked);
        }
        break;
      }
      case Course::Do::send:
        send_fragment(worker, fragment);
        begin_stretch(worker);
        break;
      case Course::Do::train:
        return train(worker, steps);
    }
  }
}

void Clock::begin_stretch(NodeId worker) {
  Traveller& traveller = *traveller_of(worker);
  Round& stretch = traveller.stretch;
  ++stretch.number;
  stretch.shard = parts_.shard_choice->choose(worker, stretch.number);
  const auto leaving = static_cast<FragmentId>((stretch.number + 1) % numbers_.fragments);
  traveller.course.stretch(leaving, std::max<int64_t>(1, parts_.plan->next(worker).progress / numbers_.fragments));
}

void Clock::ask(ServerState& server, FragmentId fragment) {
  server.asked = fragment;
  for (size_t w = 0; w < workers_.count; ++w) {
    Traveller& traveller = travellers_[w];
    if (!traveller.course.whole()) continue;  // asked once it is
    traveller.course.ask(fragment);
    if (traveller.open()) end_segment(static_cast<NodeId>(w));
  }
}

void Clock::broadcast(FragmentId fragment) {
  for (size_t w = 0; w < workers_.count; ++w) {
    const MessageId message = message_of(static_cast<NodeId>(w), fragment);
    if (rounds_[message].stage != Stage::compute || !travellers_[w].course.whole()) continue;
    --desk_of(message).in_flight;
    travellers_[w].course.left(fragment);
    send_model(message);
  }
}

void Clock::end_segment(NodeId worker) {
  Traveller& traveller = *traveller_of(worker);
  if (traveller.begun == now_) {  // nothing yet
    traveller.computing = false;
    return go_on(worker);
  }
  assign(
      worker, traveller.stretch,
      work_.steps_within(worker, traveller.stretch, *workers_.speed[worker], traveller.begun, now_ - traveller.begun));
  expect_end(worker, traveller.stretch, traveller.begun);
}

void Clock::train(NodeId worker, int64_t steps) {
  Traveller& traveller = *traveller_of(worker);
  traveller.computing = true;
  traveller.begun = now_;
  ledger_.enter(worker, Activity::compute, now_);
  traveller.stretch.steps = 0;
  if (steps == 0) return;  // end_segment() knows how many
  assign(worker, traveller.stretch, steps);
  expect_end(worker, traveller.stretch, now_);
}

void Clock::send_fragment(NodeId worker, FragmentId fragment) {
  Traveller& traveller = *traveller_of(worker);
  const MessageId message = message_of(worker, fragment);
  write(Send{worker, fragment});
  if (traveller.course.landed(fragment)) take_over(worker, fragment);
  traveller.course.left(fragment);
  Round& round = rounds_[message];
  round.steps = std::exchange(traveller.unclaimed, 0);
  round.shard = traveller.stretch.shard;
  round.compute_begin = now_;
  leave(message);
}

void Clock::take_over(NodeId worker, FragmentId fragment) {
  write(Merge{worker, fragment});
  traveller_of(worker)->course.merged(fragment);
}

}  // namespace sim
