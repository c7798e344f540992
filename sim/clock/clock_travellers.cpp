#include "sim/clock/clock.h"

namespace sim {

void Clock::go_on(NodeId worker) {
  Traveller& traveller = *traveller_of(worker);
  for (;;) {
    const auto [what, fragment, parts] = traveller.course.next();
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
        if (traveller.course.turn_over()) begin_stretch(worker);
        break;
      case Course::Do::train:
        return train(worker, parts);
    }
  }
}

void Clock::begin_stretch(NodeId worker) {
  Traveller& traveller = *traveller_of(worker);
  Round& stretch = traveller.stretch;
  ++stretch.number;
  stretch.shard = parts_.shard_choice->choose(worker, stretch.number);
  const auto turn = static_cast<FragmentId>((stretch.number + 1) % turns_);
  traveller.course.stretch(turn, std::max<int64_t>(1, parts_.plan->next(worker).progress / turns_));
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
  set_segment(worker, work_.steps_within(worker, traveller.stretch, *workers_.speed[worker], traveller.begun,
                                         now_ - traveller.begun));
}

void Clock::train(NodeId worker, int64_t parts) {
  Traveller& traveller = *traveller_of(worker);
  traveller.computing = true;
  traveller.begun = now_;
  traveller.parts = traveller.stretch.steps = 0;
  ledger_.enter(worker, Activity::compute, now_);
  if (parts > 0) set_segment(worker, parts);  // else end_segment() knows how many
}

void Clock::set_segment(NodeId worker, int64_t parts) {
  Traveller& traveller = *traveller_of(worker);
  traveller.parts = parts;
  traveller.stretch.steps = traveller.course.steps_begun_within(parts);
  const double work = work_.draw(worker, traveller.stretch, traveller.course.some_steps(parts));
  if (traveller.stretch.steps > 0) assign(worker, traveller.stretch, traveller.stretch.steps);
  expect_end(worker, work, traveller.begun);
}

void Clock::segment_done(NodeId worker) {
  Traveller& traveller = *traveller_of(worker);
  traveller.seen_parts += traveller.parts;
  traveller.seen += now_ - traveller.begun;
  if (const int64_t whole = traveller.course.steps(traveller.seen_parts)) {
    parts_.plan->observe(worker, whole, traveller.seen);
    traveller.step = traveller.seen / whole;
    traveller.seen_parts = 0;
    traveller.seen = Duration::zero();
  }
  traveller.computing = false;
  traveller.unclaimed += traveller.stretch.steps;
  traveller.course.trained(traveller.parts);
  go_on(worker);
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
