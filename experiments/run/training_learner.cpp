#include "experiments/run/training_learner.h"

#include <algorithm>
#include <array>
#include <cmath>

namespace experiments {
namespace {

/// In double, as eight sums of every eighth element, so that the additions need not wait for one another.
double dot(std::span<const float> a, std::span<const float> b) {
  std::array<double, 8> sums{};
  size_t i = 0;
  for (; i + 8 <= a.size(); i += 8)
    for (size_t j = 0; j < 8; ++j) sums[j] += static_cast<double>(a[i + j]) * b[i + j];
  for (; i < a.size(); ++i) sums[0] += static_cast<double>(a[i]) * b[i];
  double sum = 0.0;
  for (const double part : sums) sum += part;
  return sum;
}

/// Empty where either vector is zero or there is no momentum.
std::optional<double> cosine(std::span<const float> gradient, double gradient_norm, std::span<const float> momentum) {
  if (momentum.empty()) return std::nullopt;
  const double scale = gradient_norm * std::sqrt(dot(momentum, momentum));
  if (!(scale > 0.0)) return std::nullopt;
  return dot(gradient, momentum) / scale;
}

}  // namespace

TrainingLearner::TrainingLearner(LearnerParts parts, ThreadPool& pool)
    : parts_(std::move(parts)),
      keep_dispatched_(std::any_of(parts_.corrections.begin(), parts_.corrections.end(),
                                   [](const auto& correction) { return correction->needs_dispatched(); })),
      pool_(pool),
      params_(std::make_shared<models::Params>(std::move(parts_.start))),
      workers_(static_cast<size_t>(parts_.workers)) {}

TrainingLearner::~TrainingLearner() {
  abandoned_ = true;
  const auto settle = [](const ThreadPool::Ticket& ticket) {
    try {
      ticket.wait();
    } catch (...) {  // nobody asks for this result any more
    }
  };
  for (const Worker& worker : workers_)
    if (worker.busy) settle(worker.round);
  for (const PendingEvaluation& evaluation : evaluations_)
    for (const ThreadPool::Ticket& ticket : evaluation.tickets) settle(ticket);
}

std::shared_ptr<const models::Params> TrainingLearner::snapshot() {
  handed_out_ = true;
  return params_;
}

models::Params& TrainingLearner::changeable_params() {
  if (handed_out_) params_ = std::make_shared<models::Params>(*params_);
  handed_out_ = false;
  return *params_;
}

void TrainingLearner::begin(sim::WorkerId id, const models::LocalTask& task, sim::Time due) {
  forget_done_evaluations();
  Worker& worker = workers_[static_cast<size_t>(id)];
  worker.busy = true;
  worker.begun = {task, due};
  worker.start = snapshot();
  if (keep_dispatched_) worker.dispatched = worker.start;
  if (!parts_.keep_optimizer_state) worker.optimizer = {};
  submit(worker);
}

void TrainingLearner::submit(Worker& worker) {
  worker.round = pool_.submit(worker.begun.due, [this, &worker] { train(worker); });
}

void TrainingLearner::train(Worker& worker) {
  const auto cancelled = [&] { return unwanted() || paused_ || worker.given_up; };
  worker.result = parts_.trainer->run(*worker.start, worker.optimizer, worker.begun.task, cancelled, &worker.progress);
  if (parts_.payload.kind != models::PayloadKind::float32) {
    models::Params& gradient = worker.result.gradient;
    models::compress(parts_.payload, gradient, worker.residual);
    worker.result.gradient_norm = std::sqrt(dot(gradient, gradient));
  }
  if (!parts_.keep_optimizer_state) worker.optimizer = {};
  worker.start.reset();
}

/// The worker's pseudo-gradient times the update weight, then through the corrections.
void TrainingLearner::correct(const Delivery& delivery) {
  Worker& worker = workers_[static_cast<size_t>(delivery.worker)];
  models::Params& gradient = worker.result.gradient;
  const float weight = static_cast<float>(parts_.update_weight);
  for (float& g : gradient) g *= weight;
  models::ArrivedUpdate update{.staleness = delivery.staleness, .now = *params_, .dispatched = {}};
  if (worker.dispatched) update.dispatched = *worker.dispatched;
  for (const auto& correction : parts_.corrections) correction->correct(gradient, update);
  worker.dispatched.reset();
}

std::vector<ArrivalFacts> TrainingLearner::apply(std::span<const Delivery> deliveries) {
  for (const Delivery& delivery : deliveries) workers_[static_cast<size_t>(delivery.worker)].round.wait();
  // Nothing below is ever interrupted: a checkpoint finds an update done or not begun.
  const std::span<const float> momentum = parts_.rule->momentum();
  std::vector<ArrivalFacts> facts;
  for (const Delivery& delivery : deliveries) {
    Worker& worker = workers_[static_cast<size_t>(delivery.worker)];
    worker.busy = false;
    const models::LocalResult& result = worker.result;
    facts.push_back({result.mean_loss, result.gradient_norm, cosine(result.gradient, result.gradient_norm, momentum)});
    if (!parts_.corrections.empty()) correct(delivery);
  }
  // The mean, in worker order so that its bits do not depend on who came first, times the update weight; in the first
  // one's buffer.
  models::Params& mean = workers_[static_cast<size_t>(deliveries[0].worker)].result.gradient;
  for (size_t j = 1; j < deliveries.size(); ++j) {
    const models::Params& other = workers_[static_cast<size_t>(deliveries[j].worker)].result.gradient;
    for (size_t i = 0; i < mean.size(); ++i) mean[i] += other[i];
  }
  const double weight = parts_.corrections.empty() ? parts_.update_weight : 1.0;  // corrected ones have it already
  const float factor = static_cast<float>(weight / static_cast<double>(deliveries.size()));
  if (factor != 1.0f)
    for (float& g : mean) g *= factor;
  parts_.rule->apply(changeable_params(), mean);
  for (const Delivery& delivery : deliveries) workers_[static_cast<size_t>(delivery.worker)].result = {};
  return facts;
}

void TrainingLearner::discard(sim::WorkerId id) {
  Worker& worker = workers_[static_cast<size_t>(id)];
  worker.round.wait();
  worker.busy = false;
  worker.result = {};
  worker.dispatched.reset();
}

void TrainingLearner::forget(sim::WorkerId id) {
  Worker& worker = workers_[static_cast<size_t>(id)];
  worker.given_up = true;
  try {
    worker.round.wait();
  } catch (const models::Cancelled&) {
    if (unwanted()) throw;
  }
  worker.given_up = false;
  worker.busy = false;
  worker.result = {};
  worker.optimizer = {};
  worker.residual = {};
  worker.progress = {};
  worker.start.reset();
  worker.dispatched.reset();
}

void TrainingLearner::evaluate(const Counters& at) {
  forget_done_evaluations();
  PendingEvaluation& pending = evaluations_.emplace_back();
  pending.at = at;
  pending.params = snapshot();
  submit(pending);
}

void TrainingLearner::submit(PendingEvaluation& pending) {
  pending.sums.assign(parts_.evaluator->domains(), 0.0);
  pending.tickets.clear();
  for (size_t domain = 0; domain < pending.sums.size(); ++domain) {
    pending.tickets.push_back(pool_.submit(pending.at.time, [this, &pending, domain, params = pending.params] {
      if (unwanted()) throw models::Cancelled();
      pending.sums[domain] = parts_.evaluator->loss_sum(*params, domain);
    }));
  }
}

/// Trained to the end, not cancelled.
bool TrainingLearner::PendingEvaluation::done() const {
  try {
    return std::all_of(tickets.begin(), tickets.end(),
                       [](const auto& ticket) { return ticket.done() && (ticket.wait(), true); });
  } catch (const models::Cancelled&) {
    return false;
  }
}

void TrainingLearner::forget_done_evaluations() {
  for (; known_done_ < evaluations_.size() && evaluations_[known_done_].done(); ++known_done_)
    evaluations_[known_done_].params.reset();
}

Evaluation TrainingLearner::finish(const PendingEvaluation& pending) const {
  Evaluation evaluation{.at = pending.at, .loss = 0.0, .domain_loss = {}};
  double sum = 0.0, targets = 0.0;
  for (size_t domain = 0; domain < pending.sums.size(); ++domain) {
    if (!pending.tickets.empty()) pending.tickets[domain].wait();
    const double count = static_cast<double>(parts_.evaluator->targets(domain));
    evaluation.domain_loss.push_back(pending.sums[domain] / count);
    sum += pending.sums[domain];
    targets += count;
  }
  evaluation.loss = sum / targets;
  return evaluation;
}

std::optional<double> TrainingLearner::latest_loss() const {
  for (auto it = evaluations_.rbegin(); it != evaluations_.rend(); ++it) {
    const auto& tickets = it->tickets;
    if (std::all_of(tickets.begin(), tickets.end(), [](const auto& ticket) { return ticket.done(); }))
      return finish(*it).loss;
  }
  return std::nullopt;
}

bool TrainingLearner::finite() {
  while (known_finite_ < evaluations_.size() && std::isfinite(finish(evaluations_[known_finite_]).loss))
    ++known_finite_;
  return known_finite_ == evaluations_.size();
}

bool TrainingLearner::reached(double loss) { return !evaluations_.empty() && finish(evaluations_.back()).loss <= loss; }

std::vector<Evaluation> TrainingLearner::evaluations() {
  std::vector<Evaluation> all;
  for (PendingEvaluation& pending : evaluations_) all.push_back(finish(pending));
  return all;
}

}  // namespace experiments
