#include <cmath>

#include "experiments/paper/claims.h"
#include "tests/experiments/report/run_of.h"
#include "tests/support/catch.h"

using namespace experiments;
using Catch::Contains;

namespace {

struct Losses {
  const char* method;
  std::vector<double> by_seed;  ///< of the seeds 1, 2, …
};

/// Results with these final losses, each run half of them down after 50 of its 100 s.
Results results_of(const std::vector<Losses>& methods) {
  Results results;
  for (const Losses& m : methods) {
    MethodConfig method;
    method.name = m.method;
    results.experiment.methods.push_back(method);
    for (size_t i = 0; i < m.by_seed.size(); ++i)
      results.runs.push_back(tests::run_of(m.method, i + 1, {{0, 6}, {50, 4}, {100, m.by_seed[i]}}));
  }
  return results;
}

/// A claim about the experiment "e".
template <class C>
Finding check(C claim, const Results& results) {
  claim.experiments = {"e"};
  const auto findings = check_claim(claim, {{"e", results}});
  REQUIRE(findings.size() == 1);
  return findings[0];
}

ClaimHead about(const char* method) { return {"", {}, method}; }
PairHead pair(const char* method, const char* than) { return {about(method), than}; }
BelowClaim below(const char* method, const char* than) { return {{pair(method, than), {}}}; }
WithinClaim within(const char* method, const char* than, double margin, bool or_below) {
  return {{pair(method, than), {}}, margin, or_below};
}

/// Losses of B that lie `difference` above A's 1, 2 and 3, spread so that their interval is ± 4.302653 (Student's t of
/// two degrees, 95 %) · spread / √3.
Results apart(double difference, double spread) {
  return results_of({{"A", {1, 2, 3}}, {"B", {1 + difference - spread, 2 + difference, 3 + difference + spread}}});
}
const double kHalf = 4.302653 / std::sqrt(3.0);

/// A run that first evaluates at a loss of 2 after so many seconds.
RunLog reached(const char* method, uint64_t seed, int seconds) {
  return tests::run_of(method, seed, {{0, 5}, {seconds, 2}});
}

/// A and B at the same loss after these seconds of each seed.
Results race(const std::vector<int>& a, const std::vector<int>& b) {
  Results results;
  for (const auto& [method, seconds] : {std::pair("A", &a), std::pair("B", &b)}) {
    MethodConfig config;
    config.name = method;
    results.experiment.methods.push_back(config);
    for (size_t i = 0; i < seconds->size(); ++i) results.runs.push_back(reached(method, i + 1, (*seconds)[i]));
  }
  return results;
}

}  // namespace

TEST_CASE("one loss is below another exactly where the 95 % interval of the paired difference says so") {
  CHECK(check(below("A", "B"), apart(kHalf * 1.001, 1)).verdict == Verdict::holds);
  CHECK(check(below("A", "B"), apart(kHalf * 0.999, 1)).verdict == Verdict::undecided);
  CHECK(check(below("B", "A"), apart(kHalf * 1.001, 1)).verdict == Verdict::fails);
  CHECK(check(below("A", "B"), results_of({{"A", {1}}, {"B", {2}}})).verdict == Verdict::undecided);

  const Finding finding = check(below("A", "B"), apart(0.5, 0.1));
  CHECK(finding.where == "e");
  // exp(−0.5) − 1 = −39.3 %; p of t = 0.5 / (0.1 / √3) = 8.66 with two degrees: 1 − t / √(2 + t²) = 0.0131.
  CHECK(finding.measured ==
        "A 2.0000 ±2.4841, B 2.5000 ±2.7326; difference -0.5000 ±0.2484 (perplexity -39.3 %; n = 3, p = 0.013)");
}

TEST_CASE("a method that diverged with every seed is above one that never did; with some seeds nothing is decided") {
  const Results all = results_of({{"A", {1, 2}}, {"B", {NAN, INFINITY}}});
  CHECK(check(below("A", "B"), all).verdict == Verdict::holds);
  CHECK(check(below("B", "A"), all).verdict == Verdict::fails);
  CHECK(check(within("A", "B", 9, false), all).verdict == Verdict::fails);
  CHECK_THAT(check(below("A", "B"), all).measured, Contains("B diverged with 2 of 2 seeds"));
  const Results some = results_of({{"A", {1, 2}}, {"B", {NAN, 9}}});
  CHECK(check(below("A", "B"), some).verdict == Verdict::undecided);
  CHECK(check(within("A", "B", 9, true), some).verdict == Verdict::undecided);
}

TEST_CASE("the best is below every other, and the closest other is named") {
  const Results results =
      results_of({{"A", {1, 2, 3}}, {"far", {2, 3, 4.1}}, {"near", {1.1, 2.1, 3.11}}, {"even", {0.5, 2, 3.5}}});
  CHECK_THAT(check(BestClaim{about("A")}, results).measured,
             Contains("below 2 of 3 others; the closest: A 2.0000 ±2.4841, even"));
  CHECK(check(BestClaim{about("A")}, results).verdict == Verdict::undecided);
  CHECK(check(BestClaim{about("near")}, results).verdict == Verdict::fails);
  Results without = results;
  without.experiment.methods.pop_back();
  CHECK(check(BestClaim{about("A")}, without).verdict == Verdict::holds);
  CHECK_THAT(check(BestClaim{about("A")}, without).measured,
             Contains("below 2 of 2 others; the closest: A 2.0000 ±2.4841, near"));
}

TEST_CASE(
    "two losses are the same within a margin or where noise hides the difference, and with or_below also where one is "
    "lower") {
  const auto same = [](double difference, double spread) {
    return check(within("B", "A", 0.1, false), apart(difference, spread));
  };
  const auto not_above = [](double difference, double spread) {
    return check(within("B", "A", 0.1, true), apart(difference, spread));
  };
  const double spread = 0.03 / kHalf;                    // ± 0.03
  CHECK(same(0.069, spread).verdict == Verdict::holds);  // told apart, and still inside
  CHECK(same(0.071, spread).verdict == Verdict::undecided);
  CHECK(same(0.131, spread).verdict == Verdict::fails);
  CHECK(same(-0.131, spread).verdict == Verdict::fails);
  CHECK(same(0.131, 0.132 / kHalf).verdict == Verdict::holds);
  CHECK_THAT(same(0.131, 0.132 / kHalf).measured, Contains("margin 0.1, which the noise exceeds"));
  CHECK_THAT(same(0.01, spread).measured, Catch::EndsWith("margin 0.1"));
  CHECK(not_above(-0.131, spread).verdict == Verdict::holds);
  CHECK(not_above(0.069, spread).verdict == Verdict::holds);
  CHECK(not_above(0.071, spread).verdict == Verdict::undecided);
  CHECK(not_above(0.131, spread).verdict == Verdict::fails);
}

TEST_CASE("a share of a gap is closed, or is not, or there is no gap to close") {
  const auto closes = [](std::optional<double> most, std::optional<double> least, const std::vector<double>& method,
                         const std::vector<double>& to = {1, 2, 3}) {
    return check(ClosesGapClaim{about("m"), "from", "to", most, least},
                 results_of({{"from", {2, 3.01, 4}}, {"m", method}, {"to", to}}));
  };
  const std::vector<double> little = {1.8, 2.8, 3.79}, much = {1.2, 2.21, 3.2}, unsure = {1.4, 2.5, 3.6};
  CHECK(closes(0.5, {}, little).verdict == Verdict::holds);
  CHECK(closes({}, 0.5, little).verdict == Verdict::fails);
  CHECK(closes(0.5, {}, much).verdict == Verdict::fails);
  CHECK(closes({}, 0.5, much).verdict == Verdict::holds);
  CHECK(closes(0.5, {}, unsure).verdict == Verdict::undecided);
  CHECK_THAT(closes(0.5, {}, much).measured, Contains("80 %, of the gap from from 3.0033"));
  CHECK(closes(0.5, {}, little, {2, 3, 4}).verdict == Verdict::undecided);
  CHECK_THAT(closes(0.5, {}, little, {2, 3, 4}).measured, Contains("there is no gap to close"));
}

TEST_CASE("a method is faster by the ratio of the times in which both reach the same loss") {
  const Results twice = race({100, 110, 105}, {200, 221, 210});
  CHECK(check(FasterClaim{pair("A", "B"), 1.9}, twice).verdict == Verdict::holds);
  CHECK(check(FasterClaim{pair("A", "B"), 2.1}, twice).verdict == Verdict::fails);
  CHECK(check(FasterClaim{pair("A", "B"), 2.003}, twice).verdict == Verdict::undecided);
  CHECK(check(FasterClaim{pair("A", "B"), 1}, race({100}, {200})).verdict == Verdict::undecided);
  CHECK_THAT(check(FasterClaim{pair("A", "B"), 1}, twice).measured,
             Contains("2.00 (") && Contains("times as fast to loss 2.0000"));
}

TEST_CASE("a speed-up grows along experiments only if each step rises and the whole is more than noise") {
  const auto grows = [](const std::vector<std::vector<int>>& b) {
    ResultsByName results;
    SpeedUpGrowsClaim claim{pair("A", "B")};
    for (size_t i = 0; i < b.size(); ++i) {
      results.emplace("e" + std::to_string(i), race({100, 100, 100}, b[i]));
      claim.experiments.push_back("e" + std::to_string(i));
    }
    const auto findings = check_claim(claim, results);
    REQUIRE(findings.size() == 1);
    return findings[0];
  };
  const std::vector<int> one = {100, 100, 100}, two = {200, 205, 195}, four = {400, 410, 390}, vague = {90, 350, 200};
  CHECK(grows({one, two, four}).verdict == Verdict::holds);
  CHECK(grows({four, two, one}).verdict == Verdict::fails);
  CHECK(grows({one, four, two}).verdict == Verdict::fails);  // rises in all, but falls on the way
  CHECK(grows({one, vague}).verdict == Verdict::undecided);
  CHECK(grows({one, two, four}).where == "e0, e1, e2");
  CHECK_THAT(grows({one, two, four}).measured,
             Contains("e0 1.00, e1 2.00 (") && Contains("from the first to the last +3.00"));
}

TEST_CASE("a simulated time is the expected one to the nanosecond, or is not") {
  Results results = results_of({{"A", {1, 2}}});
  CHECK(check(TimeClaim{about("A"), 100}, results).verdict == Verdict::holds);
  results.runs[1].final.time += sim::Duration{1};
  CHECK(check(TimeClaim{about("A"), 100}, results).verdict == Verdict::fails);
}

TEST_CASE("a final loss is near a published one by a share of it, interval included") {
  const auto near = [](double published, const std::vector<double>& losses) {
    return check(FinalLossNearClaim{about("A"), published, 0.3}, results_of({{"A", losses}})).verdict;
  };
  CHECK(near(1, {1.29}) == Verdict::holds);
  CHECK(near(1, {1.31}) == Verdict::fails);
  CHECK(near(1, {0.69}) == Verdict::fails);
  CHECK(near(1, {1.19, 1.2, 1.21}) == Verdict::holds);
  CHECK(near(1, {1.1, 1.2, 1.3}) == Verdict::undecided);
  CHECK(near(1, {1.5, 1.51, 1.52}) == Verdict::fails);
  CHECK(near(1, {NAN, 1}) == Verdict::fails);
}

TEST_CASE("a claim is checked on each of its experiments, across two by seed, and not on what was not run") {
  BelowClaim claim = below("A", "B");
  claim.experiments = {"here", "missing"};
  ResultsByName results{{"here", apart(1, 0.1)}};
  auto findings = check_claim(claim, results);
  REQUIRE(findings.size() == 2);
  CHECK(findings[0].verdict == Verdict::holds);
  CHECK(findings[1].verdict == Verdict::not_run);
  CHECK(findings[1].measured.empty());

  claim.experiments = {"here"};
  claim.than_experiment = "there";
  CHECK(check_claim(claim, results)[0].verdict == Verdict::not_run);
  results.emplace("there", results_of({{"B", {9, 0.5, 1.5, 2.5}}}));
  findings = check_claim(claim, results);
  CHECK_THAT(findings[0].measured, Contains("B of there") && Contains("n = 3"));
  const SpeedUpGrowsClaim grows{{{"", {"here", "missing"}, "A"}, "B"}};
  CHECK(check_claim(grows, results)[0].verdict == Verdict::not_run);
}
