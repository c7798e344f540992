#include "experiments/report/ending_notes.h"

#include <algorithm>
#include <limits>

#include "experiments/report/format.h"
#include "experiments/report/outcome.h"

namespace experiments {
namespace {

Estimate local_steps(const MethodRuns& runs) {
  std::vector<double> steps;
  for (const RunLog* run : runs) steps.push_back(static_cast<double>(run->final.local_steps));
  return estimate(steps);
}

std::string with_seeds(const MethodRuns& some, const MethodRuns& all) {
  return all.size() == 1 ? "" : " with " + std::to_string(some.size()) + " of " + std::to_string(all.size()) + " seeds";
}

std::string early_text(const MethodRuns& runs) {
  MethodRuns early;
  for (const RunLog* run : runs)
    if (run->out_of_workers) early.push_back(run);
  if (early.empty()) return "";
  return early[0]->method + " ended before its limit" + with_seeds(early, runs) + ", after " +
         count_text(local_steps(early)) + " local steps: every worker had left for good";
}

/// What learned nothing, though it did not diverge.
std::string worse_text(const MethodRuns& runs) {
  MethodRuns worse;
  bool guessing = false;
  for (const RunLog* run : runs) {
    const Ending ending = ending_of(*run);
    if (ending != Ending::above_guessing && ending != Ending::above_start) continue;
    worse.push_back(run);
    guessing = guessing || ending == Ending::above_guessing;
  }
  if (worse.empty()) return "";
  const RunLog& one = *worse[0];
  return one.method + " ended worse than " + (guessing ? "guessing" : "its start") + with_seeds(worse, runs) +
         ": loss " + fixed(final_loss(one), 4) + " against " +
         fixed(guessing ? one.guessing_loss : one.evaluations[0].loss, 4);
}

bool unequal(const std::vector<MethodRuns>& methods, uint64_t seed) {
  int64_t fewest = std::numeric_limits<int64_t>::max(), most = 0, shortest = fewest;
  for (const MethodRuns& runs : methods) {
    if (any_diverged(runs)) continue;
    for (const RunLog* run : runs) {
      if (run->seed != seed) continue;
      fewest = std::min(fewest, run->final.local_steps);
      most = std::max(most, run->final.local_steps);
      if (run->longest_round > 0) shortest = std::min(shortest, run->longest_round);
    }
  }
  return most > fewest && most - fewest > std::max(shortest, fewest / 100);
}

}  // namespace

std::vector<std::string> ending_notes(const std::vector<MethodRuns>& methods) {
  std::vector<std::string> notes;
  for (const MethodRuns& runs : methods)
    for (std::string text : {early_text(runs), worse_text(runs)})
      if (!text.empty()) notes.push_back(std::move(text));
  bool any = false;
  if (!methods.empty())
    for (const RunLog* run : methods[0]) any = any || unequal(methods, run->seed);
  if (!any) return notes;
  std::string counts;
  for (const MethodRuns& runs : methods)
    if (!any_diverged(runs))
      counts += (counts.empty() ? "" : ", ") + runs[0]->method + " " + count_text(local_steps(runs));
  notes.push_back("methods are compared at unequal local steps: " + counts);
  return notes;
}

}  // namespace experiments
