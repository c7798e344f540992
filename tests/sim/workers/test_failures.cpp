#include "sim/workers/failures.h"

#include <vector>

#include "sim/workers/steady.h"
#include "tests/support/catch.h"

using namespace sim;
using namespace std::chrono_literals;

namespace {

FailingSpeed speed(const FailuresSpec& spec, uint64_t worker = 0) {
  return {std::make_shared<SteadySpeed>(0.5), spec, RandomStream(5, "failures", worker)};
}

struct Stretch {
  Time begin, end;
  bool down;
};
std::vector<Stretch> stretches(const SpeedModel& model, Time until) {
  std::vector<Stretch> all;
  for (Time now{}; now < until; now = all.back().end) {
    const SpeedModel::Segment segment = model.at(now);
    CHECK(segment.down == (segment.steps_per_second == 0.0));
    if (!all.empty() && all.back().down == segment.down)  // a failure in a checkpoint
      all.back().end = segment.end;
    else
      all.push_back({now, segment.end, segment.down});
  }
  return all;
}

}  // namespace

TEST_CASE("without failures a worker writes its checkpoints and computes the rest of the time") {
  const FailingSpeed model = speed({.mean_seconds_between = 1e12, .checkpoint_every = 10.0, .checkpoint_seconds = 2.0});
  const auto all = stretches(model, kTimeZero + 120s);
  REQUIRE(all.size() == 20);
  for (size_t i = 0; i < all.size(); ++i) {
    CHECK(all[i].down == (i % 2 == 1));
    CHECK(all[i].end - all[i].begin == (i % 2 == 1 ? 2s : 10s));
  }
  CHECK(finish_time(model, kTimeZero, 30.0) == kTimeZero + 17s);  // 15 s of computing and one checkpoint
}

TEST_CASE("a failure costs the restart and what was done since the last checkpoint") {
  const FailuresSpec spec{
      .mean_seconds_between = 1000.0, .restart_seconds = 7.0, .checkpoint_every = 10.0, .checkpoint_seconds = 1.0};
  const FailingSpeed model = speed(spec);
  Duration since{0};  // of computing, since the last checkpoint
  int failures = 0, checkpoints = 0, again = 0;
  for (const auto& [begin, end, down] : stretches(model, kTimeZero + std::chrono::hours(24))) {
    if (!down) {
      since += end - begin;
      CHECK(since <= 10s);
    } else if (end - begin == 1s) {
      CHECK(since == 10s);
      since = Duration{0};
      ++checkpoints;
    } else {
      CHECK(end - begin >= 7s + since);
      again += end - begin > 9s + since;      // a second one in what is done anew
      if (since == 10s) since = Duration{0};  // it failed while it wrote, and writes at last
      ++failures;
    }
  }
  CHECK(checkpoints > 7000);
  CHECK(failures > 60);
  CHECK(failures < 110);
  CHECK(again <= 3);
}

TEST_CASE("in the long run a failing worker has its mean speed") {
  for (const auto& spec : {FailuresSpec{.mean_seconds_between = 60.0, .restart_seconds = 30.0, .checkpoint_every = {}},
                           FailuresSpec{.mean_seconds_between = 4000.0,
                           .restart_seconds = 300.0,
                           .checkpoint_every = 100.0,
                           .checkpoint_seconds = 5.0}}) {
    const FailingSpeed model = speed(spec, 3);
    const double steps = 4000 * spec.mean_seconds_between;
    const double seconds = to_seconds(finish_time(model, kTimeZero, steps) - kTimeZero);
    CHECK(steps / seconds == Approx(model.mean_steps_per_second()).epsilon(0.02));
  }
}

TEST_CASE("failures are the same whoever asked before") {
  const FailuresSpec spec{.mean_seconds_between = 50.0, .restart_seconds = 7.0, .checkpoint_every = 9.0};
  const FailingSpeed forward = speed(spec), late = speed(spec), other = speed(spec, 1);
  late.at(kTimeZero + 5000s);
  bool differs = false;
  for (int64_t second = 0; second < 5000; ++second) {
    const auto a = forward.at(kTimeZero + second * 1s), b = late.at(kTimeZero + second * 1s);
    CHECK((a.end == b.end && a.down == b.down));
    differs = differs || a.end != other.at(kTimeZero + second * 1s).end;
  }
  CHECK(differs);
}
