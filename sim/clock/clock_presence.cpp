#include "sim/clock/clock.h"

#include <stdexcept>
#include <string>

namespace sim {
namespace {

constexpr int64_t kMostCrashesInARow = 1'000'000;

}  // namespace

void Clock::enter_world(NodeId worker) {
  if (!workers_.availability[worker]) return;
  Round& round = self(worker);
  const Availability::Period period = workers_.availability[worker]->at(now_);
  round.up = period.up;
  round.gone = !period.up && period.end == Time::max();
  if (!period.up) ledger_.enter(worker, Activity::down, now_);
  expect_change(worker, period);
}

void Clock::expect_change(NodeId worker, const Availability::Period& period) {
  if (period.end == Time::max()) return;
  events_.push({period.end, static_cast<uint32_t>(message_of(worker)), period.up ? kWentDown : kCameUp, 0});
}

void Clock::go_down(NodeId worker) {
  Round& own = self(worker);
  const Availability::Period period = workers_.availability[worker]->at(now_);
  if (period.up) return expect_change(worker, period);  // down for no time at all
  own.up = false;
  own.gone = period.end == Time::max();
  expect_change(worker, period);
  ledger_.enter(worker, Activity::down, now_);
  int64_t steps = own.steps;
  bool crashed = false;
  if (Traveller* traveller = traveller_of(worker)) {
    crashed = true;
    steps = std::exchange(traveller->unclaimed, 0) + (traveller->computing ? traveller->stretch.steps : 0);
    traveller->computing = false;
    traveller->seen_parts = 0;  // it begins with a whole step again
    traveller->seen = Duration::zero();
    traveller->course.lose();
  }
  for (FragmentId f = 0; f < numbers_.fragments; ++f) {
    const MessageId message = message_of(worker, f);
    Round& round = rounds_[message];
    if (round.stage == Stage::download) cancel(download(message));
    if (round.stage == Stage::upload) cancel(upload(message));
    if (round.stage != Stage::none && round.stage != Stage::service) {
      crashed = round.wanted = true;
      round.stage = Stage::none;
      --desk_of(message).in_flight;
    }
  }
  if (crashed) crash(worker, steps);
  for (FragmentId f = 0; f < numbers_.fragments; ++f)
    if (const MessageId message = message_of(worker, f); rounds_[message].wanted && own.gone) lose_for_good(message);
}

void Clock::crash(NodeId worker, int64_t steps) {
  Round& own = self(worker);
  ++own.generation;
  ++log_.crashes;
  log_.crashed_steps += steps;
  trajectory_.add(Fate::crashed, now_, worker, own);
  if (++crashes_in_a_row_ > kMostCrashesInARow)
    throw std::overflow_error("/workers: " + std::to_string(kMostCrashesInARow) +
                              " rounds in a row ended with a crash; workers must stay up long enough for a round");
  write(Forget{worker});
}

void Clock::lose_for_good(MessageId message) {
  rounds_[message].wanted = false;
  ++desk_of(message).gone;
}

void Clock::come_up(NodeId worker) {
  Round& own = self(worker);
  const Availability::Period period = workers_.availability[worker]->at(now_);
  expect_change(worker, period);
  if (!period.up || own.up) return;
  own.up = true;
  ledger_.enter(worker, Activity::wait, now_);
  send_all(worker, true);
}

}  // namespace sim
