#pragma once
#include "experiments/import/importer.h"

namespace experiments {

/// A link's capacity from a time on: seconds, the first 0, and bytes per second.
using Capacity = std::vector<std::pair<double, double>>;

/// As link_0.csv, … of `time,bytes_per_second`, and a worker for each whose upload, download or both it is. With
/// `repeat` a point at `ends` closes those that are not closed yet (an end above the last time).
Imported& add_capacities(Imported&, const ImportFiles&, std::vector<Capacity>, const std::vector<double>& ends,
                         const ImportOptions&);

}  // namespace experiments
