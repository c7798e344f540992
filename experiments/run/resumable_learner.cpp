#include "experiments/run/resumable_learner.h"

namespace experiments {
namespace {

constexpr size_t kNumbers = 4;  // of each pseudo-gradient: loss, norm, whether there is a cosine, the cosine

void add(std::vector<double>& to, const ArrivalFacts& facts) {
  to.insert(to.end(), {facts.train_loss, facts.gradient_norm, facts.cosine_to_momentum ? 1.0 : 0.0,
                       facts.cosine_to_momentum.value_or(0.0)});
}

ArrivalFacts facts_at(const std::vector<double>& from, size_t row) {
  const double* numbers = &from.at(row * kNumbers + kNumbers - 1) - (kNumbers - 1);
  ArrivalFacts facts{.train_loss = numbers[0], .gradient_norm = numbers[1], .cosine_to_momentum = {}};
  if (numbers[2] != 0.0) facts.cosine_to_momentum = numbers[3];
  return facts;
}

}  // namespace

ResumableLearner::ResumableLearner(std::unique_ptr<TrainingLearner> learner, std::function<bool()> due,
                                   std::function<void(CheckpointWriter&)> save)
    : learner_(std::move(learner)), due_(std::move(due)), save_(std::move(save)) {}

void ResumableLearner::resume(CheckpointReader from) {
  facts_ = from.doubles("facts");
  calls_then_ = from.state.at("calls").get<int64_t>();
  from_.emplace(std::move(from));
}

bool ResumableLearner::again() {
  if (!from_) return false;
  if (calls_ < calls_then_) return true;
  if (facts_.size() != facts_read_ * kNumbers)
    from_->fail("it has " + std::to_string(facts_.size() / kNumbers) + " pseudo-gradients; the run has " +
                std::to_string(facts_read_) + " there");
  learner_->restore(*from_, rounds_, evaluated_);
  from_.reset();
  return false;
}

void ResumableLearner::note(CheckpointWriter& out) const {
  out.state["calls"] = calls_;
  out.add("facts", facts_);
  save_(out);
}

void ResumableLearner::save() {
  if (from_ || calls_ == 0) return;
  learner_->save([this](CheckpointWriter& out) { note(out); });
}

void ResumableLearner::save_end() {
  if (again()) from_->fail("it was made later than the run ends");
  learner_->save_end([this](CheckpointWriter& out) { note(out); });
}

void ResumableLearner::done() {
  ++calls_;
  if (!from_ && due_()) save();
}

void ResumableLearner::await(sim::WorkerId worker) {
  while (!learner_->wait_for(worker, std::chrono::milliseconds(500)))
    if (due_()) save();
}

void ResumableLearner::begin(sim::WorkerId worker, const models::LocalTask& task, sim::Time due) {
  if (again())
    rounds_[worker] = {task, due};
  else
    learner_->begin(worker, task, due);
  done();
}

std::vector<ArrivalFacts> ResumableLearner::apply(std::span<const Delivery> deliveries) {
  std::vector<ArrivalFacts> facts;
  if (again()) {
    for (const Delivery& delivery : deliveries) {
      if ((facts_read_ + 1) * kNumbers > facts_.size()) from_->fail("it lacks pseudo-gradients of this run");
      facts.push_back(facts_at(facts_, facts_read_++));
      rounds_.erase(delivery.worker);
    }
  } else {
    for (const Delivery& delivery : deliveries) await(delivery.worker);
    facts = learner_->apply(deliveries);
    for (const ArrivalFacts& one : facts) add(facts_, one);
  }
  done();
  return facts;
}

void ResumableLearner::discard(sim::WorkerId worker) {
  if (again()) {
    rounds_.erase(worker);
  } else {
    await(worker);
    learner_->discard(worker);
  }
  done();
}

void ResumableLearner::forget(sim::WorkerId worker) {
  if (again())
    rounds_.erase(worker);
  else
    learner_->forget(worker);
  done();
}

void ResumableLearner::evaluate(const Counters& at) {
  if (again())
    evaluated_.push_back(at);
  else
    learner_->evaluate(at);
  done();
}

std::optional<double> ResumableLearner::latest_loss() const { return from_ ? std::nullopt : learner_->latest_loss(); }

/// The run went on from there, so it was.
bool ResumableLearner::finite() { return again() || learner_->finite(); }
/// Likewise it had not.
bool ResumableLearner::reached(double loss) { return !again() && learner_->reached(loss); }

void ResumableLearner::add_model(Fingerprint& fingerprint) const { learner_->add_model(fingerprint); }

std::vector<Evaluation> ResumableLearner::evaluations() {
  if (again()) from_->fail("it was made later than the run ends");
  return learner_->evaluations();
}

}  // namespace experiments
