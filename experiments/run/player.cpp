#include "experiments/run/player.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "models/chunks.h"
#include "models/train/cancellation.h"
#include "models/vector_math.h"
#include "sim/fingerprint.h"

namespace experiments {
namespace {

/// Empty where either vector is zero or there is no momentum.
std::optional<double> cosine(std::span<const float> gradient, double gradient_norm, std::span<const float> momentum) {
  if (momentum.empty()) return std::nullopt;
  const double scale = gradient_norm * models::norm(momentum);
  if (!(scale > 0.0)) return std::nullopt;
  return models::dot(gradient, momentum) / scale;
}

bool finite(const ArrivalFacts& facts) { return std::isfinite(facts.train_loss) && std::isfinite(facts.gradient_norm); }

}  // namespace

Player::Player(PlayerParts parts, ThreadPool& pool)
    : parts_(std::move(parts)),
      keep_dispatched_(std::any_of(parts_.corrections.begin(), parts_.corrections.end(),
                                   [](const auto& correction) { return correction->needs_dispatched(); })),
      pool_(pool),
      workers_(static_cast<size_t>(parts_.workers)) {
  const bool tiers = parts_.servers.size() > 1;
  for (ServerParts& server : parts_.servers)
    servers_.push_back({.rule = std::move(server.rule),
                        .reduction = std::move(server.reduction),
                        .mix = server.mix,
                        .params = std::make_shared<models::Params>(parts_.start),
                        .handed_out = false,
                        .sent_out = nullptr,
                        .merged = nullptr,
                        .sent = {},
                        .answer = nullptr});
  for (size_t i = 0; tiers && i + 1 < servers_.size(); ++i) servers_[i].merged = servers_[i].snapshot();
  parts_.start = {};
}

Player::~Player() {
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

void Player::play(const sim::Score& score, const PlayOptions& options) {
  score_ = &score;
  options_ = &options;
  due_ = sim::due_times(score);
  for (const auto known = cut_; next_ < score.size() && cut_ == known;) {
    std::visit([&](const auto& action) { play(action); }, score[next_]);
    const sim::Action& played = score[next_++];
    if (options.save_due && options.save_due()) save(options.save);
    if (const auto* apply = std::get_if<sim::Apply>(&played); apply && options.progress)
      options.progress(apply->at, latest_loss());
  }
}

/// The run ends with the action being played, unless the score does anyhow.
void Player::end_here() {
  if (next_ + 1 < score_->size()) cut_ = static_cast<int64_t>(next_ + 1);
}

void Player::play(const sim::Train& begun) {
  forget_done_evaluations();
  Worker& w = worker(begun.worker);
  w.busy = true;
  w.task = {.shard = begun.shard, .first_step = begun.first_step, .steps = begun.steps};
  w.due = due_[next_];
  if (!w.start) w.start = server(begun.server).dispatched();
  if (keep_dispatched_) w.dispatched = w.start;
  if (!parts_.keep_optimizer_state) w.model.optimizer = {};
  submit(w);
}

void Player::submit(Worker& worker) {
  worker.round = pool_.submit(worker.due, [this, &worker] { train(worker); });
}

/// Until the worker's round has been trained; checkpoints that are due meanwhile are made.
void Player::await(Worker& worker) {
  if (options_->save_due)
    while (!worker.round.wait_for(std::chrono::milliseconds(500)))
      if (options_->save_due()) save(options_->save);
  worker.round.wait();
}

void Player::train(Worker& worker) {
  const auto cancelled = [&] { return unwanted() || paused_ || worker.given_up; };
  if (cancelled()) throw models::Cancelled();
  if (worker.task.done == 0) worker.model.params = *worker.start;
  parts_.trainer->run(worker.model, worker.task, cancelled);
  parts_.trainer->difference(*worker.start, worker.model.params);
  worker.gradient = std::exchange(worker.model.params, {});
  if (!parts_.payload.exact())
    models::compress(parts_.payload, parts_.objective->layout(), worker.gradient, worker.residual);
  worker.gradient_norm = models::norm(worker.gradient);
  if (!parts_.keep_optimizer_state) worker.model.optimizer = {};
  worker.start.reset();
}

/// The worker's pseudo-gradient times the update weight, then through the corrections.
void Player::correct(const sim::Delivery& delivery, Server& at) {
  Worker& worker = this->worker(delivery.from);
  models::Params& gradient = worker.gradient;
  if (const float weight = static_cast<float>(parts_.update_weight); weight != 1.0f)
    for (float& g : gradient) g *= weight;
  models::ArrivedUpdate update{.staleness = delivery.staleness, .now = *at.params, .dispatched = {}};
  if (worker.dispatched) {
    update.now = *at.dispatched();
    update.dispatched = *worker.dispatched;
  }
  for (const auto& correction : parts_.corrections) correction->correct(gradient, update);
  worker.dispatched.reset();
}

void Player::play(const sim::Apply& apply) {
  const std::vector<sim::Delivery>& batch = apply.batch;
  for (const sim::Delivery& delivery : batch)
    if (is_worker(delivery.from)) await(worker(delivery.from));
  // Nothing below is ever interrupted: a checkpoint finds an update done or not begun.
  Server& at = server(apply.server);
  const std::span<const float> momentum = at.rule->momentum();
  bool all_finite = true;
  for (const sim::Delivery& delivery : batch) {
    if (!is_worker(delivery.from)) continue;
    Worker& from = worker(delivery.from);
    from.busy = false;
    facts_.push_back({from.task.mean_loss(), from.gradient_norm, cosine(from.gradient, from.gradient_norm, momentum)});
    all_finite = all_finite && finite(facts_.back());
    correct(delivery, at);
  }
  std::vector<models::Contribution> contributions;
  for (const sim::Delivery& delivery : batch) {
    const int64_t steps = is_worker(delivery.from) ? worker(delivery.from).task.steps : 0;
    contributions.push_back({delivered(delivery.from), delivery.from, steps, steps * parts_.tokens_per_step});
  }
  at.rule->apply(at.changeable(), at.reduction->reduce(contributions));
  for (const sim::Delivery& delivery : batch) delivered(delivery.from) = {};
  if (!all_finite) end_here();
}

void Player::play(const sim::Drop& drop) {
  Worker& w = worker(drop.worker);
  await(w);
  w.busy = false;
  w.gradient = {};
  w.dispatched.reset();
}

void Player::play(const sim::Forget& forget) {
  Worker& w = worker(forget.worker);
  w.given_up = true;
  try {
    w.round.wait();
  } catch (const models::Cancelled&) {
    if (unwanted()) throw;
  }
  w.given_up = false;
  w.busy = false;
  w.gradient = {};
  w.model = {};
  w.residual = {};
  w.start.reset();
  w.dispatched.reset();
}

void Player::play(const sim::Send& send) {
  Server& from = server(send.server);
  from.sent.resize(from.params->size());
  models::in_chunks(from.sent.size(), [&](models::Chunk at) { at(from.sent) = at(*from.merged) - at(*from.params); });
}

void Player::play(const sim::Answer& answer) {
  auto model = server(answer.server).dispatched();
  (is_worker(answer.to) ? worker(answer.to).start : server(answer.to).answer) = std::move(model);
}

void Player::play(const sim::Merge& merge) {
  Server& into = server(merge.server);
  models::Params& theta = into.changeable();
  const auto share = static_cast<float>(into.mix);
  models::in_chunks(theta.size(),
                    [&](models::Chunk at) { at(theta) = (1.0f - share) * at(theta) + share * at(*into.answer); });
  into.answer.reset();
  into.merged = into.snapshot();
}

/// The evaluation before is waited for, so that where a run ends does not depend on which thread was faster; this one
/// is not, so that training goes on beside it, unless it may end the run.
void Player::play(const sim::Evaluate& evaluate) {
  const bool before_finite = evaluations_finite();
  forget_done_evaluations();
  PendingEvaluation& pending = evaluations_.emplace_back();
  pending.at = evaluate.at;
  pending.params = servers_.back().snapshot();
  submit(pending);
  const bool start = evaluations_.size() == 1;
  if (!before_finite || (options_->stop_loss && !start && finish(pending).loss <= *options_->stop_loss)) end_here();
}

void Player::submit(PendingEvaluation& pending) {
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
bool Player::PendingEvaluation::done() const {
  try {
    return std::all_of(tickets.begin(), tickets.end(),
                       [](const auto& ticket) { return ticket.done() && (ticket.wait(), true); });
  } catch (const models::Cancelled&) {
    return false;
  }
}

void Player::forget_done_evaluations() {
  for (; known_done_ < evaluations_.size() && evaluations_[known_done_].done(); ++known_done_)
    evaluations_[known_done_].params.reset();
}

Evaluation Player::finish(const PendingEvaluation& pending) const {
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

std::optional<double> Player::latest_loss() const {
  for (auto it = evaluations_.rbegin(); it != evaluations_.rend(); ++it) {
    const auto& tickets = it->tickets;
    if (std::all_of(tickets.begin(), tickets.end(), [](const auto& ticket) { return ticket.done(); }))
      return finish(*it).loss;
  }
  return std::nullopt;
}

/// Of those begun so far.
bool Player::evaluations_finite() {
  while (known_finite_ < evaluations_.size() && std::isfinite(finish(evaluations_[known_finite_]).loss))
    ++known_finite_;
  return known_finite_ == evaluations_.size();
}

RunLog Player::join(sim::ClockLog clock) const {
  RunLog log = joined(std::move(clock), facts_);
  for (const PendingEvaluation& pending : evaluations_) log.evaluations.push_back(finish(pending));
  const auto not_finite = [](const Evaluation& e) { return !std::isfinite(e.loss); };
  log.diverged = !std::all_of(facts_.begin(), facts_.end(), finite) ||
                 std::any_of(log.evaluations.begin(), log.evaluations.end(), not_finite);
  sim::Fingerprint fingerprint(log.fingerprint);
  fingerprint.add(params());
  log.fingerprint = fingerprint.value();
  return log;
}

}  // namespace experiments
