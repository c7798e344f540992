#pragma once
#include <chrono>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "experiments/cli/terminal.h"
#include "experiments/sweep/cost.h"
#include "experiments/sweep/execute.h"

namespace experiments {

/// Shows on standard output how runs get on, a sweep's on one line and a comparison's on one per method, cut to the
/// terminal's width and redrawn in place; elsewhere printed anew every ten seconds at the most; `quiet`: not at all.
class ProgressDisplay final : public RunObserver {
 public:
  /// Of the runs of a sweep, or of its part.
  struct Before {
    size_t total = 0;
    size_t finished = 0;  ///< before this began
    size_t failed = 0;    ///< likewise, and not tried again
  };
  /// `runs` of `plan` are those being executed, of a sweep where there is a `before`.
  ProgressDisplay(const SweepPlan& plan, const std::vector<PlannedRun>& runs, std::optional<Before> before, bool quiet);
  void pretraining(size_t run, int64_t step, double loss) override;
  void progress(size_t run, const Counters&, std::optional<double> loss) override;
  void finished(size_t run, const RunLog&) override;
  void failed(size_t run, const std::string& message) override;
  void warning(size_t run, const std::string& message) override;
  /// Draws the last state; nothing is drawn afterwards.
  void close();

  size_t runs_finished() const { return count(Stage::finished); }
  size_t runs_failed() const { return count(Stage::failed); }

 private:
  using Clock = std::chrono::steady_clock;
  using Line = std::vector<LinePart>;
  enum class Stage { waiting, pretraining, training, finished, failed };
  struct Run {
    Stage stage = Stage::waiting;
    int64_t pretraining_step = 0;
    Counters at;  // as far as it has come
    double loss = 0;
    Clock::time_point started{};  // since when training takes real time, and from where: later than 0 when resumed
    Counters from;
    double host_seconds = 0;  // once it has finished
    std::string ending;
  };
  void changed(size_t run);
  void draw(bool last);
  size_t count(Stage) const;
  double share(size_t run, const Counters&) const;
  Line line_of_all(bool last) const;
  Line line_of(size_t method) const;
  Line parts_of(size_t run) const;

  const SweepPlan& plan_;
  const std::vector<PlannedRun>& planned_;
  const std::vector<RunCost> costs_;  // none when quiet
  const std::optional<Before> before_;
  const bool terminal_;
  const Clock::time_point started_;
  std::mutex mutex_;
  std::vector<Run> runs_;
  size_t latest_ = 0;              // the run that was heard of last
  std::vector<size_t> latest_of_;  // the same by method
  std::vector<bool> changed_;      // by line, since it was drawn
  size_t name_width_ = 0;
  Clock::time_point drawn_;
  bool any_drawn_ = false, closed_;
};

}  // namespace experiments
