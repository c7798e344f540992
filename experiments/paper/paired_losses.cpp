#include "experiments/paper/paired_losses.h"

#include <algorithm>
#include <cmath>

#include "experiments/report/format.h"
#include "experiments/report/summary.h"

namespace experiments {
namespace {

Verdict within_margin(const Estimate& difference, double margin) {
  if (!difference.half_width) return Verdict::undecided;
  const double low = difference.mean - *difference.half_width, high = difference.mean + *difference.half_width;
  if ((low >= -margin && high <= margin) || (low <= 0 && high >= 0)) return Verdict::holds;
  return low > margin || high < -margin ? Verdict::fails : Verdict::undecided;
}

/// Only `good` is finite, with every seed.
bool only_finite(const BySeed& good, const BySeed& bad) {
  return not_finite(bad) == static_cast<int>(bad.size()) && !bad.empty() && not_finite(good) == 0 && !good.empty();
}

}  // namespace

Verdict below_zero(const Estimate& difference) {
  if (!difference.half_width) return Verdict::undecided;
  if (difference.mean + *difference.half_width < 0) return Verdict::holds;
  return difference.mean - *difference.half_width > 0 ? Verdict::fails : Verdict::undecided;
}

Verdict opposite(Verdict v) { return v == Verdict::holds ? Verdict::fails : v == Verdict::fails ? Verdict::holds : v; }

BySeed losses(const Results& results, const std::string& method) {
  BySeed values;
  for (const RunLog& run : results.runs)
    if (run.method == method) values[run.seed] = final_loss(run);
  return values;
}

Estimate mean_of(const BySeed& values) {
  std::vector<double> all;
  for (const auto& [seed, value] : values) all.push_back(value);
  return estimate(all);
}

int not_finite(const BySeed& values) {
  return static_cast<int>(
      std::count_if(values.begin(), values.end(), [](const auto& v) { return !std::isfinite(v.second); }));
}

std::vector<double> differences(const BySeed& a, const BySeed& b) {
  std::vector<double> result;
  for (const auto& [seed, value] : a)
    if (const auto other = b.find(seed); other != b.end()) result.push_back(value - other->second);
  return result;
}

std::string seeds_text(const std::vector<double>& pairs) {
  const std::string n = "n = " + std::to_string(pairs.size());
  if (pairs.size() < 2) return n + ": no interval";
  const std::string p = p_text(paired_p(pairs));
  return n + ", p " + (p[0] == '<' ? "" : "= ") + p;
}

std::string signed_text(const Estimate& value, int decimals) {
  const std::string text = with_interval(value, decimals), mean = text.substr(0, text.find(' '));
  const bool nothing = mean.find_first_of("123456789") == mean.npos;  // 0.0000 has no sign
  return nothing && mean[0] == '-' ? text.substr(1) : (value.mean > 0 && !nothing ? "+" : "") + text;
}

LossPair::LossPair(std::string method_name, BySeed method_losses, std::string than_name, BySeed than_losses)
    : method(std::move(method_name)),
      than(std::move(than_name)),
      a(std::move(method_losses)),
      b(std::move(than_losses)),
      pairs(differences(a, b)),
      difference(estimate(pairs)) {}

Verdict LossPair::below() const {
  if (!diverged()) return below_zero(difference);
  return only_finite(a, b) ? Verdict::holds : only_finite(b, a) ? Verdict::fails : Verdict::undecided;
}

Verdict LossPair::within(double margin) const {
  if (!diverged()) return within_margin(difference, margin);
  return only_finite(a, b) || only_finite(b, a) ? Verdict::fails : Verdict::undecided;
}

std::string LossPair::text() const {
  std::string result = method + " " + with_interval(mean_of(a), 4) + ", " + than + " " + with_interval(mean_of(b), 4);
  for (const auto& [name, values] : {std::pair(&method, &a), std::pair(&than, &b)})
    if (const int bad = not_finite(*values))
      result += "; " + *name + " diverged with " + std::to_string(bad) + " of " + std::to_string(values->size()) +
                (values->size() == 1 ? " seed" : " seeds");
  if (diverged()) return result;
  if (pairs.empty()) return result + "; no seed in common";
  return result + "; difference " + signed_text(difference, 4) + " (perplexity " +
         signed_text({100 * std::expm1(difference.mean), std::nullopt, 1}, 1) + " %; " + seeds_text(pairs) + ")";
}

std::string LossPair::text(double margin) const {
  const std::string result = text() + "; margin " + number_text(margin);
  const double half = difference.half_width.value_or(0), away = std::abs(difference.mean);
  return !diverged() && away <= half && away + half > margin ? result + ", which the noise exceeds" : result;
}

Race::Race(const Results& results, const std::string& method, const std::string& than) {
  std::vector<RunLog> runs;
  for (const std::string& name : {than, method})
    for (const RunLog& run : results.runs)
      if (run.method == name) runs.push_back(run);
  const ComparisonSummary summary = summarise("", than, runs, kCommonTarget);
  const size_t seeds = summary.seeds.size();
  for (size_t i = 0; i < seeds; ++i) {
    const auto theirs = time_to_target(runs[i], summary.target_loss[i]),
               ours = time_to_target(runs[seeds + i], summary.target_loss[i]);
    if (theirs && ours && *ours > 0) speed_up[summary.seeds[i]] = *theirs / *ours;
  }
  if (speed_up.size() == seeds) ratio = summary.methods.back().speed_up;
  if (!ratio) {
    text = "not compared: some seed has no loss that both reach after the start";
    return;
  }
  text = with_interval(ratio, 2) + " times as fast to loss " + with_interval(estimate(summary.target_loss), 4) + " (" +
         duration_text(summary.methods.back().time_to_target->mean) + " against " +
         duration_text(summary.methods.front().time_to_target->mean) + ", n = " + std::to_string(seeds) + ")";
}

}  // namespace experiments
