#pragma once
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "experiments/config/target.h"
#include "experiments/run/run_log.h"

namespace experiments {

/// One value of one axis of a sweep.
struct AxisValue {
  std::string label;             ///< the value's name, or its JSON text
  std::optional<double> number;  ///< where the value, or its name, is one
};

/// A sweep's finished runs, as `straggle sweep` leaves them: <directory>/sweep.json tells the axes and the points,
/// runs/<key>/ holds a run.
struct SweepRuns {
  struct Axis {
    std::string name, unit;  ///< "": no unit
    std::vector<AxisValue> values;  ///< in the sweep's order
  };
  struct Point {
    std::vector<size_t> values;  ///< one an axis: which of its values
    std::vector<RunLog> runs;    ///< method by method, seed by seed; without spans
  };
  std::string name, baseline;  ///< baseline "": none
  Target target;
  std::vector<std::string> methods;
  std::vector<Axis> axes;
  std::vector<Point> points;
  size_t missing = 0;                ///< runs that have not finished, or are damaged
  std::vector<std::string> damaged;  ///< what is wrong with those
};

bool is_sweep(const std::filesystem::path& directory);

/// The sweep that the directory holds; of the runs at a point those that are comparable(). `target`: instead of the
/// sweep's own. Throws InvalidResults, also when the directory holds several sweeps and `name` does not say which.
SweepRuns read_sweep(const std::filesystem::path& directory, const std::string& name = "",
                     const std::optional<Target>& target = std::nullopt);

}  // namespace experiments
