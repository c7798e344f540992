#include "experiments/import/calibrate.h"

#include <cmath>

#include "experiments/import/dates.h"
#include "sim/random.h"
#include "sim/trace_file.h"
#include "sim/workers/slow_spells.h"
#include "sim/workers/speed_model.h"
#include "sim/workers/steady.h"
#include "sim/workers/step_jitter.h"
#include "sim/workers/traced_speed.h"
#include "tests/experiments/import/imported.h"
#include "tests/support/catch.h"
#include "tests/support/error_message.h"

using Catch::Matchers::Contains;
using namespace experiments;

namespace {

struct World {
  double pace = 0.7, sigma = 0.1, between = 0.0, length = 0.0, factor = 1.0;  ///< between 0: no spells
};

/// Steps of a worker of the simulator's own parts, with draws of another purpose than a run's.
std::vector<double> steps_of(const World& w, int count, uint64_t seed) {
  const auto jitter = sim::make_step_jitter(sim::LognormalJitter{w.sigma}, sim::RandomStream(seed, "test"));
  std::shared_ptr<const sim::SpeedModel> speed = std::make_shared<sim::SteadySpeed>(w.pace);
  if (w.between > 0)
    speed = std::make_shared<sim::SlowSpells>(speed, sim::SlowSpellsSpec{w.between, w.length, w.factor},
                                              sim::RandomStream(seed, "test-spells"));
  std::vector<double> steps;
  sim::Time now = sim::kTimeZero;
  for (int n = 0; n < count; ++n) {
    const sim::Time end = sim::finish_time(*speed, now, jitter->work(0, n, 1));
    steps.push_back(sim::to_seconds(end - now));
    now = end;
  }
  return steps;
}

std::string lines(const std::vector<double>& values) {
  std::string text;
  for (const double v : values) text += Json(v).dump() + "\n";
  return text;
}

std::vector<double> ends_of(const std::vector<double>& steps, double begin) {
  std::vector<double> ends{begin};
  for (const double s : steps) ends.push_back(ends.back() + s);
  return ends;
}

Calibration calibrated(const std::string& log, const CalibrateOptions& options = {}) {
  const TempDirectory directory;
  return calibrate({directory.write("steps.log", log)}, options);
}

StepLog log_of(const std::string& text, LogForm form = LogForm::automatic) {
  const TempDirectory directory;
  return read_step_logs(directory.write("steps.log", text), form).at(0);
}

std::string notes_of(const Calibration& c) { return tests::all_notes(c.imported); }

std::string refusal(const std::string& log, LogForm form = LogForm::automatic) {
  return error_message<sim::TraceError>([&] { log_of(log, form); });
}

}  // namespace

TEST_CASE("calibration finds the settings that a log was made with") {
  for (const uint64_t seed : {1, 2, 3}) {
    INFO(seed);
    const Calibration plain = calibrated(lines(steps_of({0.7, 0.15, 0, 0, 1}, 2000, seed)));
    const StepFit& fit = plain.workers.at(0).fit;
    CHECK_FALSE(fit.spells);
    CHECK(fit.seconds_per_step == Approx(0.7).epsilon(0.02));
    CHECK(fit.sigma == Approx(0.15).epsilon(4 * fit.sigma_error));
    CHECK(fit.distance < fit.allowed_distance);
    CHECK(std::abs(fit.correlation) < 0.08);

    const World world{0.7, 0.1, 300, 60, 2.5};
    const Calibration spells = calibrated(lines(steps_of(world, 30000, seed)));
    const StepFit& with = spells.workers.at(0).fit;
    REQUIRE(with.spells);
    CHECK(with.spells->count > 20);
    CHECK(with.seconds_per_step == Approx(0.7).epsilon(0.02));
    CHECK(with.sigma == Approx(0.1).epsilon(0.1));
    CHECK(with.spells->factor == Approx(2.5).epsilon(0.04));
    // Some forty times each: a mean of exponential times is off by a sixth once in three.
    CHECK(with.spells->mean_seconds_between == Approx(300).epsilon(0.5));
    CHECK(with.spells->mean_seconds == Approx(60).epsilon(0.5));
  }
}

TEST_CASE("measured and simulated rounds of a log that the simulator could have made agree") {
  for (const World& world : {World{0.7, 0.15, 0, 0, 1}, World{0.7, 0.1, 300, 60, 2.5}}) {
    const Calibration c = calibrated(lines(steps_of(world, 40000, 5)));
    const CalibratedWorker& worker = c.workers.at(0);
    CHECK(worker.measured.size() == 2000);
    CHECK(quantile(worker.simulated, 0.5) == Approx(quantile(worker.measured, 0.5)).epsilon(0.01));
    CHECK(quantile(worker.simulated, 0.95) ==
          Approx(quantile(worker.measured, 0.95)).epsilon(world.between > 0 ? 0.15 : 0.01));
    CHECK(distance_between(worker.measured, worker.simulated) < (world.between > 0 ? 0.08 : 0.04));
    CHECK_THAT(calibration_text(c, 0), Contains("rounds of 20 steps, s") && Contains("steps.log"));
  }
  // And those of one that it could not have made do not: every other stretch of 100 steps twice as slow, too regular.
  std::vector<double> regular;
  for (int n = 0; n < 4000; ++n) regular.push_back(1.0 + 0.3 * std::sin(n * 0.05));
  const Calibration c = calibrated(lines(regular));
  CHECK_THAT(notes_of(c), Contains("not lognormal") && Contains("neighbouring steps are correlated"));
}

TEST_CASE("a log means the same as durations, unix times, times since the start, dates and rows") {
  const std::vector<double> steps = steps_of({0.7, 0.1, 0, 0, 1}, 60, 1);
  std::string dates, rows = "step,rank,seconds\n";
  double time = 3600 * 23;  // over midnight
  for (int n = 0; n <= 60; ++n) {
    const auto day = static_cast<int>(time / 86400), second = static_cast<int>(time) % 86400;
    char text[64];
    std::snprintf(text, sizeof text, "2024-02-%02dT%02d:%02d:%09.6fZ\n", 28 + day, second / 3600, second / 60 % 60,
                  second % 60 + time - std::floor(time));
    dates += text;
    if (n < 60) {
      rows += std::to_string(n) + ",7," + Json(steps[static_cast<size_t>(n)]).dump() + "\n";
      time += 60 * steps[static_cast<size_t>(n)];
    }
  }
  const StepLog durations = log_of(lines(steps));
  CHECK(durations.all() == steps);
  CHECK_THAT(durations.notes.at(0), Contains("lines are taken as durations, in seconds"));
  const StepLog unix = log_of(lines(ends_of(steps, 1.7e9))), since = log_of(lines(ends_of(steps, 0)));
  CHECK_THAT(unix.notes.at(0), Contains("lines are taken as unix times"));
  CHECK_THAT(since.notes.at(0), Contains("lines are taken as seconds since the start"));
  const StepLog dated = log_of(dates), row = log_of(rows);
  CHECK_THAT(dated.notes.at(0), Contains("lines are taken as dates"));
  CHECK(row.all() == steps);
  CHECK_THAT(row.name, Contains(", rank 7"));
  for (size_t n = 0; n < steps.size(); ++n) {
    CHECK(unix.all().at(n) == Approx(steps[n]).margin(1e-6));
    CHECK(since.all().at(n) == Approx(steps[n]).margin(1e-9));
    CHECK(dated.all().at(n) == Approx(60 * steps[n]).margin(3e-6));
  }
  CHECK(log_of(lines(ends_of(steps, 1)), LogForm::durations).all().size() == 61);
}

TEST_CASE("dates are read with zones and fractions, and what is none is not") {
  CHECK(*iso_seconds("1970-01-02T00:00:01Z") == 86401);
  CHECK(*iso_seconds("2021-07-26 18:42:00.25+02:00") - *iso_seconds("2021-07-26T16:42:00Z") == 0.25);
  CHECK(*iso_seconds("2024-03-01T00:00:00") - *iso_seconds("2024-02-29T00:00:00-01:00") == 82800);
  for (const char* none : {"2023-02-29T00:00:00", "2023-02-28T25:00:00", "2023-02-28", "12", ""})
    CHECK_FALSE(iso_seconds(none));
}

TEST_CASE("pauses and jumps of the clock are left out, said, and no round goes over them") {
  std::vector<double> steps(200, 1.0);
  std::vector<double> ends = ends_of(steps, 1.7e9);
  for (size_t i = 51; i < ends.size(); ++i) ends[i] += 500;  // a pause before the 51st step's end
  for (size_t i = 121; i < ends.size(); ++i) ends[i] -= 30;  // the clock is set back
  ends.push_back(ends.back() + 4000);                        // and it ends with a pause
  CalibrateOptions options;
  options.round_steps = 10;
  const Calibration c = calibrated(lines(ends), options);
  const CalibratedWorker& worker = c.workers.at(0);
  CHECK(worker.fit.steps == 198);
  CHECK(worker.log.seconds.size() == 3);
  CHECK(worker.measured == std::vector<double>(5 + 6 + 7, 10.0));
  CHECK_THAT(notes_of(c), Contains("the clock jumps back 1 time (line 122): those steps are left out") &&
                              Contains("left out: 2 pauses of 1h 15m 01s together") && Contains("(line 52, 202)") &&
                              Contains("; the log ends with one"));
}

TEST_CASE("a log that almost always rises is asked about") {
  std::vector<double> ends = ends_of(std::vector<double>(100, 1.0), 0);
  for (size_t i = 60; i < ends.size(); ++i) ends[i] -= 30;
  CHECK_THAT(refusal(lines(ends)),
             Contains("almost all of its lines rise") && Contains("--log times or --log durations"));
  CHECK(log_of(lines(ends), LogForm::times).all() == std::vector<double>(99, 1.0));
}

TEST_CASE("equal steps have neither jitter nor spells, and their simulated rounds are exact") {
  CalibrateOptions options;
  options.round_steps = 7;
  const Calibration c = calibrated(lines(std::vector<double>(250, 0.75)), options);
  CHECK(c.imported.cluster["workers"] ==
        Json::parse(R"([{"name": "steps.log", "speed": {"kind": "steady", "seconds_per_step": 0.75}}])"));
  CHECK(quantile(c.workers[0].simulated, 0) == 7 * 0.75);
  CHECK(quantile(c.workers[0].simulated, 1) == 7 * 0.75);
}

TEST_CASE("short logs and unusable lines are told with their place and what is needed") {
  CHECK_THAT(refusal(lines(std::vector<double>(9, 1.0))), Contains("holds 9 steps; at least 10 are needed"));
  CHECK_THAT(refusal("1\n-2\n1\n"), Contains("steps.log:2: -2 is negative"));
  CHECK_THAT(refusal("1\nnan\n1\n"), Contains("steps.log:2: \"nan\" is not a number"));
  CHECK_THAT(refusal("1\nfast\n1\n"), Contains("steps.log:2: \"fast\" is not a number"));
  CHECK_THAT(refusal("1 2\n"), Contains("steps.log:1: \"1 2\" is not a number"));
  CHECK_THAT(refusal("1,2\n"), Contains("steps.log:1: allowed: a number of seconds as in the lines above"));
  CHECK_THAT(refusal("2024-02-28T00:00:00\n5\n"), Contains("steps.log:2: allowed: a date"));
  CHECK_THAT(refusal("1700000000\n1700000001\n1700000001\n"),
             Contains("steps.log:3: a step of 0 s: the log's clock is coarser than a step"));
  CHECK_THAT(refusal("1\n2\n", LogForm::steps), Contains("steps.log:1: allowed: the header step,rank,seconds"));
  CHECK_THAT(refusal(""), Contains("holds no lines"));
  CHECK_THAT(refusal("step,rank,seconds\n1,0,1\n1,0,1\n"), Contains("steps.log:3: step 1 of its rank does not rise"));
  CHECK_THAT(notes_of(calibrated(lines(steps_of({}, 50, 1)))),
             Contains("short: with 50 steps the jitter is known to ± 10 %; 200 steps know it to 5 %"));
  CHECK_THAT(notes_of(calibrated(lines(steps_of({0.7, 0.1, 300, 60, 2.5}, 900, 1)))), Contains("slow spell"));
}

TEST_CASE("in windows the speed is the steps that end in each, and the trace repeats with them") {
  CalibrateOptions options;
  options.windows = 10.0;
  std::vector<double> steps(20, 1.0);  // two windows of ten steps
  steps.insert(steps.end(), 5, 2.0);   // one of five
  steps.insert(steps.end(), {4.0});    // cut off
  const Calibration c = calibrated(lines(steps), options);
  CHECK(c.imported.files.at("speed_0.csv") == "time,steps_per_second\n0,1\n10,1\n20,0.5\n30,0.8333333333333334\n");
  CHECK(c.imported.cluster["workers"][0]["speed"] ==
        Json::parse(R"({"kind": "traced", "file": "speed_0.csv", "end": "repeat"})"));
  CHECK_FALSE(c.imported.cluster["workers"][0].contains("slow_spells"));
  CHECK(c.workers[0].simulated.empty());
  // Steps longer than a window leave some without any: a standstill, with which both ends of a trace work.
  std::vector<double> few(12, 25.0);
  const Calibration slow = calibrated(lines(few), options);
  const TempDirectory directory;
  const auto csv = directory.write("s.csv", slow.imported.files.at("speed_0.csv"));
  const sim::SpeedTrace held = sim::read_speed_trace(csv, sim::TraceEnd::hold);
  CHECK(held.value.at(0) == 0.0);
  CHECK(held.value.back() == Approx(0.04));
  const auto repeated = std::make_shared<sim::SpeedTrace>(sim::read_speed_trace(csv, sim::TraceEnd::repeat));
  CHECK(sim::TracedSpeed(repeated, 1.0).mean_steps_per_second() == Approx(0.04));
  CHECK_THAT(error_message<sim::TraceError>([&] { calibrated(lines(std::vector<double>(12, 0.5)), options); }),
             Contains("lasts 6 s; allowed: longer than a window"));
}
