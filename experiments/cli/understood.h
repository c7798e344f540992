#pragma once
#include <string>
#include <vector>

#include "experiments/run/cluster_numbers.h"
#include "experiments/run/worker_kinds.h"

namespace experiments {

struct ExperimentConfig;
struct MethodConfig;

/// What a method's run was understood to be.
struct Understood {
  const MethodConfig* method = nullptr;
  std::vector<KindUse> uses;  ///< by kind of worker; one of all workers where kinds are many; none without records
  ClusterNumbers numbers;
  int64_t tokens = 0;  ///< trained on
};

/// Of a method of this experiment; `log`: of its clock, the whole run or its beginning.
Understood understand(const ExperimentConfig&, const MethodConfig&, const sim::ClockLog& log);

/// The tables: kinds of workers, what the clock measured of them, the numbers without unit with a reading of each.
/// Throws InvalidConfig where a message would take beyond the clock's range.
std::string understood_text(const std::vector<Understood>&, const std::string& file);

/// The same from the beginning of every method's clock, as much of it as takes no noticeable time; also says what was
/// left out.
std::string understood_at_once(const ExperimentConfig&, const std::string& file);

}  // namespace experiments
