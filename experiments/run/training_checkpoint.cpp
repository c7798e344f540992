#include <map>
#include <string>

#include "experiments/run/training_learner.h"

// What a TrainingLearner writes into a checkpoint and how it goes on from one.
//   params          θ
//   rule.N          the outer rule's vectors; its counts are in the state
//   snapshot.N      models that rounds or evaluations still read; number 0 is θ itself and not written twice
//   worker.W.*      first, second: the inner optimizer's; residual: what compression lost; gradient: of a trained
//                   round; params: θ in the middle of one
//   losses          worker by worker in the order of the state: mean loss and norm of a trained round, sum of the
//                   losses of a paused one
//   evaluations     sums of losses, one a domain of each evaluation, zeros where it was not done

namespace experiments {
namespace {

/// Numbers models by the order in which they are first asked for.
class Snapshots {
 public:
  explicit Snapshots(const std::shared_ptr<const models::Params>& server) { number(server); }
  size_t number(const std::shared_ptr<const models::Params>& model) {
    const auto [it, fresh] = numbers_.emplace(model.get(), kept_.size());
    if (fresh) kept_.push_back(model);
    return it->second;
  }
  void add_to(CheckpointWriter& out) const {
    for (size_t i = 1; i < kept_.size(); ++i) out.add("snapshot." + std::to_string(i), *kept_[i]);
  }
  size_t count() const { return kept_.size(); }

 private:
  std::map<const models::Params*, size_t> numbers_;
  std::vector<std::shared_ptr<const models::Params>> kept_;
};

std::string worker_name(size_t worker, const char* what) { return "worker." + std::to_string(worker) + "." + what; }

}  // namespace

void TrainingLearner::pause() {
  paused_ = true;
  for (const Worker& worker : workers_) {
    if (!worker.busy) continue;
    try {
      worker.round.wait();
    } catch (const models::Cancelled&) {
    }
  }
  paused_ = false;
}

bool TrainingLearner::wait_for(sim::WorkerId id, std::chrono::milliseconds limit) const {
  return workers_[static_cast<size_t>(id)].round.wait_for(limit);
}

void TrainingLearner::save(const std::function<void(CheckpointWriter&)>& write) {
  pause();
  CheckpointWriter out;
  Snapshots snapshots(params_);
  out.add("params", *params_);
  const models::RuleState rule = parts_.rule->state();
  Json counts = Json::array();
  for (const int64_t* count : rule.counts) counts.push_back(*count);
  for (size_t i = 0; i < rule.vectors.size(); ++i) out.add("rule." + std::to_string(i), *rule.vectors[i]);

  Json workers = Json::array();
  std::vector<double> losses;
  for (size_t w = 0; w < workers_.size(); ++w) {
    const Worker& worker = workers_[w];
    if (!worker.busy && worker.optimizer.first.empty() && worker.residual.empty()) continue;
    Json entry = {{"worker", w}, {"optimizer_steps", worker.optimizer.steps}};
    const auto add = [&](const char* what, const models::Params& values) {
      if (values.empty()) return;
      entry["has"].push_back(what);
      out.add(worker_name(w, what), values);
    };
    entry["has"] = Json::array();
    add("first", worker.optimizer.first);
    add("second", worker.optimizer.second);
    add("residual", worker.residual);
    if (worker.busy) {
      entry["busy"] = true;
      add("gradient", worker.result.gradient);
      add("params", worker.progress.params);
      entry["steps"] = worker.progress.steps;
      if (worker.start) entry["start"] = snapshots.number(worker.start);
      if (worker.dispatched) entry["dispatched"] = snapshots.number(worker.dispatched);
    }
    losses.insert(losses.end(), {worker.result.mean_loss, worker.result.gradient_norm, worker.progress.loss_sum});
    workers.push_back(std::move(entry));
  }
  out.add("losses", losses);

  forget_done_evaluations();
  Json pending = Json::array();
  std::vector<double> sums;
  for (size_t e = 0; e < evaluations_.size(); ++e) {
    const PendingEvaluation& evaluation = evaluations_[e];
    const bool done = e < known_done_ || evaluation.done();
    if (done) {
      sums.insert(sums.end(), evaluation.sums.begin(), evaluation.sums.end());
    } else {  // its sums are being written
      sums.insert(sums.end(), evaluation.sums.size(), 0.0);
      pending.push_back({{"evaluation", e}, {"params", snapshots.number(evaluation.params)}});
    }
  }
  out.add("evaluations", sums);
  snapshots.add_to(out);
  out.state["learner"] = {{"rule", counts},
                          {"workers", workers},
                          {"snapshots", snapshots.count()},
                          {"evaluations", evaluations_.size()},
                          {"pending", pending}};
  const auto go_on = [&] {
    if (unwanted()) return;
    for (Worker& worker : workers_)
      if (worker.busy && worker.start) submit(worker);
  };
  try {
    write(out);
  } catch (...) {
    go_on();
    throw;
  }
  go_on();
}

void TrainingLearner::save_end(const std::function<void(CheckpointWriter&)>& write) {
  CheckpointWriter out;
  out.add("params", *params_);
  std::vector<double> sums;
  for (const PendingEvaluation& evaluation : evaluations_) {
    finish(evaluation);
    sums.insert(sums.end(), evaluation.sums.begin(), evaluation.sums.end());
  }
  out.add("evaluations", sums);
  out.state["learner"] = {{"ended", true}, {"evaluations", evaluations_.size()}};
  write(out);
}

void TrainingLearner::restore(CheckpointReader& in, const std::map<sim::WorkerId, BegunRound>& rounds,
                              const std::vector<Counters>& evaluations) {
  const size_t size = params_->size();
  const Json& state = in.state.at("learner");
  const bool ended = state.contains("ended");
  if (state.at("evaluations").get<size_t>() != evaluations.size())
    in.fail("it has " + state.at("evaluations").dump() + " evaluations; the run has " +
            std::to_string(evaluations.size()) + " there");
  params_ = std::make_shared<models::Params>(in.floats("params", size));
  handed_out_ = true;

  const std::vector<double> sums = in.doubles("evaluations");
  const size_t domains = parts_.evaluator->domains();
  if (sums.size() != evaluations.size() * domains) in.fail("its evaluations are of other domains");
  for (size_t e = 0; e < evaluations.size(); ++e) {
    PendingEvaluation& evaluation = evaluations_.emplace_back();
    evaluation.at = evaluations[e];
    evaluation.sums.assign(sums.begin() + static_cast<ptrdiff_t>(e * domains),
                           sums.begin() + static_cast<ptrdiff_t>((e + 1) * domains));
  }
  if (ended) return;

  std::vector<std::shared_ptr<const models::Params>> snapshots{params_};
  for (size_t i = 1; i < state.at("snapshots").get<size_t>(); ++i)
    snapshots.push_back(std::make_shared<const models::Params>(in.floats("snapshot." + std::to_string(i), size)));
  for (const Json& pending : state.at("pending")) {
    PendingEvaluation& evaluation = evaluations_.at(pending.at("evaluation").get<size_t>());
    evaluation.params = snapshots.at(pending.at("params").get<size_t>());
    submit(evaluation);
  }

  const models::RuleState rule = parts_.rule->state();
  if (state.at("rule").size() != rule.counts.size()) in.fail("it is of another outer rule");
  for (size_t i = 0; i < rule.counts.size(); ++i) *rule.counts[i] = state.at("rule")[i].get<int64_t>();
  for (size_t i = 0; i < rule.vectors.size(); ++i) {
    const std::string name = "rule." + std::to_string(i);
    if (in.has(name)) *rule.vectors[i] = in.floats(name, size);
  }

  const std::vector<double> losses = in.doubles("losses");
  size_t row = 0, busy = 0;
  for (const Json& entry : state.at("workers")) {
    const auto id = entry.at("worker").get<size_t>();
    Worker& worker = workers_.at(id);
    worker.optimizer.steps = entry.at("optimizer_steps").get<int64_t>();
    const auto take = [&](const char* what, models::Params& into) {
      for (const Json& name : entry.at("has"))
        if (name == what) into = in.floats(worker_name(id, what), size);
    };
    take("first", worker.optimizer.first);
    take("second", worker.optimizer.second);
    take("residual", worker.residual);
    if (entry.contains("busy")) {
      ++busy;
      const auto begun = rounds.find(static_cast<sim::WorkerId>(id));
      if (begun == rounds.end()) in.fail("worker " + std::to_string(id) + " has no round there in this run");
      worker.busy = true;
      worker.begun = begun->second;
      take("gradient", worker.result.gradient);
      take("params", worker.progress.params);
      worker.result.mean_loss = losses.at(3 * row);
      worker.result.gradient_norm = losses.at(3 * row + 1);
      worker.progress.loss_sum = losses.at(3 * row + 2);
      worker.progress.steps = entry.at("steps").get<int64_t>();
      if (entry.contains("dispatched")) worker.dispatched = snapshots.at(entry["dispatched"].get<size_t>());
      if (entry.contains("start")) {
        worker.start = snapshots.at(entry["start"].get<size_t>());
        submit(worker);
      } else {
        worker.round = pool_.submit(worker.begun.due, [] {});  // trained already
      }
    }
    ++row;
  }
  if (busy != rounds.size())
    in.fail("it has " + std::to_string(busy) + " rounds under way; the run has " + std::to_string(rounds.size()) +
            " there");
}

}  // namespace experiments
