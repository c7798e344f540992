#pragma once
#include <memory>
#include <optional>

#include "sim/workers/alternation.h"
#include "sim/workers/speed_model.h"

namespace sim {

/// When a worker is slow for a while: somebody else's job, heat, a failing disk. Both times are exponential.
struct SlowSpellsSpec {
  double mean_seconds_between = 3600.0;  ///< from the end of a spell to the start of the next, and to the first
  double mean_seconds = 300.0;           ///< of a spell
  std::optional<double> factor = 4.0;    ///< how many times as long a step takes in a spell, > 0; none: it stands still
};
template <class V>
void fields(V& v, SlowSpellsSpec& c) {
  v.field("mean_seconds_between", c.mean_seconds_between, V::between(1e-3, 1e9), "s",
          "Mean time without a spell, exponential");
  v.field("mean_seconds", c.mean_seconds, V::between(1e-3, 1e9), "s", "Mean length of a spell, exponential");
  v.field("factor", c.factor, V::above(1, 1e6), "",
          "How many times as long a step takes in a spell; null: the worker stands still");
}

/// A base speed v with slow spells: v outside, v / factor in them (0 without a factor). With b the mean time between
/// spells and l their mean length, spells take the share l / (b + l) of the time, and the mean speed is
/// v (b + l / factor) / (b + l).
class SlowSpells final : public SpeedModel {
 public:
  SlowSpells(std::shared_ptr<const SpeedModel> base, const SlowSpellsSpec&, RandomStream stream);
  Segment at(Time) const override;
  double mean_steps_per_second() const override;

 private:
  std::shared_ptr<const SpeedModel> base_;
  double slow_;  // 1 / factor
  Alternation spells_;
};

}  // namespace sim
