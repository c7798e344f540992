#pragma once
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <vector>

#include "experiments/run/checkpoint.h"
#include "experiments/run/run_log.h"
#include "experiments/run/thread_pool.h"
#include "models/fragments.h"
#include "models/outer/correction.h"
#include "models/outer/landing.h"
#include "models/outer/outer_rule.h"
#include "models/outer/reduction.h"
#include "models/payload/payload.h"
#include "models/train/evaluator.h"
#include "models/train/local_trainer.h"
#include "sim/clock/score.h"
#include "sim/per_worker.h"

namespace experiments {

/// How a server learns about a fragment. Not of the root: on a merge it takes over this share of its parent's model,
/// θ ← (1 − α)θ + αΘ.
struct ServerParts {
  std::unique_ptr<models::OuterRule> rule;
  std::unique_ptr<models::Reduction> reduction;  ///< of those applied together
  double mix = 1.0;                              ///< α
};

/// What a run learns with.
struct PlayerParts {
  std::shared_ptr<const models::Objective> objective;
  std::shared_ptr<const void> data;  ///< keeps alive what the trainer's batches read
  std::unique_ptr<models::LocalTrainer> trainer;
  std::unique_ptr<models::Evaluator> evaluator;
  std::vector<models::Fragment> fragments;  ///< none: the model travels whole
  std::vector<ServerParts> servers;         ///< in the clock's order, each fragment by fragment
  std::function<std::unique_ptr<models::Landing>(const models::ParamLayout&)> landing;  ///< of a worker and fragment
  bool mean_returns = false;  ///< to workers that train on the mean of what was applied is sent, not the model
  std::vector<std::unique_ptr<models::Correction>> corrections;  ///< in order, in front of the rule
  double update_weight = 1.0;
  int64_t tokens_per_example = 1;
  sim::PerWorker<int64_t> batch{std::vector<int64_t>{1}};  ///< examples of a worker's inner step
  models::PayloadConfig payload;
  bool keep_optimizer_state = true;  ///< from round to round
  models::Params start;
  int64_t workers = 1;
};

/// Watches a run; can change nothing. Called after every server update.
using Progress = std::function<void(const Counters&, std::optional<double> latest_loss)>;

struct PlayOptions {
  std::optional<double> stop_loss = {};  ///< the first evaluation after the start at or below it ends the run
  Progress progress = {};
  /// Asked after every action, and while waiting for a round; when true, `save` is called.
  std::function<bool()> save_due = {};
  std::function<void(CheckpointWriter&)> save = {};
};

/// Trains a score: rounds and evaluations run on the pool between being begun and being asked for. Whatever the number
/// of threads, the same bits.
class Player {
 public:
  /// `pool` must outlive this.
  Player(PlayerParts parts, ThreadPool& pool);
  /// Waits for whatever is still running; rounds not yet begun are abandoned.
  ~Player();

  /// Plays from where the player stands to the score's end, or to where training goes no further: cut() then. That is
  /// after the first applied pseudo-gradient that is not finite, the first evaluation that follows one that was not
  /// finite, or the one that reaches the loss to stop at. Throws models::Cancelled when the pool is; then, as after an
  /// exception from `progress`, it stands between two actions.
  void play(const sim::Score&, const PlayOptions& = {});
  /// How many of the score's actions count, where training ended before it. The clock has to run again up to there.
  std::optional<int64_t> cut() const { return cut_; }

  /// Waits for all evaluations. The clock's log with what was learned.
  RunLog join(sim::ClockLog) const;
  /// The root's θ as it stands.
  models::Params params() const { return *whole_model(); }

  /// Hands `write` everything that the player knows: how many actions it has played, θ, the rule, evaluations, and each
  /// worker's optimizer state, residual and round, which is paused between two steps meanwhile. Rounds go on
  /// afterwards, if anybody still wants them. Nothing is handed before the first action.
  void save(const std::function<void(CheckpointWriter&)>& write);
  /// The same of a run that has ended: without workers and rule.
  void save_end(const std::function<void(CheckpointWriter&)>& write);
  /// Makes a fresh player go on where another of the same parts was saved. The score is the one that one played, up to
  /// its cut. Throws models::WeightsError if the checkpoint is not of it.
  void restore(CheckpointReader&, const sim::Score&);
  /// Where the checkpoint's player found that training ends, if it did.
  static std::optional<int64_t> cut_of(const CheckpointReader&);

 private:
  /// What a worker does by itself.
  struct Task {
    enum class Do : uint8_t { take_over, train, send, forget };
    Do what = Do::train;
    sim::FragmentId fragment = 0;
    std::shared_ptr<const models::Params> answer = nullptr;  // taken over
    models::LocalTask train = {};
    sim::Time due{};  // when what it leads to is asked for
  };
  /// A worker's dealings with a server about a fragment.
  struct Message {
    std::shared_ptr<const models::Params> start;       // what the next difference is to; none: the worker has it not
    std::shared_ptr<const models::Params> dispatched;  // of the message sent; only where a correction asks for it
    models::Params gradient;                           // sent, until it is applied
    double gradient_norm = 0;
    double loss_sum = 0;  // over the steps since the fragment was taken over
    int64_t steps = 0;    // those
    double sent_loss = 0;
    int64_t sent_steps = 0;
    models::Params residual;  // what the compression of earlier pseudo-gradients lost
    std::unique_ptr<models::Landing> landing;
    // The score's side:
    std::shared_ptr<const models::Params> answer;  // on its way
    bool joined = false;                           // an answer has been taken over since the worker came
    int64_t sends = 0;                             // asked of the worker
    int64_t sent = 0;                              // of them, done; under chains_
    bool ready() const { return sent == sends; }
  };
  struct Worker {
    models::LocalModel model;  // θ is empty before the worker has begun to train, and after a whole round
    std::vector<Message> messages;
    // Under chains_:
    std::deque<Task> chain;  // the first is being done where it runs
    bool running = false;
    ThreadPool::Ticket run;
    std::atomic<bool> given_up{false};  // the task being done is not wanted any more
  };
  struct Server {
    std::unique_ptr<models::OuterRule> rule;
    std::unique_ptr<models::Reduction> reduction;
    double mix = 1.0;
    std::shared_ptr<models::Params> params;  // θ
    bool handed_out = false;                 // someone may still read *params
    std::shared_ptr<const models::Params> sent_out;
    // Between a server and its parent.
    std::shared_ptr<const models::Params> merged;  // θ just after the last merge; none of the root
    models::Params sent;                           // what has changed since then, until it is applied
    std::shared_ptr<const models::Params> answer;  // until it is merged
    std::shared_ptr<const models::Params> mean;    // of what was applied last, where that is what workers are sent

    std::shared_ptr<const models::Params> snapshot() {
      handed_out = true;
      return params;
    }
    /// What goes out, until the next change: a rule may send another point than θ.
    std::shared_ptr<const models::Params> dispatched() {
      if (!sent_out) {
        models::Params other = rule->dispatched(*params);
        sent_out = other.empty() ? snapshot() : std::make_shared<const models::Params>(std::move(other));
      }
      return sent_out;
    }
    models::Params& changeable() {
      sent_out.reset();
      if (handed_out) params = std::make_shared<models::Params>(*params);
      handed_out = false;
      return *params;
    }
  };
  struct PendingEvaluation {
    Counters at;
    std::vector<double> sums;  // one a domain
    std::vector<ThreadPool::Ticket> tickets;
    std::shared_ptr<const models::Params> params;  // until it is known to be done
    bool done() const;
  };
  // The actions.
  void play(const sim::Train&);
  void play(const sim::Apply&);
  void play(const sim::Drop&);
  void play(const sim::Forget&);
  void play(const sim::Send&);
  void play(const sim::Answer&);
  void play(const sim::Merge&);
  void play(const sim::Evaluate&);
  void end_here();

  void correct(const sim::Delivery&, Message&, Server&);
  void add(Worker&, std::vector<Task>);
  void start_chain(Worker&);
  void run_chain(Worker&);
  void perform(Worker&, Task&);
  void take_over(Worker&, const Task&);
  void freeze(Worker&, sim::FragmentId);
  models::Params own(const Worker&, sim::FragmentId) const;
  void set_own(Worker&, sim::FragmentId, const models::Params&) const;
  void submit(PendingEvaluation&);
  Message& await(Worker&, sim::FragmentId);
  void pause();
  void forget_done_evaluations();
  bool evaluations_finite();
  std::optional<double> latest_loss() const;
  bool unwanted() const { return abandoned_ || pool_.cancelled(); }
  Evaluation finish(const PendingEvaluation&) const;
  void save_known(CheckpointWriter&, const models::Params& model) const;
  bool is_worker(sim::NodeId id) const { return static_cast<size_t>(id) < workers_.size(); }
  Worker& worker(sim::NodeId id) { return workers_[static_cast<size_t>(id)]; }
  size_t fragments() const { return std::max<size_t>(1, parts_.fragments.size()); }
  Server& server(sim::NodeId id, sim::FragmentId fragment) {
    return servers_[(static_cast<size_t>(id) - workers_.size()) * fragments() + static_cast<size_t>(fragment)];
  }
  static Message& message(Worker& worker, sim::FragmentId fragment) {
    return worker.messages[static_cast<size_t>(fragment)];
  }
  Message& message(sim::NodeId id, sim::FragmentId fragment) { return message(worker(id), fragment); }
  const models::ParamLayout& layout(sim::FragmentId fragment) const {
    return parts_.fragments.empty() ? parts_.objective->layout()
                                    : parts_.fragments[static_cast<size_t>(fragment)].layout;
  }
  /// The root's θ, all its fragments.
  std::shared_ptr<const models::Params> whole_model() const;

  PlayerParts parts_;
  const sim::Score* score_ = nullptr;  // being played
  const PlayOptions* options_ = nullptr;
  std::vector<sim::Time> due_;  // of every action: of a Train, when its round is asked for
  size_t next_ = 0;             // actions played
  std::optional<int64_t> cut_;
  std::vector<ArrivalFacts> facts_;  // of every pseudo-gradient applied
  bool keep_dispatched_;
  ThreadPool& pool_;
  std::vector<Server> servers_;  // fragment by fragment
  std::vector<Worker> workers_;
  std::mutex chains_;
  std::condition_variable moved_;  // a worker has done a task
  std::deque<PendingEvaluation> evaluations_;
  size_t known_finite_ = 0;  // of evaluations_, the first so many
  size_t known_done_ = 0;    // likewise
  std::atomic<bool> abandoned_{false};
  std::atomic<bool> paused_{false};
};

}  // namespace experiments
