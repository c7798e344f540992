#pragma once
#include <chrono>
#include <iosfwd>
#include <mutex>
#include <string>
#include <vector>

#include "experiments/sweep/cost.h"
#include "experiments/sweep/execute.h"

namespace experiments {

/// How a whole sweep gets on: one line, redrawn in place on a terminal, printed anew every few seconds elsewhere.
class SweepProgress final : public SweepObserver {
 public:
  struct Before {
    size_t total = 0;     ///< runs of the sweep, or of the part
    size_t finished = 0;  ///< before this one began
    size_t failed = 0;    ///< likewise, and not tried again
  };
  /// `costs` of the runs that are being executed.
  SweepProgress(Before before, std::vector<RunCost> costs, std::ostream& out, bool terminal);
  void pretraining(size_t run, int64_t step) override;
  void progress(size_t run, const Counters&) override;
  void finished(size_t run, const RunLog&) override;
  void failed(size_t run, const std::string& message) override;
  void warning(size_t run, const std::string& message) override;
  /// Draws the last state; nothing is drawn afterwards.
  void close();

  size_t runs_finished() const { return finished_; }
  size_t runs_failed() const { return failed_; }

 private:
  using Clock = std::chrono::steady_clock;
  void draw(bool last);

  const Before before_;
  const std::vector<RunCost> costs_;
  std::ostream& out_;
  const bool terminal_;
  const Clock::time_point started_;
  std::mutex mutex_;
  std::vector<double> share_;  ///< of each run's tokens done
  std::vector<bool> running_;
  std::string preparing_;
  size_t finished_ = 0, failed_ = 0;
  Clock::time_point drawn_;
  bool closed_ = false;
};

}  // namespace experiments
