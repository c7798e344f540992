#pragma once
#include <optional>
#include <span>
#include <vector>

#include "experiments/run/fingerprint.h"
#include "experiments/run/run_log.h"
#include "models/train/local_trainer.h"
#include "sim/units.h"

namespace experiments {

/// What an arrival did, as far as learning goes.
struct ArrivalFacts {
  double train_loss = 0;
  double gradient_norm = 0;
  std::optional<double> cosine_to_momentum;
};

/// A pseudo-gradient about to be applied.
struct Delivery {
  sim::WorkerId worker = 0;
  int64_t staleness = 0;  ///< server updates between the worker's dispatch and now
};

/// The learning side of a run, driven by the clock and knowing nothing of it beyond the order of calls: `due` only says
/// what is wanted first.
class Learner {
 public:
  virtual ~Learner() = default;
  /// The worker takes the server's model of this moment and begins its task.
  virtual void begin(sim::WorkerId, const models::LocalTask&, sim::Time due) = 0;
  /// The workers' pseudo-gradients have arrived: waits for their tasks and hands their mean to the outer rule.
  virtual std::vector<ArrivalFacts> apply(std::span<const Delivery>) = 0;
  /// The worker's pseudo-gradient is lost: waits for its task, whose optimizer state stays with the worker.
  virtual void discard(sim::WorkerId) = 0;
  /// The worker has crashed in the middle of its round: the round is given up, and with it the worker's memory, its
  /// optimizer state.
  virtual void forget(sim::WorkerId) = 0;
  /// Begins to evaluate the server's model of this moment.
  virtual void evaluate(const Counters& at) = 0;
  /// The newest evaluation that is already finished, for progress only.
  virtual std::optional<double> latest_loss() const = 0;
  /// Waits for the evaluations begun so far. False if the loss of one was not finite.
  virtual bool finite() = 0;
  /// Waits for the newest evaluation. Whether its loss is at or below `loss`; false where nothing is learned.
  virtual bool reached(double /*loss*/) { return false; }
  /// Adds the server's model of this moment.
  virtual void add_model(Fingerprint&) const = 0;
  /// Waits for all evaluations and returns them in order.
  virtual std::vector<Evaluation> evaluations() = 0;
};

}  // namespace experiments
