#include <string>

#include "experiments/run/player.h"
#include "models/train/cancellation.h"

// What a Player writes into a checkpoint and how it goes on from one.
//   params          the root's θ
//   server.S.*      rule.NAME: the outer rule's vectors, whose counts are in the state; sent: of a server below the
//   root snapshot.N      models that rounds, evaluations or servers still read; number 0 is the root's θ and not
//   written twice worker.W.*      first, second: the inner optimizer's; residual: what compression lost; gradient: of a
//   trained
//                   round; params: θ in the middle of one
//   losses          worker by worker in the order of the state: sum of the losses of the round's steps, norm of the
//                   pseudo-gradient
//   facts           of every pseudo-gradient applied: loss, norm, whether there is a cosine, the cosine
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

constexpr size_t kNumbers = 4;  // of each pseudo-gradient

std::vector<double> numbers_of(const std::vector<ArrivalFacts>& facts) {
  std::vector<double> numbers;
  for (const ArrivalFacts& f : facts)
    numbers.insert(numbers.end(), {f.train_loss, f.gradient_norm, f.cosine_to_momentum ? 1.0 : 0.0,
                                   f.cosine_to_momentum.value_or(0.0)});
  return numbers;
}

std::vector<ArrivalFacts> facts_of(const std::vector<double>& numbers) {
  std::vector<ArrivalFacts> facts;
  for (size_t i = 0; i + kNumbers <= numbers.size(); i += kNumbers)
    facts.push_back({numbers[i], numbers[i + 1], numbers[i + 2] != 0.0 ? std::optional(numbers[i + 3]) : std::nullopt});
  return facts;
}

struct SavedRule final : models::StateVisitor {
  SavedRule(CheckpointWriter& out, std::string place) : out(out), place(std::move(place)) {}
  void count(const std::string& name, int64_t& value) override { counts[name] = value; }
  void vector(const std::string& name, models::Params& values) override { out.add(place + name, values); }
  CheckpointWriter& out;
  const std::string place;
  Json counts = Json::object();
};

struct RestoredRule final : models::StateVisitor {
  RestoredRule(CheckpointReader& in, std::string place, const Json& saved)
      : in(in), place(std::move(place)), saved(saved) {}
  void count(const std::string& name, int64_t& value) override {
    if (!saved.contains(name)) in.fail("it is of another outer rule");
    value = saved.at(name).get<int64_t>();
    ++counts;
  }
  void vector(const std::string& name, models::Params& values) override {
    if (in.has(place + name)) values = in.floats(place + name);
  }
  CheckpointReader& in;
  const std::string place;
  const Json& saved;
  size_t counts = 0;
};

std::string server_name(size_t server, const char* what) { return "server." + std::to_string(server) + "." + what; }
std::string worker_name(size_t worker, const char* what) { return "worker." + std::to_string(worker) + "." + what; }

}  // namespace

void Player::pause() {
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

std::optional<int64_t> Player::cut_of(const CheckpointReader& in) {
  const Json cut = in.state.value("cut", Json());
  return cut.is_null() ? std::nullopt : std::optional(cut.get<int64_t>());
}

/// What a checkpoint says whether or not the run has ended.
void Player::save_known(CheckpointWriter& out) const {
  out.state["actions"] = next_;
  out.state["cut"] = cut_ ? Json(*cut_) : Json();
  out.add("params", params());
}

void Player::save(const std::function<void(CheckpointWriter&)>& write) {
  if (next_ == 0) return;
  pause();
  CheckpointWriter out;
  Snapshots snapshots(servers_.back().params);
  save_known(out);
  const std::vector<double> facts = numbers_of(facts_);
  out.add("facts", facts);
  Json servers = Json::array();
  for (size_t s = 0; s < servers_.size(); ++s) {
    const Server& server = servers_[s];
    SavedRule rule(out, server_name(s, "rule."));
    server.rule->visit(rule);
    server.reduction->visit(rule);
    Json entry = {{"rule", rule.counts}, {"params", snapshots.number(server.params)}};
    if (server.merged) entry["merged"] = snapshots.number(server.merged);
    if (server.answer) entry["answer"] = snapshots.number(server.answer);
    if (!server.sent.empty()) out.add(server_name(s, "sent"), server.sent);
    servers.push_back(std::move(entry));
  }

  Json workers = Json::array();
  std::vector<double> losses;
  for (size_t w = 0; w < workers_.size(); ++w) {
    const Worker& worker = workers_[w];
    const bool known = worker.busy || worker.start || !worker.model.optimizer.first.empty() || !worker.residual.empty();
    if (!known) continue;
    Json entry = {{"worker", w}, {"optimizer_steps", worker.model.optimizer.steps}};
    const auto add = [&](const char* what, const models::Params& values) {
      if (values.empty()) return;
      entry["has"].push_back(what);
      out.add(worker_name(w, what), values);
    };
    entry["has"] = Json::array();
    add("first", worker.model.optimizer.first);
    add("second", worker.model.optimizer.second);
    add("residual", worker.residual);
    if (worker.start) entry["start"] = snapshots.number(worker.start);
    if (worker.busy) {
      entry["busy"] = true;
      add("gradient", worker.gradient);
      add("params", worker.model.params);
      entry["steps"] = worker.task.done;
      if (worker.dispatched) entry["dispatched"] = snapshots.number(worker.dispatched);
    }
    losses.insert(losses.end(), {worker.task.loss_sum, worker.gradient_norm});
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
  out.state["learner"] = {{"servers", servers},
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

void Player::save_end(const std::function<void(CheckpointWriter&)>& write) {
  CheckpointWriter out;
  save_known(out);
  const std::vector<double> facts = numbers_of(facts_);
  out.add("facts", facts);
  std::vector<double> sums;
  for (const PendingEvaluation& evaluation : evaluations_) {
    finish(evaluation);
    sums.insert(sums.end(), evaluation.sums.begin(), evaluation.sums.end());
  }
  out.add("evaluations", sums);
  out.state["learner"] = {{"ended", true}, {"evaluations", evaluations_.size()}};
  write(out);
}

void Player::restore(CheckpointReader& in, const sim::Score& score) {
  const size_t size = params().size();
  const Json& state = in.state.at("learner");
  const bool ended = state.contains("ended");
  next_ = in.state.at("actions").get<size_t>();
  cut_ = cut_of(in);
  if (next_ > score.size()) in.fail("it was made later than the run ends");
  const auto [training, evaluations, applied] = sim::played(score, next_);
  facts_ = facts_of(in.doubles("facts"));
  if (facts_.size() != applied)
    in.fail("it has " + std::to_string(facts_.size()) + " pseudo-gradients; the run has " + std::to_string(applied) +
            " there");
  if (state.at("evaluations").get<size_t>() != evaluations.size())
    in.fail("it has " + state.at("evaluations").dump() + " evaluations; the run has " +
            std::to_string(evaluations.size()) + " there");
  servers_.back().params = std::make_shared<models::Params>(in.floats("params", size));

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

  std::vector<std::shared_ptr<const models::Params>> snapshots{servers_.back().snapshot()};
  for (size_t i = 1; i < state.at("snapshots").get<size_t>(); ++i)
    snapshots.push_back(std::make_shared<const models::Params>(in.floats("snapshot." + std::to_string(i), size)));
  for (const Json& pending : state.at("pending")) {
    PendingEvaluation& evaluation = evaluations_.at(pending.at("evaluation").get<size_t>());
    evaluation.params = snapshots.at(pending.at("params").get<size_t>());
    submit(evaluation);
  }

  if (state.at("servers").size() != servers_.size()) in.fail("it is of another number of servers");
  for (size_t s = 0; s < servers_.size(); ++s) {
    const Json& entry = state.at("servers")[s];
    RestoredRule rule(in, server_name(s, "rule."), entry.at("rule"));
    servers_[s].rule->visit(rule);
    servers_[s].reduction->visit(rule);
    if (rule.counts != entry.at("rule").size()) in.fail("it is of another outer rule");
    const auto snapshot = [&](const char* what) {
      return entry.contains(what) ? snapshots.at(entry[what].get<size_t>()) : nullptr;
    };
    if (&servers_[s] != &servers_.back()) servers_[s].params = std::make_shared<models::Params>(*snapshot("params"));
    servers_[s].merged = snapshot("merged");
    servers_[s].answer = snapshot("answer");
    if (in.has(server_name(s, "sent"))) servers_[s].sent = in.floats(server_name(s, "sent"), size);
  }

  const std::vector<double> losses = in.doubles("losses");
  const std::vector<sim::Time> due = sim::due_times(score);
  size_t row = 0, busy = 0;
  for (const Json& entry : state.at("workers")) {
    const auto id = entry.at("worker").get<size_t>();
    Worker& worker = workers_.at(id);
    worker.model.optimizer.steps = entry.at("optimizer_steps").get<int64_t>();
    const auto take = [&](const char* what, models::Params& into) {
      for (const Json& name : entry.at("has"))
        if (name == what) into = in.floats(worker_name(id, what), size);
    };
    take("first", worker.model.optimizer.first);
    take("second", worker.model.optimizer.second);
    take("residual", worker.residual);
    if (entry.contains("start")) worker.start = snapshots.at(entry["start"].get<size_t>());
    if (entry.contains("busy")) {
      ++busy;
      const auto begun = training.find(static_cast<sim::NodeId>(id));
      if (begun == training.end()) in.fail("worker " + std::to_string(id) + " has no round there in this run");
      const sim::Train& train = std::get<sim::Train>(score[begun->second]);
      worker.busy = true;
      worker.task = {.shard = train.shard, .first_step = train.first_step, .steps = train.steps};
      worker.due = due[begun->second];
      take("gradient", worker.gradient);
      take("params", worker.model.params);
      worker.task.loss_sum = losses.at(2 * row);
      worker.gradient_norm = losses.at(2 * row + 1);
      worker.task.done = entry.at("steps").get<int64_t>();
      if (entry.contains("dispatched")) worker.dispatched = snapshots.at(entry["dispatched"].get<size_t>());
      if (worker.start) {
        submit(worker);
      } else {
        worker.round = pool_.submit(worker.due, [] {});  // trained already
      }
    }
    ++row;
  }
  if (busy != training.size())
    in.fail("it has " + std::to_string(busy) + " rounds under way; the run has " + std::to_string(training.size()) +
            " there");
}

}  // namespace experiments
