#include "sim/workers/failures.h"

#include <algorithm>
#include <cmath>
#include <utility>

namespace sim {
namespace {

/// Time::max() past the end of the clock.
Time later(Time time, Duration length) { return time > Time::max() - length ? Time::max() : time + length; }

}  // namespace

FailingSpeed::FailingSpeed(std::shared_ptr<const SpeedModel> base, const FailuresSpec& spec, RandomStream stream)
    : base_(std::move(base)), spec_(spec), stream_(stream), failure_(later(kTimeZero, draw_life())) {}

Duration FailingSpeed::draw_life() const {
  const double seconds = -std::log1p(-stream_.uniform(lives_++)) * spec_.mean_seconds_between;
  return std::max(from_seconds(std::min(seconds, kMaxSeconds)), Duration{1});
}

void FailingSpeed::extend() const {
  const auto add = [&](bool stands, Time end) {
    if (end > end_) stretches_.push_back({end_, stands});
    end_ = end;
  };
  const Time begun = end_;
  const Time checkpoint =
      spec_.checkpoint_every ? later(begun, from_seconds(*spec_.checkpoint_every) - done_) : Time::max();
  add(false, std::min(checkpoint, failure_));
  if (spec_.checkpoint_every) done_ += end_ - begun;
  if (checkpoint <= failure_ && checkpoint != Time::max()) {
    const Time written = later(checkpoint, from_seconds(spec_.checkpoint_seconds));
    add(true, std::min(written, failure_));
    if (written <= failure_) {
      done_ = Duration::zero();
      return;
    }
  }
  if (failure_ == Time::max()) return;
  const Duration restart = from_seconds(spec_.restart_seconds);
  Time back = later(failure_, restart);
  Duration life = draw_life();
  for (; life < done_ && back != Time::max(); life = draw_life()) back = later(later(back, life), restart);
  back = later(back, done_);
  failure_ = later(back, life - done_);
  add(true, back);
}

SpeedModel::Segment FailingSpeed::at(Time t) const {
  while (end_ <= t && end_ != Time::max()) extend();
  const auto next = std::upper_bound(stretches_.begin(), stretches_.end(), t,
                                     [](Time time, const Stretch& s) { return time < s.begin; });
  Segment segment = base_->at(t);
  segment.end = std::min(segment.end, next == stretches_.end() ? end_ : next->begin);
  if ((next - 1)->stands) segment = {0.0, segment.end, true};
  return segment;
}

double FailingSpeed::mean_steps_per_second() const {
  const double every = spec_.checkpoint_every.value_or(0.0);
  const double failing = (spec_.restart_seconds + every / 2.0) / spec_.mean_seconds_between;
  const double writing = every > 0.0 ? spec_.checkpoint_seconds / every : 0.0;
  return base_->mean_steps_per_second() / (1.0 + failing) / (1.0 + writing);
}

}  // namespace sim
