#pragma once
#include <cstdint>
#include <memory>
#include <span>

namespace models {

/// What a correction may know of an arrived pseudo-gradient, beyond itself.
struct ArrivedUpdate {
  int64_t staleness = 0;              ///< s: server updates between the worker's dispatch and now
  std::span<const float> now;         ///< what the worker would begin with now; the update has not happened yet
  std::span<const float> dispatched;  ///< what the worker began with; empty unless a correction asks for it
};

/// A step in front of the outer rule that makes up for staleness. Has no state; corrections follow one another.
class Correction {
 public:
  virtual ~Correction() = default;
  /// g ← g corrected. g is already scaled by the update weight. Lengths are equal.
  virtual void correct(std::span<float> gradient, const ArrivedUpdate&) const = 0;
  /// Whether correct() reads ArrivedUpdate::dispatched, which costs a copy of the model a worker in flight.
  virtual bool needs_dispatched() const { return false; }
};

}  // namespace models
