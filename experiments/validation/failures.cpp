#include "experiments/validation/failures.h"

#include <array>
#include <cmath>

#include "experiments/report/format.h"
#include "experiments/validation/settings_clock.h"

namespace experiments {
namespace {

constexpr double kYear = 31.56e6;  // s between two interruptions of a chip
constexpr double kOverhead = 0.033,
                 kAtChips = 1.2e6;               // fitted: steps take so much longer there, in proportion to chips
constexpr double kStop = 17.5, kStopOfAll = 60;  // fitted: s

/// Percent of the time that is training, of learners that fail by themselves, in 20,000 failures.
double goodput_of(double chips, int64_t learners, double stop, double overhead) {
  const double between = static_cast<double>(learners) * kYear / chips, seconds = 20'000 * kYear / chips;
  Json learner = worker(0.1 / (1 - overhead), 0, 0, learners);
  learner["failures"] = {{"mean_seconds_between", between}, {"restart_seconds", stop}};
  const sim::ClockLog log = clock_of({{"workers", {learner}},
                                      {"policy", at_once()},
                                      {"local_steps", equal_steps(20)},
                                      {"stop", {{"simulated_seconds", seconds}}}});
  return 100 * static_cast<double>(log.final.local_steps) * 0.1 / static_cast<double>(learners) / seconds;
}
double overhead_of(double chips) { return kOverhead * chips / kAtChips; }

}  // namespace

Validation goodput() {
  Validation made{
      .title = "Decoupled DiLoCo: goodput under failures",
      .source = "arXiv 2604.21428 (secondary: read off a summary, not the paper)",
      .set_up =
          "k learners, asynchronous, without a network; a learner has failures with a mean time between them of "
          "k · 1 year / chips (a chip is interrupted once a year) and stands still for a while after each. Steps are "
          "longer by an overhead in proportion to the chips. 20,000 failures. A job that is not elastic is one "
          "learner that stops for longer. Percent of the time that is training; three points are the fit's own "
          "error over nine cells.",
      .fitted = {"overhead 3.3 % at 1.2M chips", "17.5 s until a learner goes on",
                 "60 s until a job that is not elastic does"},
      .rules = {},
      .tables = {{{"chips, %", "not elastic", "k = 1", "2", "8", "16"}, {}}},
      .charts = {}};
  double farthest = 0;
  const auto row = [&](const std::string& name, double chips, const std::array<double, 5>& published) {
    std::vector<std::string> theirs{name + ", published"}, mine{name + ", ours"};
    for (size_t i = 0; i < published.size(); ++i) {
      constexpr std::array<int64_t, 5> learners = {1, 1, 2, 8, 16};
      if (published[i] == 0) {
        theirs.push_back("–");
        mine.push_back("–");
        continue;
      }
      const double ours = goodput_of(chips, learners[i], i == 0 ? kStopOfAll : kStop, overhead_of(chips));
      theirs.push_back(fixed(published[i], 0));
      mine.push_back(fixed(ours, 1));
      farthest = std::max(farthest, std::abs(ours - published[i]));
    }
    made.tables[0].rows.push_back(theirs);
    made.tables[0].rows.push_back(mine);
  };
  row("1.2M", 1.2e6, {27, 58, 70, 88, 93});
  row("2.4M", 2.4e6, {18, 40, 0, 80, 86});
  made.rules.push_back({"nine cells within 3 points", "at most " + fixed(farthest, 1) + " points off", farthest <= 3});
  const double many = goodput_of(1.2e6, 8, kStop, 0), one = goodput_of(150e3, 1, kStop, 0);
  made.rules.push_back({"eight learners fail like one learner on an eighth of the chips, within 0.5 points",
                        fixed(many, 2) + " and " + fixed(one, 2) + " %", std::abs(many - one) <= 0.5});
  return made;
}

Validation effective_training_time() {
  Validation made{
      .title = "Effective training time of one job",
      .source = "Kokolis et al. 2025, arXiv 2410.21680, HPCA (secondary: two accounts that agree)",
      .set_up =
          "One job that stops as a whole: `failures` with a mean time between them of 1 / (nodes · rate), a restart "
          "of 300 s, checkpoints, and what was done since the last one done anew. The published formula is of first "
          "order in the failures, so it has to agree where they are rare (128 nodes) and not where they are not. "
          "5,000 failures.",
      .fitted = {},
      .rules = {},
      .tables = {{{"nodes, checkpoint every, written in", "formula", "ours", "difference"}, {}}},
      .charts = {}};
  struct Job {
    double nodes, every, write;
  };
  double rare = 1;
  for (const Job& job : {Job{128, 900, 30}, Job{2048, 900, 30}, Job{2048, 3600, 60}}) {
    constexpr double restart = 300, rate = 6.5e-3 / 86400;  // failures per node and second
    const double between = 1 / (job.nodes * rate);
    const double formula = (1 - (restart + job.every / 2) / between) / (1 + job.write / job.every);
    Json one = worker(10);
    one["failures"] = {{"mean_seconds_between", between},
                       {"restart_seconds", restart},
                       {"checkpoint_every_seconds", job.every},
                       {"checkpoint_seconds", job.write}};
    const double seconds = 5000 * between;
    const sim::ClockLog log = clock_of({{"workers", {one}},
                                        {"policy", at_once()},
                                        {"local_steps", equal_steps(100)},
                                        {"stop", {{"simulated_seconds", seconds}}}});
    const double ours = static_cast<double>(log.final.local_steps) * 10 / seconds;
    if (job.nodes == 128) rare = std::abs(ours - formula);
    made.tables[0].rows.push_back(
        {fixed(job.nodes, 0) + " nodes, " + fixed(job.every, 0) + " s, " + fixed(job.write, 0) + " s",
         fixed(formula, 4), fixed(ours, 4), fixed(ours - formula, 4)});
  }
  made.rules.push_back({"within 0.002 at 128 nodes", fixed(rare, 4), rare <= 0.002});
  return made;
}

}  // namespace experiments
