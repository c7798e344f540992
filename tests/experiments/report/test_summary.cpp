#include <cmath>
#include <limits>
#include <random>
#include <tuple>

#include "experiments/report/curves.h"
#include "experiments/report/verdict.h"
#include "experiments/report/writers.h"
#include "tests/experiments/report/run_of.h"
#include "tests/support/catch.h"

using namespace experiments;
using tests::run_of;
constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();

const Target kCommon{TargetKind::common, std::nullopt};

TEST_CASE("the time to a target is that of the first evaluation after the start at or below it") {
  const RunLog run = run_of("a", 1, {{0, 5}, {10, 3}, {20, 2}, {30, 2.5}, {40, 1}});
  CHECK(time_to_target(run, 2.0).value() == Approx(20));
  CHECK(time_to_target(run, 2.2).value() == Approx(20));
  CHECK(time_to_target(run, 5.0) == 10.0);
  CHECK_FALSE(time_to_target(run, 0.99));
  CHECK_FALSE(time_to_target(run_of("a", 1, {{0, kNaN}}), 9.0));
}

TEST_CASE("the common target is the worst of the methods' best losses, seed by seed") {
  const auto s = summarise("x", "a",
                           {run_of("a", 1, {{0, 5}, {1, 2}, {2, 2.4}}), run_of("a", 2, {{0, 5}, {1, 1}}),
                            run_of("b", 1, {{0, 5}, {1, 1}}), run_of("b", 2, {{0, 5}, {1, 3}})},
                           kCommon);
  CHECK(s.target_loss == std::vector<double>{2, 3});
  CHECK(target_for(s, 2) == 3.0);
  CHECK_FALSE(target_for(s, 3));
}

TEST_CASE("speed-ups and differences are paired by seed") {
  // Seed 2 is hard for both: unpaired, its spread would drown the constant factor of two and difference of −0.5.
  const auto s =
      summarise("x", "sync",
                {run_of("sync", 1, {{0, 5}, {100, 2}}), run_of("sync", 2, {{0, 5}, {104, 4}}),
                 run_of("async", 1, {{0, 5}, {50, 2}, {52, 1.5}}), run_of("async", 2, {{0, 5}, {52, 4}, {64, 3.5}})});
  REQUIRE(s.methods[1].speed_up);
  CHECK(s.methods[1].speed_up->mean == Approx(2));
  REQUIRE(s.methods[1].speed_up->low);
  CHECK(s.methods[1].speed_up->low.value() == Approx(2).epsilon(1e-7));  // the square root of a rounding error
  CHECK(s.methods[1].speed_up->high.value() == Approx(2).epsilon(1e-7));
  CHECK(s.methods[1].loss_difference_p == 0.0);
  CHECK(s.methods[1].loss_difference->mean == -0.5);
  CHECK(s.methods[1].loss_difference->half_width == 0.0);
  CHECK(s.methods[1].time_to_target->mean == Approx(51));
  CHECK(s.methods[0].speed_up->mean == 1);
  CHECK(s.methods[0].loss_difference->mean == 0);
  CHECK_FALSE(s.methods[0].loss_difference_p);  // a method is not tested against itself
  CHECK_FALSE(s.methods[0].speed_up->p);
}

TEST_CASE("a method that diverges reaches no target and leaves the others theirs") {
  const auto s = summarise("x", "a", {run_of("a", 1, {{0, 5}, {10, 2}}), run_of("b", 1, {{0, kNaN}, {10, kNaN}})});
  CHECK(s.target_loss == std::vector<double>{2});
  CHECK(s.methods[0].time_to_target->mean == Approx(10));
  CHECK_FALSE(s.methods[1].time_to_target);
  CHECK_FALSE(s.methods[1].speed_up);
  CHECK_FALSE(s.methods[1].loss_difference);
  CHECK(std::isnan(s.methods[1].loss.mean));
}

TEST_CASE("the start never counts as reaching, and a baseline that learned nothing sets no target") {
  const auto s = summarise("x", "a", {run_of("a", 1, {{0, 5}, {10, 6}}), run_of("b", 1, {{0, 5}, {10, 2}})});
  CHECK(s.methods[0].above_start == 1);
  CHECK(std::isnan(s.target_loss[0]));
  CHECK_FALSE(s.methods[1].time_to_target);
  CHECK(verdict(s) == "There is no target, because the baseline a did not learn with any seed.");
  CHECK_THAT(s.notes.at(0), Catch::Equals("a ended worse than its start: loss 6.0000 against 5.0000"));
  const auto head_start = summarise("x", "a", {run_of("a", 1, {{0, 5}, {10, 2}}), run_of("b", 1, {{0, 1}, {10, 1.5}})});
  CHECK(head_start.methods[1].time_to_target->mean == 10);
  CHECK_FALSE(head_start.methods[1].learned());  // and so is no headline
  CHECK(fastest(head_start) == nullptr);
}

TEST_CASE("a run that ends above the loss of guessing is flagged, not the fastest, and sets no common target") {
  std::vector<RunLog> runs{run_of("a", 1, {{0, 6}, {10, 2}}), run_of("b", 1, {{0, 6}, {1, 1}, {10, 5.7}})};
  for (RunLog& run : runs) run.guessing_loss = std::log(256);
  const auto s = summarise("x", "a", runs, kCommon);
  CHECK(s.target_loss == std::vector<double>{2});
  CHECK(ending_text(s.methods[1]) == "worse than guessing");
  CHECK(s.notes.at(0) == "b ended worse than guessing: loss 5.7000 against 5.5452");
  CHECK(fastest(s) == nullptr);
}

TEST_CASE("whatever becomes of a method other than the baseline changes no other method's numbers") {
  std::mt19937 random(7);  // its sequence is the standard's
  const auto number = [&](int from, int to) {
    return from + static_cast<int>(random() % static_cast<unsigned>(to - from));
  };
  const auto made = [&](const std::string& name, uint64_t seed) {
    RunLog run;
    run.method = name;
    run.seed = seed;
    run.guessing_loss = 5.545;
    double loss = 5;
    for (int i = 0; i < 12; ++i) {
      run.final.time = sim::Time{std::chrono::seconds{i * number(1, 9)}};
      run.final.local_steps = run.final.server_updates = i;
      run.evaluations.push_back({run.final, loss, {}});
      loss = std::max(0.5, loss + number(-60, 20) / 100.0);
    }
    return run;
  };
  for (int round = 0; round < 200; ++round) {
    const int seeds = number(1, 4);
    std::vector<RunLog> all;
    for (const char* name : {"base", "kept", "other"})
      for (int seed = 1; seed <= seeds; ++seed) all.push_back(made(name, static_cast<uint64_t>(seed)));
    const std::optional<Target> target = round % 3 == 0 ? std::optional(Target{{}, 3.0}) : std::nullopt;
    std::vector<RunLog> without(all.begin(), all.begin() + 2 * seeds), ruined = all, fewer = all;
    for (RunLog& run : ruined)
      if (run.method == "other") {
        run.diverged = round % 2;
        run.evaluations.back().loss = 322;
      }
    fewer.pop_back();  // a seed of it failed
    const auto kept = [&](const std::vector<RunLog>& runs) {
      const MethodSummary m =
          summarise("x", "base", comparable(runs, "base", target_or_usual(target, "base")), target).methods.at(1);
      const Ratio none{0, {}, {}, {}, 0}, r = m.speed_up.value_or(none);
      return std::tuple(m.loss.mean, m.loss.half_width, m.reached, m.time_to_target ? m.time_to_target->mean : -1,
                        r.mean, r.low, r.high, r.p, m.loss_difference ? m.loss_difference->mean : 99.0);
    };
    CHECK((kept(all) == kept(without)));
    CHECK((kept(all) == kept(ruined)));
    CHECK((kept(all) == kept(fewer)));
  }
}

TEST_CASE("the verdict is a sentence that tells its doubt") {
  const auto race = [](double second, double third, std::optional<Target> target = {}) {
    std::vector<RunLog> runs;
    const double times[] = {0, second, third};
    for (uint64_t seed = 1; seed <= 3; ++seed) runs.push_back(run_of("DiLoCo", seed, {{0, 5}, {1000, 2}}));
    for (uint64_t seed = 1; seed <= 3; ++seed)
      runs.push_back(run_of("Async", seed, {{0, 5}, {seed == 1 ? 250 : static_cast<int>(times[seed - 1]), 2}}));
    return summarise("x", "DiLoCo", runs, target);
  };
  CHECK(verdict(race(260, 240)) == "Async reaches DiLoCo's final loss 4.00 (3.62 to 4.42) times as fast.");
  CHECK(verdict(race(1600, 2500)) ==
        "Async reaches DiLoCo's final loss 1.00 (0.05 to 20.77) times as fast, which is not distinguishable from 1.");
  CHECK(verdict(race(260, 240, Target{{}, 2.5})) ==
        "Async reaches loss 2.5 4.00 (3.62 to 4.42) times as fast as DiLoCo.");
  CHECK(verdict(race(260, 240, Target{{}, 1.5})) == "No other method than DiLoCo reaches loss 1.5 with every seed.");
  const auto one = summarise("x", "a", {run_of("a", 1, {{0, 5}, {10, 2}}), run_of("b", 1, {{0, 5}, {5, 2}})});
  CHECK(verdict(one) == "b reaches a's final loss 2.00 times as fast (one seed, so no interval).");
  CHECK(verdict(summarise("x", "", {run_of("a", 1, {{0, 5}, {10, 2}}), run_of("b", 1, {{0, 5}, {5, 1}})})) ==
        "b is the first to reach loss 2.0000, after 5.000 s.");
}

TEST_CASE("a target that some seeds reach is told with their number") {
  const auto s = summarise(
      "x", "a",
      {run_of("a", 1, {{0, 5}, {10, 2}}), run_of("a", 2, {{0, 5}, {10, 2}}), run_of("b", 1, {{0, 5}, {10, 1}}),
       run_of("b", 2, {{0, 5}, {10, 3}}), run_of("c", 1, {{0, 5}, {10, 3}}), run_of("c", 2, {{0, 5}, {10, 3}})});
  CHECK(time_to_target_text(s, s.methods[1]) == "by 1 of 2 seeds");
  CHECK(time_to_target_text(s, s.methods[2]) == "not reached");
  CHECK_FALSE(s.methods[1].speed_up);
}

TEST_CASE("without a baseline there is nothing to compare to") {
  const auto s = summarise("x", "", {run_of("a", 1, {{0, 5}, {10, 2}})});
  CHECK_FALSE(s.methods[0].speed_up);
  CHECK_FALSE(s.methods[0].loss_difference);
  CHECK(s.methods[0].time_to_target);
}

TEST_CASE("an unknown baseline is refused by name") {
  CHECK_THROWS_WITH(summarise("x", "c", {run_of("a", 1, {{0, 5}})}), Catch::Contains("\"c\""));
}

TEST_CASE("a uniform guess over bytes costs 8 bits a byte at perplexity 256") {
  CHECK(perplexity(std::log(256.0)) == Approx(256));
  CHECK(bits_per_byte(std::log(256.0), 1) == Approx(8));
  CHECK(bits_per_byte(std::log(256.0), 4) == Approx(2));
}

TEST_CASE("utilisation is the share of all workers' time spent computing") {
  RunLog run = run_of("a", 1, {{10, 1}});
  run.workers.resize(2);
  run.workers[0].compute = std::chrono::seconds{10};
  run.workers[1].compute = std::chrono::seconds{5};
  CHECK(utilisation(run) == Approx(0.75));
  CHECK(std::isnan(utilisation(RunLog{})));
}

TEST_CASE("dropped updates have no part in the staleness") {
  RunLog run;
  run.updates.resize(3);
  run.updates[0].staleness_updates = 1;
  run.updates[1].staleness_updates = 4;
  run.updates[2].staleness_updates = 90;
  run.updates[2].dropped = true;
  CHECK(mean_staleness(run) == 2.5);
  CHECK(max_staleness(run) == 4);
}

TEST_CASE("a run that diverged reaches no target, sets none and has no losses in the tables") {
  std::vector<RunLog> runs{run_of("A", 1, {{0, 5.0}, {10, 3.0}}), run_of("A", 2, {{0, 5.0}, {10, 2.0}}),
                           run_of("B", 1, {{0, 5.0}, {4, kNaN}}), run_of("B", 2, {{0, 5.0}, {10, 1.0}})};
  runs[2].diverged = true;
  const ComparisonSummary summary = summarise("c", "A", runs, kCommon);
  CHECK(summary.target_loss == std::vector<double>{3.0, 2.0});
  const MethodSummary& b = summary.methods[1];
  CHECK(b.diverged == 1);
  CHECK(ending_text(b) == "diverged (1 of 2)");
  CHECK(ending_text(summary.methods[0]).empty());
  CHECK(std::isnan(b.loss.mean));
  CHECK_FALSE(b.time_to_target);
  CHECK_FALSE(b.loss_difference);
  CHECK_FALSE(time_to_target(runs[2], 6.0));  // not even what it had before it diverged
  CHECK_THAT(terminal_table(summary), Catch::Contains("diverged (1 of 2)"));
  CHECK(mean_curve(
            {&runs[3]}, [](const Counters& at) { return sim::to_seconds(at.time); }, 10)
            .size() == 2);
  CHECK(mean_curve(
            {&runs[2], &runs[3]}, [](const Counters& at) { return sim::to_seconds(at.time); }, 10)
            .empty());
}

TEST_CASE("local steps are called unequal beyond 1 % and the shortest of the methods' longest rounds, with any seed") {
  const auto notes = [](int64_t a1, int64_t a2, int64_t b1, int64_t b2, bool diverged = false) {
    std::vector<RunLog> runs{run_of("A", 1, {{0, 5.0}}), run_of("A", 2, {{0, 5.0}}), run_of("B", 1, {{0, 5.0}}),
                             run_of("B", 2, {{0, 5.0}})};
    for (size_t i = 0; i < 4; ++i) {
      runs[i].final.local_steps = std::vector{a1, a2, b1, b2}[i];
      runs[i].longest_round = i < 2 ? 20 : 500;
    }
    runs[3].diverged = diverged;
    return summarise("c", "", runs).notes;
  };
  CHECK(notes(120, 120, 120, 120).empty());
  CHECK(notes(120, 120, 140, 101).empty());
  CHECK(notes(120, 120, 141, 121) ==
        std::vector<std::string>{"methods are compared at unequal local steps: A 120, B 131"});
  CHECK(notes(8000, 8000, 8080, 8000).empty());  // 1 %
  CHECK(notes(8000, 8000, 8081, 8000).size() == 1);
  CHECK(notes(120, 2000, 2000, 120).size() == 1);  // equal means hide it from nobody
  CHECK(notes(120, 120, 120, 40, true).empty());   // that B diverged is told already
}

TEST_CASE("a run that ended early is told with its seeds and its own steps") {
  std::vector<RunLog> runs{run_of("A", 1, {{0, 5.0}, {10, 3.0}}), run_of("A", 2, {{0, 5.0}, {10, 2.0}})};
  runs[1].out_of_workers = true;
  runs[1].final.local_steps = 4;
  const ComparisonSummary summary = summarise("c", "A", runs);
  CHECK(summary.methods[0].out_of_workers == 1);
  CHECK(summary.notes ==
        std::vector<std::string>{
            "A ended before its limit with 1 of 2 seeds, after 4 local steps: every worker had left for good"});
  CHECK_THAT(terminal_table(summary), Catch::Contains("\nnote: A ended before its limit with 1 of 2 seeds"));
  CHECK(std::isfinite(summary.methods[0].loss.mean));  // its losses are those of the steps it did
}
