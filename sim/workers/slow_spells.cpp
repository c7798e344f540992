#include "sim/workers/slow_spells.h"

#include <algorithm>
#include <utility>

namespace sim {

SlowSpells::SlowSpells(std::shared_ptr<const SpeedModel> base, const SlowSpellsSpec& spec, RandomStream stream)
    : base_(std::move(base)),
      slow_(spec.factor ? 1.0 / *spec.factor : 0.0),
      spells_({spec.mean_seconds_between}, {spec.mean_seconds}, stream) {}

SpeedModel::Segment SlowSpells::at(Time t) const {
  Segment segment = base_->at(t);
  const Alternation::State state = spells_.at(t);
  if (state.second) segment.steps_per_second *= slow_;
  segment.end = std::min(segment.end, state.end);
  return segment;
}

double SlowSpells::mean_steps_per_second() const {
  const double share = spells_.second_share();
  return base_->mean_steps_per_second() * (1.0 - share + share * slow_);
}

}  // namespace sim
