#include <string>

#include "experiments/run/player.h"
#include "models/train/cancellation.h"

// What a Player writes into a checkpoint and how it goes on from one.
//   params          the root's θ
//   server.S.*      rule.NAME: the outer rule's vectors, whose counts are in the state; sent: of a server below the
//                   root. Fragment by fragment
//   snapshot.N      models that workers, evaluations or servers still read; number 0 is the root's θ, where it travels
//                   whole, and not written twice
//   worker.W.*      first, second: the inner optimizer's; params: θ where the worker has begun to train
//   worker.W.F.*    of a fragment: residual: what compression lost; gradient: of a message sent; landing.NAME
//   numbers         worker by worker in the order of the state: for each message sum of losses, norm, mean loss sent;
//                   for each task the sum of its losses
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
std::string message_name(size_t worker, size_t fragment, const char* what) {
  return "worker." + std::to_string(worker) + "." + std::to_string(fragment) + "." + what;
}

}  // namespace

void Player::pause() {
  paused_ = true;
  for (const Worker& worker : workers_) try {
      worker.run.wait();
    } catch (const models::Cancelled&) {
    }
  paused_ = false;
}

std::optional<int64_t> Player::cut_of(const CheckpointReader& in) {
  const Json cut = in.state.value("cut", Json());
  return cut.is_null() ? std::nullopt : std::optional(cut.get<int64_t>());
}

/// What a checkpoint says whether or not the run has ended. What is added must last until it is written.
void Player::save_known(CheckpointWriter& out, const models::Params& model) const {
  out.state["actions"] = next_;
  out.state["cut"] = cut_ ? Json(*cut_) : Json();
  out.add("params", model);
}

void Player::save(const std::function<void(CheckpointWriter&)>& write) {
  if (next_ == 0) return;
  pause();
  CheckpointWriter out;
  const auto model = whole_model();
  Snapshots snapshots(model);
  save_known(out, *model);
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
    if (server.mean) entry["mean"] = snapshots.number(server.mean);
    if (!server.sent.empty()) out.add(server_name(s, "sent"), server.sent);
    servers.push_back(std::move(entry));
  }

  Json workers = Json::array();
  std::vector<double> numbers;
  for (size_t w = 0; w < workers_.size(); ++w) {
    Worker& worker = workers_[w];
    Json entry = {{"worker", w}, {"optimizer_steps", worker.model.optimizer.steps}};
    const auto add = [&](const std::string& name, const models::Params& values) {
      if (!values.empty()) out.add(name, values);
    };
    add(worker_name(w, "first"), worker.model.optimizer.first);
    add(worker_name(w, "second"), worker.model.optimizer.second);
    add(worker_name(w, "params"), worker.model.params);
    const auto snapshot = [&](const std::shared_ptr<const models::Params>& model) {
      return model ? Json(snapshots.number(model)) : Json();
    };
    for (size_t f = 0; f < worker.messages.size(); ++f) {
      Message& m = worker.messages[f];
      add(message_name(w, f, "residual"), m.residual);
      add(message_name(w, f, "gradient"), m.gradient);
      Json message = {{"start", snapshot(m.start)},
                      {"dispatched", snapshot(m.dispatched)},
                      {"answer", snapshot(m.answer)},
                      {"steps", m.steps},
                      {"sent_steps", m.sent_steps},
                      {"joined", m.joined},
                      {"sends", m.sends},
                      {"sent", m.sent}};
      if (m.landing) {
        SavedRule landing(out, message_name(w, f, "landing."));
        m.landing->visit(landing);
        message["landing"] = landing.counts;
      }
      numbers.insert(numbers.end(), {m.loss_sum, m.gradient_norm, m.sent_loss});
      entry["messages"].push_back(std::move(message));
    }
    entry["chain"] = Json::array();
    for (const Task& task : worker.chain) {
      const models::LocalTask& t = task.train;
      entry["chain"].push_back({{"do", static_cast<int>(task.what)},
                                {"fragment", task.fragment},
                                {"answer", snapshot(task.answer)},
                                {"train", {t.shard, t.first_example, t.steps, t.done}},
                                {"due", task.due.time_since_epoch().count()}});
      numbers.push_back(t.loss_sum);
    }
    workers.push_back(std::move(entry));
  }
  out.add("numbers", numbers);

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
    const std::lock_guard lock(chains_);
    for (Worker& worker : workers_) start_chain(worker);
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
  const auto model = whole_model();
  save_known(out, *model);
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
  const size_t size = parts_.objective->layout().size();
  const Json& state = in.state.at("learner");
  const bool ended = state.contains("ended");
  next_ = in.state.at("actions").get<size_t>();
  cut_ = cut_of(in);
  if (next_ > score.size()) in.fail("it was made later than the run ends");
  const auto [evaluations, applied] = sim::played(score, next_);
  facts_ = facts_of(in.doubles("facts"));
  if (facts_.size() != applied)
    in.fail("it has " + std::to_string(facts_.size()) + " pseudo-gradients; the run has " + std::to_string(applied) +
            " there");
  if (state.at("evaluations").get<size_t>() != evaluations.size())
    in.fail("it has " + state.at("evaluations").dump() + " evaluations; the run has " +
            std::to_string(evaluations.size()) + " there");
  const auto root = std::make_shared<models::Params>(in.floats("params", size));
  for (size_t f = 0; f < fragments(); ++f) {
    Server& part = servers_[servers_.size() - fragments() + f];
    if (parts_.fragments.empty()) {
      part.params = root;
      continue;
    }
    part.params = std::make_shared<models::Params>(parts_.fragments[f].layout.size());
    gather(parts_.objective->layout(), parts_.fragments[f], *root, *part.params);
  }

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

  std::vector<std::shared_ptr<const models::Params>> snapshots{root};
  if (parts_.fragments.empty()) servers_.back().handed_out = true;
  for (size_t i = 1; i < state.at("snapshots").get<size_t>(); ++i)
    snapshots.push_back(std::make_shared<const models::Params>(in.floats("snapshot." + std::to_string(i))));
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
    if (s + fragments() < servers_.size()) servers_[s].params = std::make_shared<models::Params>(*snapshot("params"));
    servers_[s].merged = snapshot("merged");
    servers_[s].answer = snapshot("answer");
    servers_[s].mean = snapshot("mean");
    if (in.has(server_name(s, "sent"))) servers_[s].sent = in.floats(server_name(s, "sent"), size);
  }

  if (state.at("workers").size() != workers_.size()) in.fail("it is of another number of workers");
  const std::vector<double> numbers = in.doubles("numbers");
  size_t read = 0;
  const auto snapshot = [&](const Json& number) {
    return number.is_null() ? nullptr : snapshots.at(number.get<size_t>());
  };
  const auto take = [&](const std::string& name, models::Params& into) {
    if (in.has(name)) into = in.floats(name);
  };
  for (size_t w = 0; w < workers_.size(); ++w) {
    const Json& entry = state.at("workers")[w];
    Worker& worker = workers_[w];
    worker.model.optimizer.steps = entry.at("optimizer_steps").get<int64_t>();
    take(worker_name(w, "first"), worker.model.optimizer.first);
    take(worker_name(w, "second"), worker.model.optimizer.second);
    take(worker_name(w, "params"), worker.model.params);
    if (entry.at("messages").size() != worker.messages.size()) in.fail("it is of another number of fragments");
    for (size_t f = 0; f < worker.messages.size(); ++f) {
      const Json& saved = entry["messages"][f];
      Message& m = worker.messages[f];
      take(message_name(w, f, "residual"), m.residual);
      take(message_name(w, f, "gradient"), m.gradient);
      m.start = snapshot(saved.at("start"));
      m.dispatched = snapshot(saved.at("dispatched"));
      m.answer = snapshot(saved.at("answer"));
      m.steps = saved.at("steps").get<int64_t>();
      m.sent_steps = saved.at("sent_steps").get<int64_t>();
      m.joined = saved.at("joined").get<bool>();
      m.sends = saved.at("sends").get<int64_t>();
      m.sent = saved.at("sent").get<int64_t>();
      m.loss_sum = numbers.at(read++);
      m.gradient_norm = numbers.at(read++);
      m.sent_loss = numbers.at(read++);
      if (saved.contains("landing")) {
        if (!parts_.landing) in.fail("it is of workers that train on while messages travel");
        m.landing = parts_.landing(layout(static_cast<sim::FragmentId>(f)));
        RestoredRule landing(in, message_name(w, f, "landing."), saved["landing"]);
        m.landing->visit(landing);
      }
    }
    for (const Json& saved : entry.at("chain")) {
      const Json& train = saved.at("train");
      worker.chain.push_back({.what = static_cast<Task::Do>(saved.at("do").get<int>()),
                              .fragment = saved.at("fragment").get<sim::FragmentId>(),
                              .answer = snapshot(saved.at("answer")),
                              .train = {.shard = train.at(0).get<int>(),
                                        .first_example = train.at(1).get<int64_t>(),
                                        .batch = parts_.batch[static_cast<sim::NodeId>(w)],
                                        .steps = train.at(2).get<int64_t>(),
                                        .done = train.at(3).get<int64_t>(),
                                        .loss_sum = numbers.at(read++)},
                              .due = sim::Time(sim::Duration(saved.at("due").get<int64_t>()))});
    }
    const std::lock_guard lock(chains_);
    start_chain(worker);
  }
}

}  // namespace experiments
