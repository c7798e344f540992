#include "experiments/validation/halos.h"

#include <array>
#include <cmath>

#include "experiments/report/format.h"
#include "experiments/validation/settings_clock.h"

namespace experiments {
namespace {

constexpr double kStep = 0.238391, kBytes = 281.7e6;  // s at relative speed 1; of a message
/// Gbit/s between the regions' workers and the first region, and of the best ring's slowest link.
constexpr std::array kToFirst = {100.0, 0.537, 0.935, 0.202};
constexpr double kRing = 0.127;
constexpr std::array<std::array<double, 4>, 4> kSpeeds = {{{0.232, 0.907, 0.828, 0.347},
                                                           {0.574, 0.531, 0.722, 0.194},
                                                           {0.852, 0.132, 0.896, 0.107},
                                                           {0.827, 0.515, 0.527, 0.788}}};

constexpr double bytes_per_second(double gbit) { return gbit * 1e9 / 8; }

/// All workers; the links of region r's have link(r) Gbit/s, 0: unlimited.
template <class Link>
Json workers(Link link, bool regions = false) {
  Json all = Json::array();
  for (size_t r = 0; r < kSpeeds.size(); ++r)
    for (const double speed : kSpeeds[r]) {
      all.push_back(worker(kStep * 0.907 / speed, bytes_per_second(link(r))));
      if (regions) all.back()["region"] = "r" + std::to_string(r);
    }
  return all;
}

Json dynamic_steps(int64_t steps) { return {{"kind", "dynamic"}, {"steps", steps}, {"rounding", "up"}}; }

/// Milliseconds per applied local step: of two runs the difference, which the beginning does not change.
double milliseconds(Json settings) {
  const auto at = [&](double seconds) {
    settings["stop"] = {{"simulated_seconds", seconds}};
    return static_cast<double>(clock_of(settings).final.local_steps);
  };
  constexpr double from = 10'000, to = 110'000;
  return 1000 * (to - from) / (at(to) - at(from));
}
/// The same of whole rounds.
double milliseconds_of_rounds(Json settings) {
  settings["stop"] = {{"server_updates", 10}};
  const sim::ClockLog log = clock_of(settings);
  return 1000 * sim::to_seconds(log.final.time) / static_cast<double>(log.final.local_steps);
}

}  // namespace

Validation halos_timing() {
  Validation made{
      .title = "HALoS: a server in every region",
      .source =
          "Kim et al. 2025, arXiv 2506.04531 (ratios: abstract; set-up: its authors' simulator, code; times derived)",
      .set_up =
          "16 workers in four regions at the speeds of the authors' simulator, messages of 281.7 MB, links without "
          "latency: as a private link of each worker to the first region (asynchronous), as a ring at its slowest "
          "link (DiLoCo), or to a server of its region, with the region's link to the root (HALoS). Milliseconds of "
          "simulated time per applied local step between 10,000 s and 110,000 s; of DiLoCo ten rounds. The authors' "
          "\"up to\" is their best case: the second band begins below it.",
      .fitted = {},
      .rules = {},
      .tables = {{{"ms per local step", "H", "by the authors' rules", "ours"}, {}}},
      .charts = {}};
  const auto ring = [](size_t) { return kRing; };
  const Json network{{"kind", "ring"}};
  Json regions = Json::array();
  for (size_t r = 0; r < kToFirst.size(); ++r) {
    const Json link{{"bytes_per_second", bytes_per_second(kToFirst[r])}};
    regions.push_back({{"name", "r" + std::to_string(r)}, {"up", link}, {"down", link}});
  }
  struct System {
    std::string name, steps;
    double published, ours;
  };
  const std::array<System, 5> systems = {{
      {"DiLoCo", "32", 191.3,
       milliseconds_of_rounds({{"workers", workers(ring)},
                               {"network", network},
                               {"policy", barrier()},
                               {"local_steps", equal_steps(32)},
                               {"stand_in", stand_in(kBytes)}})},
      {"DiLoCo, dynamic steps", "≤ 32", 128.2,
       milliseconds_of_rounds({{"workers", workers(ring)},
                               {"network", network},
                               {"policy", barrier()},
                               {"local_steps", dynamic_steps(32)},
                               {"stand_in", stand_in(kBytes)}})},
      {"asynchronous", "≤ 32", 41.6,
       milliseconds({{"workers", workers([](size_t r) { return kToFirst[r]; })},
                     {"policy", at_once()},
                     {"local_steps", dynamic_steps(32)},
                     {"stand_in", stand_in(kBytes)}})},
      {"HALoS", "≤ 8", 24.6,
       milliseconds({{"workers", workers([](size_t) { return 100.0; }, true)},
                     {"network", {{"kind", "shared"}, {"regions", regions}}},
                     {"region_servers", {{"updates", 32}, {"mix", 0.25}, {"outer", {{"kind", "sgd"}}}}},
                     {"policy", at_once()},
                     {"local_steps", dynamic_steps(8)},
                     {"stand_in", stand_in(kBytes)}})},
      {"no network", "8", 24.1,
       milliseconds(
           {{"workers", workers([](size_t) { return 0.0; })}, {"policy", at_once()}, {"local_steps", equal_steps(8)}})},
  }};
  double farthest = 0;
  for (const System& s : systems) {
    made.tables[0].rows.push_back({s.name, s.steps, fixed(s.published, 1), fixed(s.ours, 2)});
    farthest = std::max(farthest, std::abs(s.ours - s.published));
  }
  made.rules.push_back(
      {"within 0.1 ms of the authors' rules", "at most " + fixed(farthest, 3) + " ms off", farthest <= 0.1});
  const auto band = [&](const std::string& says, double ratio, double low, double high) {
    made.rules.push_back({says, fixed(ratio, 2), ratio >= low && ratio <= high});
  };
  band("against DiLoCo \"up to 7.5 times\": 7.0 to 8.5", systems[0].ours / systems[3].ours, 7.0, 8.5);
  band("against asynchronous training \"up to 2.1 times\": 1.6 to 2.2", systems[2].ours / systems[3].ours, 1.6, 2.2);
  return made;
}

}  // namespace experiments
