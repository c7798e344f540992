#include "experiments/cli/progress.h"

#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <iostream>

#include "experiments/cli/brief.h"
#include "experiments/cli/interrupt.h"
#include "experiments/report/format.h"

namespace experiments {
namespace {

constexpr size_t kLongestName = 20;

template <class... Args>
std::string formatted(const char* format, Args... args) {
  char text[256];
  std::snprintf(text, sizeof text, format, args...);
  return text;
}

std::string loss_text(double loss) { return std::isfinite(loss) ? formatted("loss %.4f", loss) : ""; }

std::string count_of(int64_t count, const char* noun) {
  return std::to_string(count) + " " + noun + (count == 1 ? "" : "s");
}

std::string rate(double tokens, double seconds) {
  const double r = tokens / seconds;
  return (r >= 1e6   ? formatted("%.2fM", r / 1e6)
          : r >= 1e4 ? formatted("%.0fk", r / 1e3)
                     : formatted("%.0f", r)) +
         " tokens/s";
}

double seconds_between(std::chrono::steady_clock::time_point from, std::chrono::steady_clock::time_point to) {
  return std::chrono::duration<double>(to - from).count();
}

}  // namespace

ProgressDisplay::ProgressDisplay(const SweepPlan& plan, const std::vector<PlannedRun>& runs,
                                 std::optional<Before> before, bool quiet)
    : plan_(plan),
      planned_(runs),
      costs_(quiet ? std::vector<RunCost>() : costs_of(plan, runs)),
      before_(before),
      terminal_(isatty(STDOUT_FILENO) != 0),
      started_(Clock::now()),
      runs_(runs.size()),
      latest_of_(plan.design.methods.size()),
      changed_(before ? 1 : latest_of_.size(), true),
      drawn_(started_),
      closed_(quiet) {
  for (size_t r = runs.size(); r-- > 0;) latest_of_[runs[r].method] = r;  // each method's first
  for (const std::string& name : plan.design.methods)
    name_width_ = std::max(name_width_, std::min(kLongestName, display_width(name)));
}

void ProgressDisplay::pretraining(size_t run, int64_t step, double loss) {
  check_interrupt();
  const std::lock_guard lock(mutex_);
  runs_[run].stage = Stage::pretraining;
  runs_[run].pretraining_step = step;
  runs_[run].loss = loss;
  changed(run);
}

void ProgressDisplay::progress(size_t run, const Counters& at, std::optional<double> loss) {
  check_interrupt();
  const std::lock_guard lock(mutex_);
  Run& r = runs_[run];
  if (r.stage != Stage::training || !loss) {  // without a loss: the beginning, or a clock run again
    r.started = Clock::now();
    r.from = at;
  }
  r.stage = Stage::training;
  r.at = at;
  r.loss = loss.value_or(std::nan(""));
  changed(run);
}

void ProgressDisplay::finished(size_t run, const RunLog& log) {
  const std::lock_guard lock(mutex_);
  Run& r = runs_[run];
  r.stage = Stage::finished;
  r.at = log.final;
  r.loss = log.evaluations.empty() ? std::nan("") : log.evaluations.back().loss;
  r.host_seconds = log.host_seconds;
  r.ending = log.diverged ? "diverged" : log.out_of_workers ? "out of workers" : "done";
  changed(run);
}

void ProgressDisplay::failed(size_t run, const std::string& message) {
  const std::lock_guard lock(mutex_);
  runs_[run].stage = Stage::failed;
  runs_[run].ending = "failed: " + message;
  changed(run);
}

void ProgressDisplay::warning(size_t run, const std::string& message) {
  const std::lock_guard lock(mutex_);
  std::cerr << "straggle: ";
  if (!before_) std::cerr << "\"" << plan_.method(planned_[run]).name << "\", seed " << planned_[run].seed << ": ";
  std::cerr << message << "\n";
  any_drawn_ = false;  // on a terminal the lines are drawn anew below
}

void ProgressDisplay::close() {
  const std::lock_guard lock(mutex_);
  if (before_) changed_[0] = true;  // its last words are others
  draw(true);
  closed_ = true;
}

void ProgressDisplay::changed(size_t run) {
  const size_t method = planned_[run].method;
  latest_ = latest_of_[method] = run;
  changed_[before_ ? 0 : method] = true;
  draw(false);
}

size_t ProgressDisplay::count(Stage stage) const {
  return static_cast<size_t>(
      std::count_if(runs_.begin(), runs_.end(), [&](const Run& run) { return run.stage == stage; }));
}

/// Of the run's work.
double ProgressDisplay::share(size_t run, const Counters& at) const {
  if (runs_[run].stage == Stage::finished || runs_[run].stage == Stage::failed) return 1.0;
  return std::min(1.0, static_cast<double>(at.tokens) / std::max(1.0, static_cast<double>(costs_[run].tokens)));
}

ProgressDisplay::Line ProgressDisplay::line_of_all(bool last) const {
  double done = 0, all = 0;
  for (size_t r = 0; r < runs_.size(); ++r) {
    done += share(r, runs_[r].at) * costs_[r].work;
    all += costs_[r].work;
  }
  const double elapsed = seconds_between(started_, Clock::now());
  const size_t failed = before_->failed + count(Stage::failed);
  const size_t running = count(Stage::pretraining) + count(Stage::training);
  const Run& latest = runs_[latest_];
  return {
      {std::to_string(before_->finished + count(Stage::finished)) + " of " + std::to_string(before_->total) +
       " runs done" + (failed > 0 ? ", " + std::to_string(failed) + " failed" : "")},
      {running ? std::to_string(running) + " running" : "", 3},
      {latest.stage == Stage::pretraining ? "pre-training, step " + std::to_string(latest.pretraining_step) : "", 4},
      {brief_duration(elapsed) + (last ? " in all" : ""), 2},
      {last || !(done > 0) ? "" : "about " + brief_duration(elapsed * (all - done) / done) + " left", 1}};
}

ProgressDisplay::Line ProgressDisplay::line_of(size_t method) const {
  const size_t latest = latest_of_[method];
  Line line{{left_in(fit(plan_.design.methods[method], kLongestName), name_width_)}};
  if (const size_t seeds = plan_.design.seeds.size(); seeds > 1) {
    size_t ended = 0;
    for (size_t r = 0; r < runs_.size(); ++r)
      ended += planned_[r].method == method && (runs_[r].stage == Stage::finished || runs_[r].stage == Stage::failed);
    line.push_back(
        {formatted("seed %llu (%zu of %zu done)", static_cast<unsigned long long>(planned_[latest].seed), ended, seeds),
         2});
  }
  const Line parts = parts_of(latest);
  line.insert(line.end(), parts.begin(), parts.end());
  return line;
}

/// What a run has come to, by importance.
ProgressDisplay::Line ProgressDisplay::parts_of(size_t r) const {
  const Run& run = runs_[r];
  if (run.stage == Stage::waiting) return {{"waiting"}};
  if (run.stage == Stage::failed) return {{run.ending}};
  if (run.stage == Stage::pretraining) {
    const auto* start = std::get_if<PretrainedStart>(&plan_.method(planned_[r]).run.start);
    return {
        {"pre-training"},
        {std::to_string(run.pretraining_step) + " of " + count_of(start ? start->steps : run.pretraining_step, "step")},
        {loss_text(run.loss), 1}};
  }
  const bool ended = run.stage == Stage::finished;
  const double now = share(r, run.at), elapsed = seconds_between(run.started, Clock::now());
  Line parts{{ended ? run.ending : formatted("%3.0f%%", 100.0 * now)},
             {loss_text(run.loss), 1},
             {brief_duration(sim::to_seconds(run.at.time)) + " simulated", 3},
             {count_of(run.at.local_steps, "step"), 5},
             {count_of(run.at.server_updates, "update"), 6}};
  if (ended) {
    parts.push_back({"in " + brief_duration(run.host_seconds), 2});
    parts.push_back({rate(static_cast<double>(run.at.tokens), std::max(1e-9, run.host_seconds)), 4});
  } else if (const double done = now - share(r, run.from); elapsed > 0.5 && done > 0) {
    if (now < 1.0) parts.push_back({brief_duration(elapsed * (1.0 - now) / done) + " left", 2});
    parts.push_back({rate(static_cast<double>(run.at.tokens - run.from.tokens), elapsed), 4});
  }
  return parts;
}

void ProgressDisplay::draw(bool last) {
  const auto now = Clock::now();
  const auto interval = terminal_ ? std::chrono::milliseconds(200) : std::chrono::milliseconds(10'000);
  if (closed_ || (!last && now - drawn_ < interval)) return;
  drawn_ = now;
  const TerminalSize size = terminal_ ? terminal_size() : TerminalSize{};
  const bool in_place = terminal_ && (size.rows == 0 || changed_.size() < size.rows);
  if (in_place && any_drawn_) std::cout << "\033[" << changed_.size() << "A";
  any_drawn_ = true;
  for (size_t l = 0; l < changed_.size(); ++l) {
    if (!in_place && !changed_[l]) continue;
    changed_[l] = false;
    std::cout << (in_place ? "\033[2K" : "") << fitted(before_ ? line_of_all(last) : line_of(l), size.columns) << "\n";
  }
  std::cout.flush();
}

}  // namespace experiments
