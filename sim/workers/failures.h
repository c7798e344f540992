#pragma once
#include <memory>
#include <optional>
#include <vector>

#include "sim/random.h"
#include "sim/workers/speed_model.h"

namespace sim {

/// Failures that cost time but no learning: the worker starts again and does anew what it had done since its last
/// checkpoint. While it does so it may fail again, while it starts it does not. (Where a worker's round is lost
/// instead, that is Availability.)
struct FailuresSpec {
  double mean_seconds_between = 86400.0;   ///< exponential, of computing and of writing checkpoints
  double restart_seconds = 300.0;          ///< until it computes again
  std::optional<double> checkpoint_every;  ///< s of computing between two checkpoints; none: nothing is done anew
  double checkpoint_seconds = 0.0;         ///< to write one, in which it does not compute
  bool together = false;                   ///< all workers that say so fail at the same instants
};
template <class V>
void fields(V& v, FailuresSpec& c) {
  v.field("mean_seconds_between", c.mean_seconds_between, V::between(1e-3, 1e12), "s",
          "Mean time from its start, or from a restart, to a failure, exponential");
  v.field("restart_seconds", c.restart_seconds, V::between(0, 1e9), "s", "From a failure until it computes again");
  v.field("checkpoint_every_seconds", c.checkpoint_every, V::between(1e-3, 1e9), "s",
          "Computing between two checkpoints: what was done since the last is done anew; null: nothing is");
  v.field("checkpoint_seconds", c.checkpoint_seconds, V::between(0, 1e9), "s",
          "To write a checkpoint, in which it does not compute");
  v.field(
      "together", c.together, V::any(), "",
      "It stops when any worker does for which this is true: one job that is not elastic. All of them need the same "
      "values");
}

/// A base speed that stands still while its worker writes a checkpoint, starts again or does something anew.
class FailingSpeed final : public SpeedModel {
 public:
  FailingSpeed(std::shared_ptr<const SpeedModel> base, const FailuresSpec&, RandomStream stream);
  Segment at(Time) const override;
  /// v / (1 + (restart + every / 2) / between) / (1 + write / every): to first order in every / between. Source of that
  /// order: Kokolis et al. 2025, "Revisiting reliability in large-scale machine learning research clusters".
  double mean_steps_per_second() const override;

 private:
  /// Up to the next one's beginning.
  struct Stretch {
    Time begin;
    bool stands;
  };
  void extend() const;
  Duration draw_life() const;

  std::shared_ptr<const SpeedModel> base_;
  FailuresSpec spec_;
  RandomStream stream_;
  // What has been looked at so far; no value depends on who asks or when.
  mutable std::vector<Stretch> stretches_;
  mutable uint64_t lives_ = 0;  // drawn
  mutable Time failure_;        // the next
  mutable Time end_{};          // of the last stretch
  mutable Duration done_{0};    // since the last checkpoint
};

}  // namespace sim
