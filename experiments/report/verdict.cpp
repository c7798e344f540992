#include "experiments/report/verdict.h"

#include <algorithm>
#include <cmath>

#include "experiments/config/json_reader.h"
#include "experiments/report/format.h"

namespace experiments {
namespace {

bool about_baseline(const ComparisonSummary& summary) { return summary.target == kBaselineTarget; }

bool has_target(const ComparisonSummary& summary) {
  return std::any_of(summary.target_loss.begin(), summary.target_loss.end(), [](double t) { return std::isfinite(t); });
}

/// Why there is no target.
std::string why_none(const ComparisonSummary& summary) {
  if (!about_baseline(summary)) return "because no method learned";
  return summary.baseline.empty() ? "because the baseline failed"
                                  : "because the baseline " + summary.baseline + " did not learn with any seed";
}

/// What is reached, as the object of a sentence.
std::string goal(const ComparisonSummary& summary) {
  if (about_baseline(summary)) return summary.baseline + "'s final loss";
  return "loss " +
         (summary.target.number ? number_text(*summary.target.number) : fixed(estimate(summary.target_loss).mean, 4));
}

}  // namespace

std::string target_text(const ComparisonSummary& summary) {
  if (!has_target(summary)) return "none, " + why_none(summary);
  if (summary.target.number) return "loss " + number_text(*summary.target.number);
  const std::string loss = with_interval(estimate(summary.target_loss), 4);
  return about_baseline(summary) ? summary.baseline + "'s final loss " + loss
                                 : "loss " + loss + ", the lowest that every method reached";
}

std::string time_to_target_text(const ComparisonSummary& summary, const MethodSummary& m) {
  if (m.time_to_target) return duration_text(m.time_to_target->mean);
  if (!has_target(summary)) return "-";
  return m.reached == 0 ? "not reached"
                        : "by " + std::to_string(m.reached) + " of " + std::to_string(m.seeds) + " seeds";
}

const MethodSummary* fastest(const ComparisonSummary& summary) {
  const MethodSummary* best = nullptr;
  for (const MethodSummary& m : summary.methods) {
    if (!m.learned() || !m.time_to_target || m.method == summary.baseline) continue;
    if (!summary.baseline.empty() && !m.speed_up) continue;
    const auto ahead = [&] {
      return summary.baseline.empty() ? m.time_to_target->mean < best->time_to_target->mean
                                      : m.speed_up->mean > best->speed_up->mean;
    };
    if (!best || ahead()) best = &m;
  }
  return best;
}

std::string verdict(const ComparisonSummary& summary) {
  if (!has_target(summary)) return "There is no target, " + why_none(summary) + ".";
  const MethodSummary* const best = fastest(summary);
  const bool alone = summary.methods.size() < 2;
  if (!best && !summary.baseline.empty() && !alone)
    return "No other method than " + summary.baseline + " reaches " + goal(summary) + " with every seed.";
  if (!best)
    return alone && summary.methods[0].time_to_target
               ? summary.methods[0].method + " reaches " + goal(summary) + " after " +
                     duration_text(summary.methods[0].time_to_target->mean) + "."
               : "No method reaches " + goal(summary) + " with every seed.";
  if (summary.baseline.empty())
    return best->method + " is the first to reach " + goal(summary) + ", after " +
           duration_text(best->time_to_target->mean) + ".";
  std::string text = best->method + " reaches " + goal(summary) + " " + with_interval(best->speed_up, 2) +
                     " times as fast" + (about_baseline(summary) ? "" : " as " + summary.baseline);
  if (!best->speed_up->low) return text + " (one seed, so no interval).";
  return text + (may_be_one(*best->speed_up) ? ", which is not distinguishable from 1." : ".");
}

}  // namespace experiments
