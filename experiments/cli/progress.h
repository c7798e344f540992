#pragma once
#include <chrono>
#include <iosfwd>
#include <mutex>
#include <string>
#include <vector>

#include "experiments/cli/terminal.h"
#include "experiments/config/experiment_config.h"
#include "experiments/run/comparison.h"

namespace experiments {

/// Shows how a comparison gets on: one line per method, cut to the terminal's width and redrawn in place; elsewhere
/// printed anew every ten seconds at the most.
class ProgressDisplay final : public ComparisonObserver {
 public:
  ProgressDisplay(const ExperimentConfig& experiment, std::ostream& out, bool terminal);
  void pretraining(size_t method, uint64_t seed, int64_t step, double loss) override;
  void progress(size_t method, uint64_t seed, const Counters&, std::optional<double> loss) override;
  void finished(size_t method, uint64_t seed, const RunLog&) override;
  void failed(size_t method, uint64_t seed, const std::string& message) override;
  void warning(size_t method, uint64_t seed, const std::string& message) override;
  /// Draws the last state; nothing is drawn afterwards.
  void close();

 private:
  using Clock = std::chrono::steady_clock;
  struct Line {
    std::vector<LinePart> parts{{"waiting"}};
    uint64_t seed = 0;
    Clock::time_point seed_started{};
    Counters at_start;  // where what takes real time began: later than 0 in a resumed run
    bool running = false;
    size_t seeds_done = 0;
    bool changed = true;
  };
  void update(size_t method, uint64_t seed, std::vector<LinePart> parts);
  void draw(bool last);
  double fraction(size_t method, const Counters&) const;

  const ExperimentConfig& experiment_;
  std::ostream& out_;
  const bool terminal_;
  const Clock::duration interval_;
  std::mutex mutex_;
  std::vector<Line> lines_;
  size_t name_width_ = 0;
  Clock::time_point drawn_;
  bool any_drawn_ = false;
  bool closed_ = false;
};

}  // namespace experiments
