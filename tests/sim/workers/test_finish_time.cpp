#include <cmath>
#include <limits>
#include <stdexcept>
#include <vector>

#include "sim/random.h"
#include "sim/workers/steady.h"
#include "tests/support/catch.h"
#include "tests/support/times.h"

using namespace sim;
using tests::at;
using namespace std::chrono_literals;

namespace {

/// Runs at the listed speeds, each until its end.
class Piecewise final : public SpeedModel {
 public:
  explicit Piecewise(std::vector<Segment> segments) : segments_(std::move(segments)) {}
  Segment at(Time t) const override {
    for (const Segment& s : segments_)
      if (t < s.end) return s;
    return segments_.back();
  }
  double mean_steps_per_second() const override { return segments_.back().steps_per_second; }

 private:
  std::vector<Segment> segments_;
};

/// Stands still, in segments of thirty years.
class NeverAgain final : public SpeedModel {
 public:
  Segment at(Time t) const override { return {0.0, t + 30 * 365 * 24h}; }
  double mean_steps_per_second() const override { return 0.0; }
};

const Duration kStart = 3s;

}  // namespace

TEST_CASE("steady workers finish to the nanosecond, up to a million steps") {
  const int64_t milliseconds = GENERATE(as<int64_t>{}, 580, 750, 1510, 3330);
  const SteadySpeed worker(static_cast<double>(milliseconds) / 1000.0);
  for (int64_t steps = 0; steps <= 1'000'000; steps += steps < 5000 ? 1 : 997)
    REQUIRE(finish_time(worker, at(kStart), static_cast<double>(steps)) == at(kStart + steps * milliseconds * 1ms));
  CHECK(finish_time(worker, at(kStart), 1e6) == at(kStart + milliseconds * 1000s));
}

TEST_CASE("twenty steps of 0.58 s take 11.6 s exactly") {
  CHECK(finish_time(SteadySpeed(0.58), kTimeZero, 20) == at(11'600'000'000ns));
}

TEST_CASE("any whole number of nanoseconds a step is exact although the speed is its rounded inverse") {
  const RandomStream draw(8, "paces");
  for (uint64_t i = 0; i < 20'000; ++i) {
    const auto ns =
        static_cast<int64_t>(1 + draw.below(uint64_t{1} << draw.below(34, 2 * i), 2 * i + 1));  // up to 8.6 s
    REQUIRE(finish_time(SteadySpeed(static_cast<double>(ns) * 1e-9), kTimeZero, 1e6) == at(Duration{ns * 1'000'000}));
  }
}

TEST_CASE("a time that is not whole is rounded to the nearest nanosecond") {
  CHECK(finish_time(SteadySpeed(1.0 / 3.0), kTimeZero, 1) == at(333'333'333ns));
  CHECK(finish_time(SteadySpeed(1.0 / 3.0), kTimeZero, 2) == at(666'666'667ns));
  CHECK(finish_time(SteadySpeed(1.0 / 3.0), kTimeZero, 3) == at(1s));
  CHECK(finish_time(SteadySpeed(1.0), kTimeZero, 0.25) == at(250ms));
}

TEST_CASE("a step that is nearly but not quite a whole number of nanoseconds keeps its fraction") {
  CHECK(finish_time(SteadySpeed(1.0000000000005), kTimeZero, 1e5) == at(100'000s + 50ns));
}

TEST_CASE("no steps take no time, even at a standstill") {
  CHECK(finish_time(Piecewise({{0.0, Time::max()}}), at(kStart), 0) == at(kStart));
}

TEST_CASE("the speed integrates to the number of steps") {
  const Piecewise worker({{1.0, at(10s)}, {0.0, at(14s)}, {2.0, at(20s)}, {0.5, Time::max()}});
  CHECK(finish_time(worker, kTimeZero, 7) == at(7s));
  CHECK(finish_time(worker, kTimeZero, 10) == at(10s));  // done as the standstill begins: it does not matter
  CHECK(finish_time(worker, kTimeZero, 10.5) == at(14s + 250ms));
  CHECK(finish_time(worker, kTimeZero, 22) == at(20s));  // 10 + 0 + 12
  CHECK(finish_time(worker, kTimeZero, 23) == at(22s));
  CHECK(finish_time(worker, at(12s), 1) == at(14s + 500ms));  // begun in the standstill
}

TEST_CASE("a stall moves the finish by exactly its length") {
  for (int64_t i = 1; i <= 100; ++i) {
    const Duration length{i * 123'456'789};
    const Piecewise stalling({{1 / 0.58, at(5s)}, {0.0, at(5s + length)}, {1 / 0.58, Time::max()}});
    REQUIRE(finish_time(stalling, kTimeZero, 20) == finish_time(SteadySpeed(0.58), kTimeZero, 20) + length);
  }
}

TEST_CASE("cutting a segment in a thousand pieces changes nothing") {
  std::vector<SpeedModel::Segment> pieces;
  for (int i = 1; i <= 1000; ++i) pieces.push_back({1 / 3.33, at(i * 1'234'567ns)});
  pieces.push_back({1 / 3.33, Time::max()});
  CHECK(finish_time(Piecewise(pieces), kTimeZero, 1) == at(3'330ms));
  CHECK(finish_time(Piecewise(pieces), kTimeZero, 0.25) == at(832'500us));
}

TEST_CASE("steps that end too late or never are an error, not an overflow") {
  CHECK_THROWS_AS(finish_time(Piecewise({{0.0, Time::max()}}), kTimeZero, 1), std::overflow_error);
  CHECK_THROWS_AS(finish_time(Piecewise({{1.0, at(10s)}, {0.0, Time::max()}}), kTimeZero, 11), std::overflow_error);
  CHECK_THROWS_AS(finish_time(SteadySpeed(1e300), kTimeZero, 1), std::overflow_error);
  CHECK_THROWS_AS(finish_time(SteadySpeed(1.0), kTimeZero, 1.001 * kMaxSeconds), std::overflow_error);
  CHECK_THROWS_AS(finish_time(SteadySpeed(1.0), kTimeZero, std::numeric_limits<double>::infinity()),
                  std::overflow_error);
  CHECK_THROWS_AS(finish_time(SteadySpeed(1.0), Time::max() - 5s, 6), std::overflow_error);
  CHECK_THROWS_AS(finish_time(Piecewise({{0.0, at(from_seconds(kMaxSeconds) + 1s)}, {1.0, Time::max()}}), kTimeZero, 1),
                  std::overflow_error);
  CHECK_THROWS_AS(finish_time(Piecewise({{0.0, at(from_seconds(kMaxSeconds) - 1s)}, {1.0, Time::max()}}), kTimeZero, 5),
                  std::overflow_error);
  CHECK_THROWS_AS(finish_time(NeverAgain(), kTimeZero, 1), std::overflow_error);
  CHECK(finish_time(SteadySpeed(1.0), kTimeZero, kMaxSeconds) == at(from_seconds(kMaxSeconds)));
  CHECK(finish_time(SteadySpeed(1.0), Time::max() - 5s, 4) == Time::max() - 1s);
}
