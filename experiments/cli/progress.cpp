#include "experiments/cli/progress.h"

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

/// What a run has come to, by importance.
std::vector<LinePart> parts_of(const std::string& state, const Counters& at, double loss) {
  return {{state, 0},
          {loss_text(loss), 1},
          {brief_duration(sim::to_seconds(at.time)) + " simulated", 3},
          {count_of(at.local_steps, "step"), 5},
          {count_of(at.server_updates, "update"), 6}};
}

std::string rate(double per_second) {
  if (per_second >= 1e6) return formatted("%.2fM", per_second / 1e6);
  return per_second >= 1e4 ? formatted("%.0fk", per_second / 1e3) : formatted("%.0f", per_second);
}

}  // namespace

ProgressDisplay::ProgressDisplay(const ExperimentConfig& experiment, std::ostream& out, bool terminal)
    : experiment_(experiment),
      out_(out),
      terminal_(terminal),
      interval_(terminal ? std::chrono::milliseconds(200) : std::chrono::seconds(10)),
      lines_(experiment.methods.size()),
      drawn_(Clock::now()) {
  for (const MethodConfig& method : experiment.methods)
    name_width_ = std::max(name_width_, std::min(kLongestName, display_width(method.name)));
}

double ProgressDisplay::fraction(size_t method, const Counters& at) const {
  const StopConfig& stop = experiment_.methods[method].run.stop;
  double share = 0.0;
  const auto count = [&](double done, double limit) { share = std::max(share, done / limit); };
  if (stop.local_steps) count(static_cast<double>(at.local_steps), static_cast<double>(*stop.local_steps));
  if (stop.server_updates) count(static_cast<double>(at.server_updates), static_cast<double>(*stop.server_updates));
  if (stop.tokens) count(static_cast<double>(at.tokens), static_cast<double>(*stop.tokens));
  if (stop.simulated_seconds) count(sim::to_seconds(at.time), *stop.simulated_seconds);
  return std::min(1.0, share);
}

void ProgressDisplay::pretraining(size_t method, uint64_t seed, int64_t step, double loss) {
  check_interrupt();
  const auto* start = std::get_if<PretrainedStart>(&experiment_.methods[method].run.start);
  update(method, seed,
         {{"pre-training"},
          {std::to_string(step) + " of " + count_of(start ? start->steps : step, "step")},
          {loss_text(loss), 1}});
}

void ProgressDisplay::progress(size_t method, uint64_t seed, const Counters& at, std::optional<double> loss) {
  check_interrupt();
  const auto now = Clock::now();
  Clock::time_point started;
  Counters from;
  {
    const std::lock_guard lock(mutex_);
    Line& line = lines_[method];
    if (!line.running || line.seed != seed || !loss) {  // without a loss: the beginning, or a clock run again
      line.at_start = !line.running || line.seed != seed ? Counters{} : at;
      line.running = true;
      line.seed = seed;
      line.seed_started = now;
    }
    started = line.seed_started;
    from = line.at_start;
  }
  const double elapsed = std::chrono::duration<double>(now - started).count();
  const double share = fraction(method, at), done = share - fraction(method, from);
  std::vector<LinePart> parts = parts_of(formatted("%3.0f%%", 100.0 * share), at, loss.value_or(std::nan("")));
  if (elapsed > 0.5 && done > 0) {
    if (share < 1.0) parts.push_back({brief_duration(elapsed * (1.0 - share) / done) + " left", 2});
    parts.push_back({rate(static_cast<double>(at.tokens - from.tokens) / elapsed) + " tokens/s", 4});
  }
  update(method, seed, std::move(parts));
}

void ProgressDisplay::finished(size_t method, uint64_t seed, const RunLog& log) {
  const std::lock_guard lock(mutex_);
  Line& line = lines_[method];
  ++line.seeds_done;
  line.running = false;
  line.seed = seed;
  const double loss = log.evaluations.empty() ? std::nan("") : log.evaluations.back().loss;
  line.parts = parts_of(log.diverged ? "diverged" : log.out_of_workers ? "out of workers" : "done", log.final, loss);
  line.parts.push_back({"in " + brief_duration(log.host_seconds), 2});
  line.parts.push_back(
      {rate(static_cast<double>(log.final.tokens) / std::max(1e-9, log.host_seconds)) + " tokens/s", 4});
  line.changed = true;
  draw(false);
}

void ProgressDisplay::failed(size_t method, uint64_t seed, const std::string& message) {
  const std::lock_guard lock(mutex_);
  Line& line = lines_[method];
  ++line.seeds_done;
  line.running = false;
  line.seed = seed;
  line.parts = {{"failed: " + message}};
  line.changed = true;
  draw(false);
}

void ProgressDisplay::warning(size_t method, uint64_t seed, const std::string& message) {
  const std::lock_guard lock(mutex_);
  std::cerr << "straggle: \"" << experiment_.methods[method].name << "\", seed " << seed << ": " << message << "\n";
  any_drawn_ = false;  // on a terminal the lines are drawn anew below
}

void ProgressDisplay::update(size_t method, uint64_t seed, std::vector<LinePart> parts) {
  const std::lock_guard lock(mutex_);
  Line& line = lines_[method];
  line.seed = seed;
  line.parts = std::move(parts);
  line.changed = true;
  draw(false);
}

void ProgressDisplay::close() {
  const std::lock_guard lock(mutex_);
  draw(true);
  closed_ = true;
}

void ProgressDisplay::draw(bool last) {
  const auto now = Clock::now();
  if (closed_ || (!last && now - drawn_ < interval_)) return;
  drawn_ = now;
  const TerminalSize size = terminal_ ? terminal_size() : TerminalSize{};
  const bool in_place = terminal_ && (size.rows == 0 || lines_.size() < size.rows);
  if (in_place && any_drawn_) out_ << "\033[" << lines_.size() << "A";
  any_drawn_ = true;
  for (size_t m = 0; m < lines_.size(); ++m) {
    Line& line = lines_[m];
    if (!in_place && !line.changed) continue;
    line.changed = false;
    std::vector<LinePart> parts{{left_in(fit(experiment_.methods[m].name, kLongestName), name_width_)}};
    if (experiment_.seeds.size() > 1)
      parts.push_back({formatted("seed %llu (%zu of %zu done)", static_cast<unsigned long long>(line.seed),
                                 line.seeds_done, experiment_.seeds.size()),
                       2});
    parts.insert(parts.end(), line.parts.begin(), line.parts.end());
    out_ << (in_place ? "\033[2K" : "") << fitted(std::move(parts), size.columns) << "\n";
  }
  out_.flush();
}

}  // namespace experiments
