#include "experiments/config/sweep.h"

#include "experiments/config/parse.h"
#include "experiments/config/sweep_axes.h"
#include "tests/fuzz/fuzz.h"
#include "tests/fuzz/small_experiment.h"

using namespace experiments;

/// The section "sweep" of an experiment file.
int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string place = "/nowhere/sweep.json";
  try {
    Json document = fuzz::small_experiment();
    document["sweep"] = parse_json(fuzz::text(data, size), place);
    std::vector<Mistake> mistakes;
    size_t points = 1;
    if (describes_sweep(document))
      for (const SweepAxisValues& axis : read_axes(document["sweep"], mistakes)) points *= axis.count();
    if (mistakes.empty() && points > 64) return 0;  // takes long by right
    const Sweep sweep = expand_sweep(document, place);
    fuzz::require(sweep.points.size() == points, "a sweep has as many points as combinations");
    for (const SweepPoint& point : sweep.points)
      fuzz::require(point.settings.size() == sweep.axes.size(), "a point has a setting for each axis");
  } catch (const InvalidConfig&) {
  }
  return 0;
}
