#pragma once
#include <map>
#include <string>
#include <vector>

#include "experiments/paper/paired_losses.h"
#include "experiments/paper/plan.h"

namespace experiments {

/// What became of a claim on one experiment, or on several where it is about them together.
struct Finding {
  std::string measured;  ///< the numbers that the verdict is of, plain text
  Verdict verdict = Verdict::not_run;
  std::string where{};  ///< experiments
};

/// By experiment; those that were not run are missing.
using ResultsByName = std::map<std::string, Results>;

/// Holds: the 95 % interval (Student's t over seeds that both have) says so. Fails: it says the contrary. Undecided:
/// neither, as with one seed, which has no interval. Precondition: the claim is of a plan that was read, and
/// the results have its methods.
std::vector<Finding> check_claim(const Claim&, const ResultsByName&);

}  // namespace experiments
