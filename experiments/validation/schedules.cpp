#include "experiments/validation/schedules.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "experiments/report/format.h"
#include "experiments/validation/settings_clock.h"

namespace experiments {
namespace {

struct Class {
  std::string name;
  double bits_per_second, latency;
};
const std::array<Class, 3> kClasses = {{{"high", 400e9, 1e-4}, {"medium", 100e9, 1e-3}, {"low", 10e9, 1e-2}}};

}  // namespace

Validation wall_clock_model() {
  Validation made{
      .title = "Scaling laws for DiLoCo: wall-clock model",
      .source = "Charles et al. 2025, arXiv 2503.09799, appendix A (paper)",
      .set_up =
          "16 chips as workers on a ring, 1B parameters in 16 bits, 0.5 s of computing a step; a latency e of the "
          "formula is spread over the ring's 30 hops. Data-parallel: every step. DiLoCo: H 30, the inner reduction "
          "(two replicas of eight chips, on the high class) as a part of the step. Streaming: the same with an "
          "overlap of a whole round, S = 1. Seconds per step. The formulas are exact; a reduction ends at a whole "
          "nanosecond.",
      .fitted = {},
      .rules = {},
      .tables = {{{"across", "data-parallel: formula", "ours", "DiLoCo: formula", "ours", "Streaming: formula", "ours"},
                  {}}},
      .charts = {}};
  constexpr double chips = 16, replicas = 2, parameters = 1e9, computing = 0.5, steps = 30;
  const auto reduction = [](const Class& link, double share) {
    return 2 * 16 * parameters / link.bits_per_second * share + link.latency;
  };
  const auto seconds_per_step = [&](const Class& link, double step, int64_t h, bool overlapped) {
    Json settings{{"workers", {worker(step, link.bits_per_second / 8, link.latency / (4 * (chips - 1)), 16)}},
                  {"network", {{"kind", "ring"}}},
                  {"policy", barrier()},
                  {"local_steps", equal_steps(h)},
                  {"stand_in", stand_in(2 * parameters)}};
    if (overlapped) settings["overlap"] = {{"steps", nullptr}};
    const auto at = [&](int64_t updates) {
      settings["stop"] = {{"server_updates", updates}};
      return sim::to_seconds(clock_of(settings).final.time);
    };
    return (at(30) - at(10)) / static_cast<double>(20 * h);
  };
  double off = 0;
  for (const Class& across : kClasses) {
    const double inner = computing + reduction(kClasses[0], 1 - replicas / chips);
    const double outer = reduction(across, 1 - 1 / chips) / steps;
    const std::array<std::pair<double, double>, 3> pairs = {{
        {computing + reduction(across, 1 - 1 / chips), seconds_per_step(across, computing, 1, false)},
        {inner + outer, seconds_per_step(across, inner, 30, false)},
        {std::max(inner, outer), seconds_per_step(across, inner, 30, true)},
    }};
    std::vector<std::string> row{across.name};
    for (const auto& [formula, ours] : pairs) {
      off = std::max(off, std::abs(ours / formula - 1));
      row.push_back(fixed(formula, 6));
      row.push_back(fixed(ours, 6));
    }
    made.tables[0].rows.push_back(row);
  }
  made.rules.push_back({"equal to 1e-7", "at most " + fixed(1e9 * off, 2) + "e-9 off", off <= 1e-7});
  return made;
}

Validation bytes_and_rounds() {
  Validation made{
      .title = "Bytes, and rounds that end together",
      .source = "Streaming DiLoCo, table 1 (paper); MaxText's documentation (code); identities (derived)",
      .set_up =
          "Two workers on a ring, 2,400 steps of 0.1 s, 1B parameters: data-parallel in 16 bits every step, DiLoCo in "
          "16 bits every 100, Streaming in 4 bits in fragments. The published hours at 1 Gbit/s need a number of "
          "bytes per step that is not given and are not compared.",
      .fitted = {},
      .rules = {},
      .tables = {},
      .charts = {}};
  constexpr double parameters = 1e9;
  const auto sent = [&](double bits, int64_t steps, int64_t fragments) {
    Json settings{{"workers", {worker(0.1, 0, 0, 2)}},
                  {"network", {{"kind", "ring"}}},
                  {"policy", barrier()},
                  {"local_steps", equal_steps(steps)},
                  {"stand_in", stand_in(parameters * bits / 8)},
                  {"stop", {{"server_updates", 2400 / steps}}}};
    if (fragments > 1) settings["fragments"] = {{"count", fragments}};
    return static_cast<double>(clock_of(settings).final.bytes_up);
  };
  const double parallel = sent(16, 1, 1), diloco = sent(16, 100, 1), fragments = sent(4, 100, 4),
               whole = sent(4, 100, 1);
  const auto equal = [&](const std::string& says, double ours, double value) {
    made.rules.push_back({says, number_text(ours), std::abs(ours - value) <= 1e-9 * value});
  };
  equal("a ring of two carries 2 (1 − 1/k) = 1 times the model per worker and step: 2 GB", parallel / 2400 / 2, 2e9);
  equal("DiLoCo sends 1/H = 1/100 of data-parallel training", parallel / diloco, 100);
  const double ratio = parallel / fragments;
  made.rules.push_back({"Streaming in 4 bits sends 1/400 (published 441 to 1.10 TB and on: 399.8 to 400.9)",
                        "1/" + fixed(ratio, 3), ratio >= 399.8 && ratio <= 400.9});
  equal("fragments send as much in total as the whole does", fragments, whole);
  {
    // 8B parameters in 16 bits, a fragment a step, H 37, 0.5 s: down and up, as 2 (1 − 1/k) for many k.
    const sim::ClockLog log = clock_of({{"workers", {worker(0.5)}},
                                        {"policy", barrier()},
                                        {"local_steps", equal_steps(37)},
                                        {"stand_in", stand_in(16e9)},
                                        {"stop", {{"server_updates", 100}}}});
    const double rate =
        static_cast<double>(log.final.bytes_up + log.final.bytes_down) / sim::to_seconds(log.final.time);
    made.rules.push_back({"8B, H 37, 0.5 s a step: MaxText's 1.73 GB/s", fixed(rate / 1e9, 3) + " GB/s",
                          std::abs(rate / 1e9 - 1.73) <= 0.005});
  }
  const auto spread = [](const Json& plan) {
    Json workers = Json::array();
    for (const double pace : {0.58, 0.75, 1.51, 3.33}) workers.push_back(worker(pace));
    const sim::ClockLog log = clock_of(
        {{"workers", workers}, {"policy", barrier()}, {"local_steps", plan}, {"stop", {{"server_updates", 1}}}}, true);
    double first = 1e300, last = 0;
    for (const sim::ArrivalRecord& a : log.arrivals) {
      const double pace = std::array{0.58, 0.75, 1.51, 3.33}[static_cast<size_t>(a.worker)];
      first = std::min(first, pace * static_cast<double>(a.local_steps));
      last = std::max(last, pace * static_cast<double>(a.local_steps));
    }
    return last - first;
  };
  const double dynamic = spread({{"kind", "dynamic"}, {"steps", 50}}),
               timed = spread({{"kind", "timed"}, {"seconds", 600}});
  made.rules.push_back({"dynamic local steps end within a step of the slowest, 3.33 s", fixed(dynamic, 3) + " s apart",
                        dynamic <= 3.33});
  made.rules.push_back({"timed rounds (A-EDiT, 600 s) too", fixed(timed, 3) + " s apart", timed <= 3.33});
  return made;
}

}  // namespace experiments
