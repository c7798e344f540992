#pragma once
#include <functional>
#include <map>
#include <memory>
#include <vector>

#include "experiments/run/training_learner.h"

namespace experiments {

/// A training learner whose run can go on from a checkpoint. The clock of a run is a pure function of its configuration
/// and costs next to nothing beside training, so a checkpoint holds no event: a resumed run runs its clock again from
/// the start, and until it is where the checkpoint was made, this answers with what was learned then instead of
/// training. Queue, transfers, random counters, cursors and records all come out of that, the same to the bit.
class ResumableLearner final : public Learner {
 public:
  /// `due` is asked after every call, and while waiting for a round; when true, a checkpoint is made through `save`.
  ResumableLearner(std::unique_ptr<TrainingLearner> learner, std::function<bool()> due,
                   std::function<void(CheckpointWriter&)> save);
  /// Goes on from the checkpoint. Before the first call.
  void resume(CheckpointReader);
  /// Makes a checkpoint of where the run is: after the last call that came to its end. Not while the clock is run
  /// again: then the checkpoint it began from says more.
  void save();
  /// The same when the run has ended.
  void save_end();
  /// Server θ; only once the run is past the checkpoint.
  const TrainingLearner& learner() const { return *learner_; }

  void begin(sim::WorkerId, const models::LocalTask&, sim::Time due) override;
  std::vector<ArrivalFacts> apply(std::span<const Delivery>) override;
  void discard(sim::WorkerId) override;
  void forget(sim::WorkerId) override;
  void evaluate(const Counters& at) override;
  std::optional<double> latest_loss() const override;
  bool finite() override;
  bool reached(double loss) override;
  void add_model(Fingerprint&) const override;
  std::vector<Evaluation> evaluations() override;

 private:
  /// True while the calls are those made before the checkpoint; at the first that is not, the learner takes over.
  bool again();
  void await(sim::WorkerId);
  void done();
  void note(CheckpointWriter&) const;

  std::unique_ptr<TrainingLearner> learner_;
  std::function<bool()> due_;
  std::function<void(CheckpointWriter&)> save_;
  int64_t calls_ = 0;
  std::vector<double> facts_;  // of every pseudo-gradient applied, four numbers each
  // While the run's clock is run again:
  std::optional<CheckpointReader> from_;
  int64_t calls_then_ = 0;
  size_t facts_read_ = 0;
  std::map<sim::WorkerId, BegunRound> rounds_;
  std::vector<Counters> evaluated_;
};

}  // namespace experiments
