#include "sim/workers/alternation.h"

#include <algorithm>
#include <cassert>
#include <cmath>

namespace sim {

Alternation::Alternation(Sojourn first, Sojourn second, RandomStream stream)
    : kinds_{first, second}, scale_seconds_{}, stream_(stream), place_{}, behind_{} {
  for (int i = 0; i < 2; ++i) {
    assert(kinds_[i].mean_seconds > 0.0 && kinds_[i].shape > 0.0);
    scale_seconds_[i] = kinds_[i].mean_seconds / std::tgamma(1.0 + 1.0 / kinds_[i].shape);
  }
  place_ = behind_ = {0, kTimeZero, end_of(0, kTimeZero)};
}

Time Alternation::end_of(uint64_t number, Time begin) const {
  const size_t kind = number % 2;
  const double unit_mean = -std::log1p(-stream_.uniform(number));
  const double seconds =
      scale_seconds_[kind] * (kinds_[kind].shape == 1.0 ? unit_mean : std::pow(unit_mean, 1.0 / kinds_[kind].shape));
  const Duration length = std::max(from_seconds(std::min(seconds, kMaxSeconds)), Duration{1});
  return begin > Time::max() - length ? Time::max() : begin + length;
}

Alternation::State Alternation::at(Time t) const {
  assert(t >= kTimeZero);
  const bool back = t < place_.begin;
  if (back) place_ = t < behind_.begin ? Place{0, kTimeZero, end_of(0, kTimeZero)} : behind_;
  while (t >= place_.end && place_.end != Time::max())
    place_ = {place_.number + 1, place_.end, end_of(place_.number + 1, place_.end)};
  if (back) behind_ = place_;
  return {place_.number % 2 == 1, place_.end};
}

double Alternation::second_share() const {
  return kinds_[1].mean_seconds / (kinds_[0].mean_seconds + kinds_[1].mean_seconds);
}

}  // namespace sim
