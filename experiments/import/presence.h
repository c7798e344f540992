#pragma once
#include <vector>

#include "experiments/import/importer.h"

namespace experiments {

/// Who is there when.
struct Presence {
  struct Worker {
    bool up_at_start = true;
    std::vector<double> switches;  ///< s; rising, above 0: to the other state
  };
  std::vector<Worker> workers;
  double span = 0.0;  ///< s; how long it is known
};

/// Up-share, mean length of the times up, those cut off by the ends counted too, and how often a worker goes.
struct PresenceNumbers {
  double up_share = 0.0, mean_up_seconds = 0.0;
  size_t drops = 0;
};
PresenceNumbers numbers_of(const Presence&);

/// Presence of as many workers as are there at a time; with fewer those of the highest numbers are away. `counts`:
/// (seconds, count), the first at 0, of equal times the last holds. Precondition: times do not fall.
Presence presence_of_counts(const std::vector<std::pair<double, int64_t>>& counts, double span);

/// As availability.csv of `time,worker,state`, each worker's state at 0 and its changes, and an entry of workers for
/// each of the files. The longest span holds, which a note says where they differ.
Imported& add_presence(Imported&, const ImportFiles&, const std::vector<Presence>&, const ImportOptions&);

}  // namespace experiments
