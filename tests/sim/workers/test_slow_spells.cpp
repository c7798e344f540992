#include "sim/workers/slow_spells.h"

#include <algorithm>
#include <cmath>
#include <vector>

#include "sim/workers/steady.h"
#include "sim/workers/traced_speed.h"
#include "tests/support/catch.h"

using namespace sim;
using namespace std::chrono_literals;

namespace {

RandomStream stream(uint64_t worker = 0) { return {5, "slow-spells", worker}; }

SlowSpells worker(const SlowSpellsSpec& spec, double seconds_per_step = 0.5, uint64_t id = 0) {
  return {std::make_shared<SteadySpeed>(seconds_per_step), spec, stream(id)};
}

/// The first `count` sojourns, as lengths in seconds.
std::vector<double> lengths(const Alternation& process, int count) {
  std::vector<double> all;
  for (Time now{}; count > 0; --count) {
    const Time end = process.at(now).end;
    all.push_back(to_seconds(end - now));
    now = end;
  }
  return all;
}

}  // namespace

TEST_CASE("sojourns alternate, with the means and the Weibull variances asked for") {
  for (const double shape : {0.7, 1.0, 3.0}) {
    CAPTURE(shape);
    constexpr int n = 40'000;
    const Alternation process({10.0, 1.0}, {3.0, shape}, stream());
    const std::vector<double> all = lengths(process, 2 * n);
    double first = 0.0, second = 0.0, square = 0.0;
    for (int i = 0; i < n; ++i) {
      first += all[2 * i] / n;
      second += all[2 * i + 1] / n;
      square += std::pow(all[2 * i + 1] - 3.0, 2) / n;
    }
    const double relative =
        std::tgamma(1.0 + 2.0 / shape) / std::pow(std::tgamma(1.0 + 1.0 / shape), 2) - 1.0;  // variance / mean²
    CHECK(std::abs(first - 10.0) < 5.0 * 10.0 / std::sqrt(n));
    CHECK(std::abs(second - 3.0) < 5.0 * 3.0 * std::sqrt(relative / n));
    CHECK(square == Approx(9.0 * relative).epsilon(0.1));  // several standard errors, the widest for shape 0.7
    CHECK(process.second_share() == Approx(3.0 / 13.0));
  }
}

TEST_CASE("a process says the same whoever asked before, and in whatever order") {
  const Alternation forward({10.0}, {3.0}, stream()), jumping({10.0}, {3.0}, stream());
  const RandomStream order(1, "order");
  std::vector<Alternation::State> all;
  for (int64_t second = 0; second < 2000; ++second) all.push_back(forward.at(kTimeZero + second * 1s));
  for (uint64_t i = 0; i < 2000; ++i) {
    const uint64_t second = order.below(2000, i);
    const Alternation::State state = jumping.at(kTimeZero + static_cast<int64_t>(second) * 1s);
    REQUIRE(state.second == all[second].second);
    REQUIRE(state.end == all[second].end);
  }
}

TEST_CASE("a sojourn longer than the clock ends with it") {
  const Alternation process({4e9}, {4e9}, stream());
  Time now{};
  for (int i = 0; i < 100 && now != Time::max(); ++i) now = process.at(now).end;
  CHECK(now == Time::max());
}

TEST_CASE("the mean speed with slow spells is v (b + l / factor) / (b + l)") {
  const SlowSpells spells = worker({.mean_seconds_between = 30.0, .mean_seconds = 10.0, .factor = 5.0});
  const double expected = 2.0 * (30.0 + 10.0 / 5.0) / 40.0;
  CHECK(spells.mean_steps_per_second() == Approx(expected));
  // n cycles of 40 s on average: the time 10⁶ steps take has, by renewal, a relative standard error of about
  // √(Var(what a cycle does less than its time's mean) / n) / mean: under 0.4 % here. Four of them.
  const double seconds = to_seconds(finish_time(spells, kTimeZero, 1e6));
  CHECK(1e6 / seconds == Approx(expected).epsilon(0.015));
}

TEST_CASE("a standstill moves the finish by exactly its length") {
  const SlowSpellsSpec stall{.mean_seconds_between = 20.0, .mean_seconds = 7.0, .factor = {}};
  for (uint64_t id = 0; id < 50; ++id) {
    const SlowSpells spells = worker(stall, 0.5, id);
    const Time begin = spells.at(kTimeZero).end, end = spells.at(begin).end;  // of the first one
    CHECK(spells.at(begin).steps_per_second == 0.0);
    const double steps = std::floor(2.0 * to_seconds(begin)) + 1.0;  // the last of them meets the first standstill
    const Time next = spells.at(end).end;
    const Time without = finish_time(SteadySpeed(0.5), kTimeZero, steps);
    if (without + (end - begin) >= next) continue;  // and the second one, too
    REQUIRE(finish_time(spells, kTimeZero, steps) == without + (end - begin));
  }
}

TEST_CASE("in a spell a step takes factor times as long, outside as long as ever") {
  const SlowSpells spells = worker({.mean_seconds_between = 20.0, .mean_seconds = 7.0, .factor = 4.0});
  const Time begin = spells.at(kTimeZero).end;
  CHECK(spells.at(kTimeZero).steps_per_second == 2.0);
  CHECK(spells.at(begin).steps_per_second == 0.5);
  CHECK(spells.at(spells.at(begin).end).steps_per_second == 2.0);
}

TEST_CASE("spells over a base that changes itself multiply: each change of either ends a segment") {
  const auto base = std::make_shared<SpeedTrace>(SpeedTrace{
      .begin = {kTimeZero, kTimeZero + 1s, kTimeZero + 3s}, .value = {1.0, 2.0, 1.0}, .end = TraceEnd::repeat});
  const SlowSpellsSpec spec{.mean_seconds_between = 2.0, .mean_seconds = 2.0, .factor = 4.0};
  const TracedSpeed traced(base, 1.0);
  const SlowSpells both(std::make_shared<TracedSpeed>(base, 1.0), spec, stream());
  const SlowSpells alone(std::make_shared<SteadySpeed>(1.0), spec, stream());
  Time now{};
  for (int i = 0; i < 1000; ++i) {
    const SpeedModel::Segment segment = both.at(now), a = traced.at(now), b = alone.at(now);
    REQUIRE(segment.steps_per_second == a.steps_per_second * b.steps_per_second);
    REQUIRE(segment.end == std::min(a.end, b.end));
    now = segment.end;
  }
  CHECK(both.mean_steps_per_second() == Approx(5.0 / 3.0 * (1.0 + 0.25) / 2.0));
}

TEST_CASE("two models of one worker have their spells at the same times, another worker has its own") {
  const SlowSpellsSpec spec{.mean_seconds_between = 20.0, .mean_seconds = 7.0, .factor = 4.0};
  const SlowSpells fast = worker(spec, 0.5), slow = worker(spec, 3.0), other = worker(spec, 0.5, 1);
  Time now{};
  for (int i = 0; i < 100; ++i) {
    REQUIRE(fast.at(now).end == slow.at(now).end);
    now = fast.at(now).end;
  }
  CHECK(fast.at(kTimeZero).end != other.at(kTimeZero).end);
}
