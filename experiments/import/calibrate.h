#pragma once
#include "experiments/import/importer.h"
#include "experiments/import/step_fit.h"
#include "experiments/report/figure.h"

namespace experiments {

struct CalibrateOptions {
  LogForm form = LogForm::automatic;
  size_t round_steps = 20;        ///< H, whose sums are compared
  std::optional<double> windows;  ///< s; instead of spells a trace of the steps per second in such windows
};

/// A worker's log, what was fitted to it, and rounds of H steps: measured, one after another within a stretch, and of
/// the simulated clock.
struct CalibratedWorker {
  StepLog log;
  StepFit fit;
  std::vector<double> measured, simulated;  ///< s a round
};

struct Calibration {
  size_t round_steps = 0;
  std::vector<CalibratedWorker> workers;
  Imported imported;
};

/// A worker for each log. Throws sim::TraceError and InvalidConfig.
Calibration calibrate(const ImportFiles& logs, const CalibrateOptions&);

/// The two tables: what was fitted, and measured rounds against simulated ones.
std::string calibration_text(const Calibration&, size_t columns);

/// By name: `steps`, each step and the fitted level over time, and `rounds`, the two distributions; of the first six
/// workers.
std::map<std::string, Figure> calibration_figures(const Calibration&);

}  // namespace experiments
