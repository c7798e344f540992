#pragma once
#include <atomic>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <vector>

#include "experiments/run/checkpoint.h"
#include "experiments/run/learner.h"
#include "experiments/run/thread_pool.h"
#include "models/outer/correction.h"
#include "models/outer/outer_rule.h"
#include "models/payload.h"
#include "models/train/evaluator.h"
#include "models/train/local_trainer.h"

namespace experiments {

/// What a training learner is made of.
struct LearnerParts {
  std::shared_ptr<const models::Objective> objective;
  std::shared_ptr<const void> data;  ///< keeps alive what the trainer's batches read
  std::unique_ptr<models::LocalTrainer> trainer;
  std::unique_ptr<models::Evaluator> evaluator;
  std::unique_ptr<models::OuterRule> rule;
  std::vector<std::unique_ptr<models::Correction>> corrections;  ///< in order, in front of the rule
  double update_weight = 1.0;
  models::PayloadConfig payload;
  bool keep_optimizer_state = true;  ///< from round to round
  models::Params start;
  int64_t workers = 1;
};

/// A round that was under way when a checkpoint was made.
struct BegunRound {
  models::LocalTask task;
  sim::Time due{};
};

/// Really trains: rounds and evaluations run on the pool between being begun and being asked for.
class TrainingLearner final : public Learner {
 public:
  /// `pool` must outlive this.
  TrainingLearner(LearnerParts parts, ThreadPool& pool);
  /// Waits for whatever is still running; rounds not yet begun are abandoned.
  ~TrainingLearner() override;
  void begin(sim::WorkerId, const models::LocalTask&, sim::Time due) override;
  std::vector<ArrivalFacts> apply(std::span<const Delivery>) override;
  void discard(sim::WorkerId) override;
  void forget(sim::WorkerId) override;
  void evaluate(const Counters& at) override;
  std::optional<double> latest_loss() const override;
  bool finite() override;
  bool reached(double loss) override;
  void add_model(Fingerprint& fingerprint) const override { fingerprint.add(*params_); }
  std::vector<Evaluation> evaluations() override;
  /// Waits until the worker's round has been trained, but no longer than this; false if it has not.
  bool wait_for(sim::WorkerId, std::chrono::milliseconds) const;
  /// Hands `write` everything the learner knows, evaluations' places apart: θ, the rule, and each worker's optimizer
  /// state, residual and round, which is paused between two steps meanwhile. Rounds go on afterwards, if anybody still
  /// wants them.
  void save(const std::function<void(CheckpointWriter&)>& write);
  /// The same of a run that has ended: without workers and rule.
  void save_end(const std::function<void(CheckpointWriter&)>& write);
  /// Makes a fresh learner go on where another of the same parts was saved. `rounds`: those begun and neither applied,
  /// discarded nor forgotten; `evaluations`: all those begun. Throws models::WeightsError if the checkpoint has others.
  void restore(CheckpointReader&, const std::map<sim::WorkerId, BegunRound>& rounds,
               const std::vector<Counters>& evaluations);
  /// θ as it stands.
  const models::Params& params() const { return *params_; }

 private:
  struct Worker {
    models::OptimizerState optimizer;
    models::LocalResult result;
    models::Params residual;  // what the compression of earlier pseudo-gradients lost
    BegunRound begun;
    ThreadPool::Ticket round;
    std::shared_ptr<const models::Params> start;       // until the round is trained
    std::shared_ptr<const models::Params> dispatched;  // only where a correction asks for it
    models::LocalProgress progress;                    // of a round that was paused
    bool busy = false;                                 // a round is begun, or trained and not yet asked for
    std::atomic<bool> given_up{false};
  };
  struct PendingEvaluation {
    Counters at;
    std::vector<double> sums;  // one a domain
    std::vector<ThreadPool::Ticket> tickets;
    std::shared_ptr<const models::Params> params;  // until it is known to be done
    bool done() const;
  };
  std::shared_ptr<const models::Params> snapshot();
  models::Params& changeable_params();
  void correct(const Delivery&);
  void train(Worker&);
  void submit(Worker&);
  void submit(PendingEvaluation&);
  void pause();
  void forget_done_evaluations();
  bool unwanted() const { return abandoned_ || pool_.cancelled(); }
  Evaluation finish(const PendingEvaluation&) const;

  LearnerParts parts_;
  bool keep_dispatched_;
  ThreadPool& pool_;
  std::shared_ptr<models::Params> params_;
  bool handed_out_ = false;  // someone may still read *params_
  std::vector<Worker> workers_;
  std::deque<PendingEvaluation> evaluations_;
  size_t known_finite_ = 0;  // of evaluations_, the first so many
  size_t known_done_ = 0;    // likewise
  std::atomic<bool> abandoned_{false};
  std::atomic<bool> paused_{false};
};

}  // namespace experiments
