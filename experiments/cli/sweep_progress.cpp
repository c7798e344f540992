#include "experiments/cli/sweep_progress.h"

#include <algorithm>
#include <iostream>

#include "experiments/cli/brief.h"
#include "experiments/cli/interrupt.h"
#include "experiments/cli/terminal.h"

namespace experiments {

SweepProgress::SweepProgress(Before before, std::vector<RunCost> costs, std::ostream& out, bool terminal)
    : before_(before),
      costs_(std::move(costs)),
      out_(out),
      terminal_(terminal),
      started_(Clock::now()),
      share_(costs_.size()),
      running_(costs_.size()),
      drawn_(started_) {}

void SweepProgress::pretraining(size_t run, int64_t step) {
  check_interrupt();
  const std::lock_guard lock(mutex_);
  running_[run] = true;
  preparing_ = "pre-training, step " + std::to_string(step);
  draw(false);
}

void SweepProgress::progress(size_t run, const Counters& at) {
  check_interrupt();
  const std::lock_guard lock(mutex_);
  running_[run] = true;
  preparing_.clear();
  share_[run] = std::min(1.0, static_cast<double>(at.tokens) / std::max(1.0, static_cast<double>(costs_[run].tokens)));
  draw(false);
}

void SweepProgress::finished(size_t run, const RunLog&) {
  const std::lock_guard lock(mutex_);
  running_[run] = false;
  share_[run] = 1.0;
  ++finished_;
  draw(false);
}

void SweepProgress::warning(size_t, const std::string& message) {
  const std::lock_guard lock(mutex_);
  std::cerr << "straggle: " << message << "\n";
}

void SweepProgress::failed(size_t run, const std::string&) {
  const std::lock_guard lock(mutex_);
  running_[run] = false;
  share_[run] = 1.0;
  ++failed_;
  draw(false);
}

void SweepProgress::close() {
  const std::lock_guard lock(mutex_);
  if (!closed_) draw(true);
  closed_ = true;
}

void SweepProgress::draw(bool last) {
  const auto now = Clock::now();
  if (closed_ ||
      (!last && now - drawn_ < (terminal_ ? std::chrono::milliseconds(200) : std::chrono::milliseconds(10'000))))
    return;
  drawn_ = now;
  double done = 0, all = 0;
  for (size_t i = 0; i < costs_.size(); ++i) {
    done += share_[i] * costs_[i].work;
    all += costs_[i].work;
  }
  const double elapsed = std::chrono::duration<double>(now - started_).count();
  std::string runs =
      std::to_string(before_.finished + finished_) + " of " + std::to_string(before_.total) + " runs done";
  if (before_.failed + failed_ > 0) runs += ", " + std::to_string(before_.failed + failed_) + " failed";
  const auto running = std::count(running_.begin(), running_.end(), true);
  const std::string left =
      last || !(done > 0 && all > 0) ? "" : "about " + brief_duration(elapsed * (all - done) / done) + " left";
  const std::string text = fitted({{runs},
                                   {running ? std::to_string(running) + " running" : "", 3},
                                   {preparing_, 4},
                                   {brief_duration(elapsed) + (last ? " in all" : ""), 2},
                                   {left, 1}},
                                  terminal_ ? terminal_size().columns : 0);
  if (terminal_)
    out_ << "\r\033[2K" << text << (last ? "\n" : "");
  else
    out_ << text << "\n";
  out_.flush();
}

}  // namespace experiments
