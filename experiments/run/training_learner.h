#pragma once
#include <atomic>
#include <deque>
#include <memory>
#include <vector>

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
  void add_model(Fingerprint& fingerprint) const override { fingerprint.add(*params_); }
  std::vector<Evaluation> evaluations() override;
  /// θ as it stands.
  const models::Params& params() const { return *params_; }

 private:
  struct Worker {
    models::OptimizerState optimizer;
    models::LocalResult result;
    models::Params residual;  // what the compression of earlier pseudo-gradients lost
    ThreadPool::Ticket round;
    std::shared_ptr<const models::Params> dispatched;  // only where a correction asks for it
    bool begun = false;
    std::atomic<bool> given_up{false};
  };
  struct PendingEvaluation {
    Counters at;
    std::vector<double> sums;  // one a domain
    std::vector<ThreadPool::Ticket> tickets;
  };
  std::shared_ptr<const models::Params> snapshot();
  models::Params& changeable_params();
  void correct(const Delivery&);
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
  std::atomic<bool> abandoned_{false};
};

}  // namespace experiments
