#include "experiments/run/player.h"

#include <algorithm>
#include <cassert>
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
  for (size_t i = 0; i < parts_.servers.size(); ++i) {
    ServerParts& server = parts_.servers[i];
    const auto fragment = static_cast<sim::FragmentId>(i % fragments());
    auto params = std::make_shared<models::Params>(parts_.start);
    if (!parts_.fragments.empty()) {
      params = std::make_shared<models::Params>(layout(fragment).size());
      gather(parts_.objective->layout(), parts_.fragments[i % fragments()], parts_.start, *params);
    }
    servers_.push_back({.rule = std::move(server.rule),
                        .reduction = std::move(server.reduction),
                        .mix = server.mix,
                        .params = std::move(params),
                        .handed_out = false,
                        .sent_out = nullptr,
                        .merged = nullptr,
                        .sent = {},
                        .answer = nullptr,
                        .mean = nullptr});
    if (i + fragments() < parts_.servers.size()) servers_.back().merged = servers_.back().snapshot();
  }
  for (Worker& worker : workers_) worker.messages.resize(fragments());
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
  for (const Worker& worker : workers_) settle(worker.run);
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
  const Task train{.what = Task::Do::train,
                   .train = {.shard = begun.shard,
                             .first_example = begun.first_example,
                             .batch = parts_.batch[begun.worker],
                             .steps = begun.steps},
                   .due = due_[next_]};
  if (!begun.whole_round) return add(w, {train});
  Message& message = w.messages.front();
  if (!message.answer) message.answer = server(begun.server, 0).dispatched();
  ++message.sends;
  add(w, {{.what = Task::Do::take_over, .answer = std::exchange(message.answer, nullptr), .due = due_[next_]},
          train,
          {.what = Task::Do::send, .due = due_[next_]}});
}

void Player::add(Worker& worker, std::vector<Task> tasks) {
  const std::lock_guard lock(chains_);
  for (Task& task : tasks) worker.chain.push_back(std::move(task));
  if (!worker.running) start_chain(worker);
}

/// Precondition: chains_ is held, and the worker does not run.
void Player::start_chain(Worker& worker) {
  if (worker.chain.empty()) return;
  worker.running = true;
  worker.run = pool_.submit(worker.chain.front().due, [this, &worker] { run_chain(worker); });
}

void Player::run_chain(Worker& worker) {
  std::unique_lock lock(chains_);
  const auto stop = [&] {
    worker.running = false;
    moved_.notify_all();
  };
  while (!worker.chain.empty()) {
    Task& task = worker.chain.front();
    lock.unlock();
    try {
      if (unwanted() || paused_) throw models::Cancelled();
      perform(worker, task);
    } catch (const models::Cancelled&) {
      if (!worker.given_up || unwanted() || paused_) {
        lock.lock();
        stop();
        throw;
      }
    } catch (...) {
      lock.lock();
      stop();
      throw;
    }
    lock.lock();
    if (task.what == Task::Do::send) ++message(worker, task.fragment).sent;
    worker.given_up = false;
    worker.chain.pop_front();
    moved_.notify_all();
  }
  stop();
}

void Player::perform(Worker& worker, Task& task) {
  switch (task.what) {
    case Task::Do::take_over:
      return take_over(worker, task);
    case Task::Do::train:
      parts_.trainer->run(worker.model, task.train, [&] { return unwanted() || paused_ || worker.given_up; });
      for (Message& each : worker.messages) {
        each.loss_sum += task.train.loss_sum;
        each.steps += task.train.steps;
      }
      return;
    case Task::Do::send:
      return freeze(worker, task.fragment);
    case Task::Do::forget:
      worker.model = {};
      for (Message& each : worker.messages) {
        each.start.reset();
        each.residual = {};
        each.landing.reset();
      }
  }
}

/// The worker's own values of a fragment.
models::Params Player::own(const Worker& worker, sim::FragmentId fragment) const {
  if (parts_.fragments.empty()) return worker.model.params;
  models::Params part(layout(fragment).size());
  gather(parts_.objective->layout(), parts_.fragments[static_cast<size_t>(fragment)], worker.model.params, part);
  return part;
}

void Player::set_own(Worker& worker, sim::FragmentId fragment, const models::Params& part) const {
  models::Params& theta = worker.model.params;
  if (parts_.fragments.empty()) {
    theta = part;
    return;
  }
  theta.resize(parts_.objective->layout().size());
  scatter(parts_.objective->layout(), parts_.fragments[static_cast<size_t>(fragment)], part, theta);
}

void Player::take_over(Worker& worker, const Task& task) {
  Message& message = this->message(worker, task.fragment);
  message.loss_sum = 0;
  message.steps = 0;
  if (message.start && parts_.landing) {
    models::Params part = own(worker, task.fragment);
    message.landing->land(part, *message.start, *task.answer);
    set_own(worker, task.fragment, part);
    message.start =
        message.landing->starts_from_local() ? std::make_shared<const models::Params>(std::move(part)) : task.answer;
    return;
  }
  if (parts_.landing)
    message.landing = parts_.landing(layout(task.fragment));
  else if (!parts_.keep_optimizer_state)
    worker.model.optimizer = {};
  set_own(worker, task.fragment, *task.answer);
  message.start = task.answer;
}

/// What the worker has changed since it took the fragment over becomes what travels.
void Player::freeze(Worker& worker, sim::FragmentId fragment) {
  Message& message = this->message(worker, fragment);
  if (keep_dispatched_) message.dispatched = message.start;
  models::Params local = parts_.landing ? own(worker, fragment) : models::Params();
  models::Params difference = parts_.landing ? local : std::exchange(worker.model.params, {});
  parts_.trainer->difference(*message.start, difference);
  if (!parts_.payload.exact()) models::compress(parts_.payload, layout(fragment), difference, message.residual);
  message.gradient_norm = models::norm(difference);
  message.sent_loss = message.loss_sum / static_cast<double>(message.steps);
  message.sent_steps = message.steps;
  if (parts_.landing) {
    if (message.landing->sent(local, *message.start, difference)) {
      set_own(worker, fragment, local);
      message.start = std::make_shared<const models::Params>(std::move(local));
    }
  } else {
    message.start.reset();
    if (!parts_.keep_optimizer_state) worker.model.optimizer = {};
  }
  message.gradient = std::move(difference);
}

/// Until the worker has sent what is asked for; checkpoints that are due meanwhile are made.
Player::Message& Player::await(Worker& worker, sim::FragmentId fragment) {
  Message& message = this->message(worker, fragment);
  std::unique_lock lock(chains_);
  while (!message.ready() && worker.running) {
    moved_.wait_for(lock, std::chrono::milliseconds(500), [&] { return message.ready() || !worker.running; });
    if (message.ready() || !options_->save_due) continue;
    lock.unlock();
    if (options_->save_due()) save(options_->save);
    lock.lock();
  }
  lock.unlock();
  if (!message.ready()) worker.run.wait();  // throws
  assert(message.ready());
  return message;
}

/// The worker's pseudo-gradient times the update weight, then through the corrections.
void Player::correct(const sim::Delivery& delivery, Message& message, Server& at) {
  models::Params& gradient = message.gradient;
  if (const float weight = static_cast<float>(parts_.update_weight); weight != 1.0f)
    for (float& g : gradient) g *= weight;
  models::ArrivedUpdate update{.staleness = delivery.staleness, .now = *at.params, .dispatched = {}};
  if (message.dispatched) {
    update.now = *at.dispatched();
    update.dispatched = *message.dispatched;
  }
  for (const auto& correction : parts_.corrections) correction->correct(gradient, update);
  message.dispatched.reset();
}

void Player::play(const sim::Apply& apply) {
  const std::vector<sim::Delivery>& batch = apply.batch;
  for (const sim::Delivery& delivery : batch)
    if (is_worker(delivery.from)) await(worker(delivery.from), apply.fragment);
  // Nothing below is ever interrupted: a checkpoint finds an update done or not begun.
  Server& at = server(apply.server, apply.fragment);
  const std::span<const float> momentum = at.rule->momentum();
  bool all_finite = true;
  std::vector<models::Contribution> contributions;
  for (const sim::Delivery& delivery : batch) {
    if (!is_worker(delivery.from)) {
      contributions.push_back({server(delivery.from, apply.fragment).sent, delivery.from, 0, 0});
      continue;
    }
    Message& from = message(delivery.from, apply.fragment);
    facts_.push_back({from.sent_loss, from.gradient_norm, cosine(from.gradient, from.gradient_norm, momentum)});
    all_finite = all_finite && finite(facts_.back());
    correct(delivery, from, at);
    contributions.push_back({from.gradient, delivery.from, from.sent_steps,
                             from.sent_steps * parts_.batch[delivery.from] * parts_.tokens_per_example});
  }
  const std::span<const float> reduced = at.reduction->reduce(contributions);
  at.rule->apply(at.changeable(), reduced);
  if (parts_.mean_returns) at.mean = std::make_shared<const models::Params>(reduced.begin(), reduced.end());
  for (const sim::Delivery& delivery : batch)
    (is_worker(delivery.from) ? message(delivery.from, apply.fragment).gradient
                              : server(delivery.from, apply.fragment).sent) = {};
  if (!all_finite) end_here();
}

void Player::play(const sim::Drop& drop) {
  Message& message = await(worker(drop.worker), drop.fragment);
  message.gradient = {};
  message.dispatched.reset();
}

/// What it had sent before may still be at the server; what it was doing is given up.
void Player::play(const sim::Forget& forget) {
  Worker& w = worker(forget.worker);
  {
    const std::lock_guard lock(chains_);
    const auto sent = [&](const Task& task) { return parts_.landing && task.what == Task::Do::send; };
    while (!w.chain.empty() && !sent(w.chain.back()) && (w.chain.size() > 1 || !w.running)) {
      if (w.chain.back().what == Task::Do::send) --w.messages.front().sends;
      w.chain.pop_back();
    }
    w.given_up = w.chain.size() == 1 && !sent(w.chain.back());
  }
  for (Message& message : w.messages) {
    message.answer.reset();
    message.joined = false;
  }
  add(w, {{.what = Task::Do::forget}});
}

void Player::play(const sim::Send& send) {
  if (is_worker(send.from)) {
    Worker& w = worker(send.from);
    ++message(w, send.fragment).sends;
    return add(w, {{.what = Task::Do::send, .fragment = send.fragment, .due = due_[next_]}});
  }
  Server& from = server(send.from, send.fragment);
  from.sent.resize(from.params->size());
  models::in_chunks(from.sent.size(), [&](models::Chunk at) { at(from.sent) = at(*from.merged) - at(*from.params); });
}

void Player::play(const sim::Answer& answer) {
  Server& from = server(answer.server, answer.fragment);
  if (!is_worker(answer.to)) {
    server(answer.to, answer.fragment).answer = from.dispatched();
    return;
  }
  Message& to = message(answer.to, answer.fragment);
  to.answer = parts_.mean_returns && to.joined ? from.mean : from.dispatched();
}

void Player::play(const sim::Merge& merge) {
  if (is_worker(merge.into)) {
    Message& m = message(merge.into, merge.fragment);
    m.joined = true;
    return add(worker(merge.into), {{.what = Task::Do::take_over,
                                     .fragment = merge.fragment,
                                     .answer = std::exchange(m.answer, nullptr),
                                     .due = due_[next_]}});
  }
  Server& into = server(merge.into, merge.fragment);
  models::Params& theta = into.changeable();
  const auto share = static_cast<float>(into.mix);
  models::in_chunks(theta.size(),
                    [&](models::Chunk at) { at(theta) = (1.0f - share) * at(theta) + share * at(*into.answer); });
  into.answer.reset();
  into.merged = into.snapshot();
}

std::shared_ptr<const models::Params> Player::whole_model() const {
  const auto roots = std::span(servers_).last(fragments());
  if (parts_.fragments.empty()) return roots.front().params;
  auto whole = std::make_shared<models::Params>(parts_.objective->layout().size());
  for (size_t f = 0; f < roots.size(); ++f)
    scatter(parts_.objective->layout(), parts_.fragments[f], *roots[f].params, *whole);
  return whole;
}

/// The evaluation before is waited for, so that where a run ends does not depend on which thread was faster; this one
/// is not, so that training goes on beside it, unless it may end the run.
void Player::play(const sim::Evaluate& evaluate) {
  const bool before_finite = evaluations_finite();
  forget_done_evaluations();
  PendingEvaluation& pending = evaluations_.emplace_back();
  pending.at = evaluate.at;
  pending.params = parts_.fragments.empty() ? servers_.back().snapshot() : whole_model();
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
