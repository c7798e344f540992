#include "experiments/cli/progress.h"

#include <iostream>
#include <sstream>

#include "tests/support/catch.h"
#include "tests/support/tiny_experiment.h"

using namespace experiments;
using Catch::Contains;

namespace {

/// What is printed while it lives.
struct Printed {
  std::ostringstream text;
  std::streambuf* before = std::cout.rdbuf(text.rdbuf());
  Printed() = default;
  Printed(const Printed&) = delete;
  Printed& operator=(const Printed&) = delete;
  ~Printed() { std::cout.rdbuf(before); }
};

/// Runs of 160 steps of 32 tokens: One and Two with seed 3, the same with seed 4.
SweepPlan plan() {
  return plan_comparison(tiny::parse(
      tiny::with(tiny::document(), {{"/methods", R"([{"name": "One"}, {"name": "Two"}])"}, {"/seeds", "[3, 4]"}})));
}

Counters after(int64_t steps) {
  Counters at;
  at.local_steps = steps;
  at.tokens = steps * 32;
  return at;
}

RunLog ended() {
  RunLog log;
  log.final = after(160);
  log.evaluations.push_back({.at = log.final, .loss = 2.5, .domain_loss = {}});
  return log;
}

}  // namespace

TEST_CASE("a comparison's progress is a line per method, of the run that was heard of last") {
  const SweepPlan runs = plan();
  const Printed printed;
  ProgressDisplay display(runs, runs.runs, {}, false);
  display.finished(0, ended());
  display.failed(1, "broken");
  display.progress(2, after(80), 2.25);
  display.close();
  display.failed(2, "too late to be shown");
  CHECK_THAT(printed.text.str(), Contains("One  seed 4 (1 of 2 done)   50%  loss 2.2500"));
  CHECK_THAT(printed.text.str(), Contains("Two  seed 3 (1 of 2 done)  failed: broken\n"));
  CHECK_THAT(printed.text.str(), !Contains("too late"));
}

TEST_CASE("a sweep's progress is one line with the runs of before, by their work") {
  const SweepPlan runs = plan();
  const std::vector<PlannedRun> left{runs.runs[2], runs.runs[3]};
  const Printed printed;
  ProgressDisplay display(runs, left, ProgressDisplay::Before{.total = 4, .finished = 1, .failed = 1}, false);
  display.finished(1, ended());
  display.pretraining(0, 7, 3.0);
  display.close();
  CHECK_THAT(printed.text.str(), Contains("2 of 4 runs done, 1 failed  1 running  pre-training, step 7  0s in all\n"));
  CHECK(display.runs_finished() == 1);
}

TEST_CASE("quiet progress prints nothing, and counts") {
  const SweepPlan runs = plan();
  const Printed printed;
  ProgressDisplay display(runs, runs.runs, {}, true);
  display.finished(0, ended());
  display.failed(1, "broken");
  display.close();
  CHECK(printed.text.str().empty());
  CHECK(display.runs_failed() == 1);
}
