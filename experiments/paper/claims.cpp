#include "experiments/paper/claims.h"

#include <algorithm>
#include <cmath>

#include "experiments/report/format.h"
#include "experiments/report/summary.h"

namespace experiments {
namespace {

/// The pair that a claim compares in one experiment; the other may be another experiment's.
LossPair pair_of(const LossPairHead& claim, const Results& here, const ResultsByName& all) {
  const Results& there = claim.than_experiment ? all.at(*claim.than_experiment) : here;
  const std::string than = claim.than + (claim.than_experiment ? " of " + *claim.than_experiment : "");
  return {claim.method, losses(here, claim.method), than, losses(there, claim.than)};
}

Finding judge(const BelowClaim& claim, const Results& here, const ResultsByName& all) {
  const LossPair pair = pair_of(claim, here, all);
  return {pair.text(), pair.below()};
}

Finding judge(const WithinClaim& claim, const Results& here, const ResultsByName& all) {
  const LossPair pair = pair_of(claim, here, all);
  const bool below = claim.or_below && pair.below() == Verdict::holds;
  return {pair.text(claim.margin), below ? Verdict::holds : pair.within(claim.margin)};
}

Finding judge(const BestClaim& claim, const Results& here, const ResultsByName&) {
  const BySeed own = losses(here, claim.method);
  std::optional<LossPair> runner_up;
  int others = 0, above = 0, fails = 0;
  for (const MethodConfig& method : here.experiment.methods) {
    if (method.name == claim.method) continue;
    const LossPair pair(claim.method, own, method.name, losses(here, method.name));
    const Verdict verdict = pair.below();
    ++others;
    above += verdict == Verdict::holds;
    fails += verdict == Verdict::fails;
    // The closest: one that cannot be compared is no runner-up while there is another.
    if (!runner_up || !(pair.difference.mean <= runner_up->difference.mean)) {
      if (!runner_up || std::isfinite(pair.difference.mean)) runner_up = pair;
    }
  }
  if (!runner_up) return {"there is no other method", Verdict::undecided};
  return {
      "below " + std::to_string(above) + " of " + std::to_string(others) + " others; the closest: " + runner_up->text(),
      fails             ? Verdict::fails
      : above == others ? Verdict::holds
                        : Verdict::undecided};
}

Finding judge(const ClosesGapClaim& claim, const Results& here, const ResultsByName&) {
  const BySeed own = losses(here, claim.method), from = losses(here, claim.from), to = losses(here, claim.to);
  const std::vector<double> gap = differences(from, to), closed = differences(from, own);
  const double share = claim.at_most ? *claim.at_most : *claim.at_least;
  std::vector<double> excess;  // of the way gone over the share of the gap
  for (size_t i = 0; i < gap.size(); ++i) excess.push_back(closed[i] - share * gap[i]);
  const Estimate wide = estimate(gap), gone = estimate(closed), over = estimate(excess);
  const std::string way = "from " + claim.from + " " + with_interval(mean_of(from), 4) + " to " + claim.to + " " +
                          with_interval(mean_of(to), 4) + ": " + signed_text(wide, 4);
  const Verdict there_is_one = opposite(below_zero(wide));
  if (there_is_one != Verdict::holds)
    return {"there is no gap to close " + way + " (" + seeds_text(gap) + ")", Verdict::undecided};
  const Verdict less = below_zero(over);
  return {claim.method + " " + with_interval(mean_of(own), 4) + " closes " + signed_text(gone, 4) + ", " +
              fixed(100 * gone.mean / wide.mean, 0) + " %, of the gap " + way + "; allowed: at " +
              (claim.at_most ? "most " : "least ") + number_text(100 * share) + " % (" + seeds_text(excess) + ")",
          claim.at_most ? less : opposite(less)};
}

Finding judge(const FasterClaim& claim, const Results& here, const ResultsByName&) {
  const Race race(here, claim.method, claim.than);
  if (!race.ratio || !race.ratio->low) return {race.text, Verdict::undecided};
  return {race.text, *race.ratio->low > claim.at_least    ? Verdict::holds
                     : *race.ratio->high < claim.at_least ? Verdict::fails
                                                          : Verdict::undecided};
}

Finding judge(const TimeClaim& claim, const Results& here, const ResultsByName&) {
  const sim::Time expected = sim::kTimeZero + sim::from_seconds(claim.seconds);
  BySeed times;
  bool same = true;
  for (const RunLog& run : here.runs)
    if (run.method == claim.method) {
      times[run.seed] = sim::to_seconds(run.final.time);
      same = same && run.final.time == expected;
    }
  const bool one =
      std::all_of(times.begin(), times.end(), [&](const auto& t) { return t.second == times.begin()->second; });
  return {claim.method + " ends at " + (one ? number_text(times.begin()->second) : with_interval(mean_of(times), 3)) +
              " s; expected: " + number_text(claim.seconds) + " s (n = " + std::to_string(times.size()) + ")",
          same ? Verdict::holds : Verdict::fails};
}

Finding judge(const FinalLossNearClaim& claim, const Results& here, const ResultsByName&) {
  const BySeed own = losses(here, claim.method);
  const Estimate e = mean_of(own);
  std::string text = claim.method + " " + with_interval(e, 4) + " against published " + number_text(claim.loss);
  if (!std::isfinite(e.mean))
    return {
        text + "; not finite with " + std::to_string(not_finite(own)) + " of " + std::to_string(own.size()) + " seeds",
        Verdict::fails};
  text += ": " + std::string(e.mean > claim.loss ? "+" : "") + fixed(100 * (e.mean / claim.loss - 1), 0) +
          " %, allowed ± " + number_text(100 * claim.share) + " % (n = " + std::to_string(own.size()) + ")";
  // What was read off one curve is compared to the mean where there is no interval.
  const double half = e.half_width.value_or(0), room = claim.share * claim.loss, off = std::abs(e.mean - claim.loss);
  return {text, off + half <= room ? Verdict::holds : off - half > room ? Verdict::fails : Verdict::undecided};
}

/// A claim about each experiment by itself.
template <class C>
std::vector<Finding> findings(const C& claim, const ResultsByName& all) {
  std::vector<Finding> result;
  for (const std::string& name : claim.experiments) {
    bool there = all.contains(name);
    if constexpr (requires { claim.than_experiment; })
      there = there && (!claim.than_experiment || all.contains(*claim.than_experiment));
    result.push_back(there ? judge(claim, all.at(name), all) : Finding{});
    result.back().where = name;
  }
  return result;
}

std::vector<Finding> findings(const SpeedUpGrowsClaim& claim, const ResultsByName& all) {
  Finding finding;
  bool there = true;
  for (const std::string& name : claim.experiments) {
    finding.where += (finding.where.empty() ? "" : ", ") + name;
    there = there && all.contains(name);
  }
  if (!there) return {finding};
  std::vector<BySeed> speed_ups;
  bool compared = true, rises = true, falls = false;
  for (const std::string& name : claim.experiments) {
    const Race race(all.at(name), claim.method, claim.than);
    compared = compared && race.ratio;
    finding.measured += name + " " + with_interval(race.ratio, 2) + ", ";
    speed_ups.push_back(race.speed_up);
  }
  for (size_t i = 1; i < speed_ups.size(); ++i) {
    const Estimate step = estimate(differences(speed_ups[i], speed_ups[i - 1]));
    rises = rises && step.mean > 0;
    falls = falls || opposite(below_zero(step)) == Verdict::fails;
  }
  const std::vector<double> whole = differences(speed_ups.back(), speed_ups.front());
  const Verdict grows = opposite(below_zero(estimate(whole)));
  finding.measured += "from the first to the last " + signed_text(estimate(whole), 2) + " (" + seeds_text(whole) + ")";
  finding.verdict = !compared                          ? Verdict::undecided
                    : falls || grows == Verdict::fails ? Verdict::fails
                    : rises && grows == Verdict::holds ? Verdict::holds
                                                       : Verdict::undecided;
  return {finding};
}

}  // namespace

std::vector<Finding> check_claim(const Claim& claim, const ResultsByName& results) {
  return std::visit([&](const auto& c) { return findings(c, results); }, claim);
}

}  // namespace experiments
