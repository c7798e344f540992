#include <algorithm>

#include "experiments/config/config_fields.h"
#include "experiments/config/parse.h"
#include "experiments/config/presets.h"
#include "experiments/run/build.h"
#include "experiments/run/region_paths.h"
#include "sim/clock/run_clock.h"
#include "sim/network/ring_all_reduce.h"
#include "tests/support/catch.h"
#include "tests/support/tiny_experiment.h"

using namespace experiments;
using tiny::with;

namespace {

/// The tiny experiment on a preset cluster.
Json on(const std::string& preset, const std::vector<std::pair<std::string, std::string>>& settings = {}) {
  Json document = tiny::document();
  document.erase("workers");
  document["cluster"] = preset;
  return with(document, settings);
}

std::vector<double> seconds_per_step(const RunConfig& run) {
  std::vector<double> all;
  for (const WorkerConfig& worker : run.workers)
    all.insert(all.end(), static_cast<size_t>(worker.count),
               std::get<SteadySpeedConfig>(*worker.speed).seconds_per_step);
  return all;
}

/// How many times as many steps a second asynchronous workers take as a barrier lets them.
double ideal_ratio(const std::string& preset) {
  const std::vector<double> seconds = seconds_per_step(tiny::run_of(on(preset)));
  double rate = 0;
  for (const double s : seconds) rate += 1 / s / static_cast<double>(seconds.size());
  return *std::max_element(seconds.begin(), seconds.end()) * rate;
}

/// The share of its time that a barrier lets a worker compute, with H local steps.
double utilisation(const std::string& preset, int64_t steps) {
  const RunConfig run = tiny::run_of(on(
      preset, {{"/local_steps/steps", std::to_string(steps)}, {"/stop/local_steps", std::to_string(steps * 14 * 4)}}));
  const sim::ClockLog log = clock_totals(run, 1, [] {});
  double all = 0;
  for (const double seconds : log.activity_seconds) all += seconds;
  return 100 * log.activity_seconds[static_cast<size_t>(sim::Activity::compute)] / all;
}

}  // namespace

TEST_CASE("every preset cluster runs on the clock, and every part fits a place; each names its source") {
  for (const auto& [name, preset] : presets()["clusters"].items()) {
    INFO(name);
    CHECK_FALSE(preset["source"].get<std::string>().empty());
    const bool ring = preset.contains("network") && preset["network"]["kind"] == "ring";
    const RunConfig run =
        tiny::run_of(on(name, {{"/policy", ring ? R"({"kind": "barrier"})" : R"({"kind": "grace-window"})"},
                               {"/local_steps/steps", "4"},
                               {"/stop/local_steps", "2000"}}));
    CHECK(clock_totals(run, 1, [] {}).final.local_steps >= 2000);
  }
  for (const auto& [name, preset] : presets()["parts"].items()) {
    INFO(name);
    CHECK_FALSE(preset["source"].get<std::string>().empty());
    const Json& value = preset["value"];
    const std::string kind = value.value("kind", "");
    const std::string place = kind == "hardware"                  ? "speed"
                              : kind == "random"                  ? "availability"
                              : value.contains("mean_seconds")    ? "slow_spells"
                              : value.contains("restart_seconds") ? "failures"
                                                                  : "upload";
    Json document = tiny::document();
    document["stand_in"] = {{"parameters", "1B"}};
    document["workers"][0][place] = {{"use", name}};
    CHECK_NOTHROW(tiny::parse(document));
  }
}

TEST_CASE("presets have the numbers that their sources publish") {
  CHECK(ideal_ratio("notebook-4") == Approx(3.347).margin(0.0005));
  CHECK(ideal_ratio("heloco-homog") == 1.0);
  CHECK(ideal_ratio("heloco-mild") == Approx(1.6));
  CHECK(ideal_ratio("heloco-moderate") == Approx(2.0));
  CHECK(ideal_ratio("heloco-extreme") == Approx(3.8));
  CHECK(ideal_ratio("halos-16") == Approx(5.245).margin(0.0005));
  CHECK(utilisation("intellect1-usa", 100) == Approx(95.7).margin(0.05));
  CHECK(utilisation("intellect1-eu", 100) == Approx(85.6).margin(0.06));
  CHECK(utilisation("intellect1-global", 100) == Approx(82.9).margin(0.05));
  CHECK(utilisation("opendiloco-4", 500) == Approx(93.1).margin(0.05));
  CHECK(ideal_ratio("bad-worker-128") == Approx(3.04 * (127 + 1 / 3.04) / 128));
  for (const auto& [chips, seconds] : {std::pair{"150k", 210.4}, {"1.2M", 26.3}, {"2.4M", 13.15}})
    CHECK(tiny::run_of(on(std::string("decoupled-") + chips)).workers[0].failures->mean_seconds_between / 8 == seconds);
  const double shares[] = {0.314, 0.592, 0.793, 0.731};
  const RunConfig spot = tiny::run_of(on("spot-v100-4", {{"/policy", R"({"kind": "grace-window"})"}}));
  for (size_t zone = 0; zone < 4; ++zone) {
    const auto& up = std::get<RandomAvailability>(spot.workers[zone].availability);
    CHECK(up.mean_up_seconds / (up.mean_up_seconds + up.mean_down_seconds) == Approx(shares[zone]).margin(0.0005));
  }
  const sim::SlowSpellsSpec slow = *tiny::run_of(on("fail-slow-16")).workers[0].slow_spells;
  CHECK(slow.mean_seconds / (slow.mean_seconds + slow.mean_seconds_between) == Approx(0.02));
}

TEST_CASE("a matrix between regions is each worker's way to the server, as it is there, or half of a round trip") {
  const RunConfig world = with_paths_in_links(tiny::run_of(on("dtfm-world")));
  REQUIRE(world.workers.size() == 8);
  CHECK(world.workers[3].upload.latency_seconds == 0.096);  // Tokyo to Oregon
  CHECK(world.workers[3].download.latency_seconds == 0.096);
  CHECK(*world.workers[3].upload.capacity.bytes_per_second == 0.523e9 / 8);
  CHECK(world.workers[0].upload.latency_seconds == 0.01);  // within Oregon
  const RunConfig halved = with_paths_in_links(tiny::run_of(on("dtfm-world", {{"/network/round_trip", "true"}})));
  CHECK(halved.workers[3].upload.latency_seconds == 0.048);
  // A worker's own link comes on top: its latency adds, the smaller bandwidth counts.
  const RunConfig slow = with_paths_in_links(tiny::run_of(
      with(tiny::document(), {{"/network", R"({"kind": "private", "server_region": "a", "paths": [
               {"from": "a", "to": "b", "latency_seconds": 2, "bytes_per_second": 100, "usd_per_gb": 0.02},
               {"from": "b", "to": "a", "latency_seconds": 3, "bytes_per_second": 300}]})"},
                              {"/workers/0/region", R"("a")"},
                              {"/workers/1/region", R"("b")"},
                              {"/workers/2/region", R"("b")"},
                              {"/workers/3/region", R"("b")"},
                              {"/workers/1/upload", R"({"latency_seconds": 1, "bytes_per_second": 200})"}})));
  CHECK(slow.workers[0].upload.latency_seconds == 0);
  CHECK_FALSE(slow.workers[0].upload.capacity.bytes_per_second);
  CHECK(slow.workers[1].upload.latency_seconds == 4);
  CHECK(*slow.workers[1].upload.capacity.bytes_per_second == 200);
  CHECK(*slow.workers[1].download.capacity.usd_per_gb == 0.02);
  CHECK_FALSE(slow.workers[1].upload.capacity.usd_per_gb);
  CHECK(slow.workers[1].download.latency_seconds == 2);
  CHECK(*slow.workers[1].download.capacity.bytes_per_second == 100);
}

TEST_CASE("on a ring a path leads to the worker that follows, and the slowest hop counts") {
  const RunConfig ring = tiny::run_of(on("geomesh-4"));
  const RunConfig laid = with_paths_in_links(ring);
  const double mbit = 1e6 / 8;
  const double rates[] = {940, 820, 700, 580};
  for (size_t w = 0; w < 4; ++w) CHECK(*laid.workers[w].upload.capacity.bytes_per_second == rates[w] * mbit);
  const auto network = build_clock(ring, 1).network;
  const auto& reduction = dynamic_cast<const sim::RingAllReduce&>(*network);
  CHECK(reduction.duration(4'000'000) == sim::from_seconds(2 * 3.0 / 4 * 4e6 / (580 * mbit)));
}

TEST_CASE("paths that are missing, given twice or beside what they cannot go with are refused") {
  const auto mistake = [](const std::vector<std::pair<std::string, std::string>>& settings) -> std::string {
    try {
      tiny::run_of(on("dtfm-universities", settings));
    } catch (const InvalidConfig& error) {
      return error.what();
    }
    return "";
  };
  using Catch::Contains;
  CHECK(mistake({}) == "");
  CHECK_THAT(mistake({{"/network", R"({"paths": []})"}}),
             Contains("/network/server_region") && Contains("without paths"));
  CHECK_THAT(mistake({{"/network", R"({"server_region": null})"}}), Contains("is null beside paths"));
  CHECK_THAT(mistake({{"/network", R"({"server_region": "site c"})"}}),
             Contains("no way from \"site a\" to \"site c\""));
  CHECK_THAT(
      mistake({{"/network", R"({"paths": [{"from": "site a", "to": "site b"}, {"from": "site a", "to": "site b"}]})"}}),
      Contains("/network/paths/1 is given by /network/paths/0 already"));
}
