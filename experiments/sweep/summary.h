#pragma once
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "experiments/report/summary.h"
#include "experiments/sweep/design.h"
#include "experiments/sweep/store.h"

namespace experiments {

/// One method at one point, over its seeds. Means, target and comparison with the baseline are over `seeds`: those of
/// its finished runs that are comparable().
struct SweepRow {
  struct Missing {
    uint64_t seed;
    std::string why;
  };
  size_t point = 0;
  MethodSummary summary;  ///< seeds = 0 when no run of it counts; then its numbers mean nothing
  std::vector<uint64_t> seeds;
  std::vector<Missing> missing;       ///< not run, or failed
  std::vector<uint64_t> left_out;     ///< finished, but not comparable
  std::optional<double> target_loss;  ///< the point's, mean over seeds
  std::string time_to_target = "-";   ///< time_to_target_text()
};

struct SweepSummary {
  SweepDesign design;
  std::vector<SweepRow> rows;      ///< point by point, method by method
  std::vector<std::string> notes;  ///< the comparisons' own, their point in front
};

/// Reads the runs' files; nothing of how or when they were run is in the answer. Throws std::runtime_error for a
/// damaged file.
SweepSummary summarise_sweep(const SweepDesign&, const RunStore&);

/// Notes on unequal seeds, a line each: "H=20: Async DiLoCo: seed 3 failed: …"; then the summary's own.
std::vector<std::string> seed_notes(const SweepSummary&);

std::string sweep_csv(const std::vector<SweepSummary>&);
Json sweep_json(const std::vector<SweepSummary>&);
/// For a terminal of so many columns (0: as many as it takes), with the notes below.
std::string sweep_table(const SweepSummary&, size_t width);

/// summary.csv and summary.json of all sweeps in the store's sweep.json; returns them. `target`: what is asked about
/// instead of a sweep's own.
std::vector<SweepSummary> write_sweep_summary(
    const RunStore&, const std::function<std::optional<Target>(const SweepDesign&)>& target = {});

}  // namespace experiments
