#pragma once
#include <string>
#include <vector>

#include "experiments/config/experiment_config.h"
#include "experiments/config/json_reader.h"

namespace experiments {

/// One axis's value at a point.
struct SweepSetting {
  std::string axis;
  std::string label;  ///< the value's name, or its JSON text (a string without its quotes)
  Json value;
};

/// One combination of settings: a comparison of its own, of the file's methods and seeds.
struct SweepPoint {
  std::vector<SweepSetting> settings;
  ExperimentConfig experiment;
};

struct Sweep {
  std::vector<std::string> axes;      ///< their names; a zip has one for each of its settings
  std::vector<std::string> units;     ///< of each axis; "": none
  std::vector<std::string> pointers;  ///< all that any of them sets
  std::vector<SweepPoint> points;     ///< the first axis varies slowest
};

/// Whether the document has a section "sweep" (null counts as none).
bool describes_sweep(const Json& document);

/// "heterogeneity=very, workers=8"; "the only point" without settings.
std::string point_text(const std::vector<SweepSetting>&);

/// Every point of the document's section "sweep", each parsed and checked as an experiment; without the section one
/// point without settings. Throws InvalidConfig with every mistake: of the section, and of the points, with the place
/// of the value that made it and the point's name.
Sweep expand_sweep(const Json& document, const std::string& file);

}  // namespace experiments
