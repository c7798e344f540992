#include "experiments/validation/bandwidth_page.h"

#include <array>
#include <cmath>
#include <map>
#include <memory>

#include "experiments/report/format.h"
#include "experiments/validation/layered_job.h"

namespace experiments {
namespace {

constexpr int kBuckets = 128;
constexpr double kBits = 10e9 * 2 * 8;  // of a model of 10B parameters; two replicas' ring carries it once
constexpr int64_t kSteps = 2000;

/// The forward pass takes a third of a step; equal buckets come in the order of their number while the rest of it
/// passes, and all have to be there at the beginning of a step.
sim::StepPhases buckets() {
  sim::StepPhases phases{.parts = 3 * kBuckets, .forward = kBuckets, .fragments = {}};
  for (int i = 0; i < kBuckets; ++i) phases.fragments.push_back({.turn = 0, .ready = kBuckets + 2 * (i + 1)});
  return phases;
}

/// The page's Streaming: a fragment of the 16 that a round of 100 steps has leaves with the first step of each
/// sixteenth of the round, wherever that lies between two steps.
class Sixteenths final : public sim::SyncPlan {
 public:
  sim::Stretch next(sim::NodeId node) const override {
    const auto done = steps_.find(node);
    const int64_t from = done == steps_.end() ? 0 : done->second;
    int64_t step = from;
    while (step > 0 && fragment(step) == fragment(step - 1)) ++step;
    return {step + 1 - from};
  }
  void observe(sim::NodeId node, int64_t steps, sim::Duration) override { steps_[node] += steps; }

 private:
  static int64_t fragment(int64_t step) { return step % 100 * 16 / 100; }
  std::map<sim::NodeId, int64_t> steps_;
};

struct Method {
  std::string name;
  int64_t steps, overlap, parts;      // H; of the model
  std::array<double, 9> utilisation;  // as published, at kBandwidths
  std::array<double, 5> needed;       // Gbit/s, for kPercents
};
constexpr std::array kBandwidths = {1, 2, 5, 10, 20, 50, 100, 200, 500};
constexpr std::array kPercents = {50, 75, 90, 95, 99};

/// Percent, of all steps: those after the last reduction too, which nothing stalls.
double utilisation(const Method& method, double gbit) {
  const bool streaming = method.parts > 1;
  // Streaming leaves 16 times in 100 steps. Data-parallel is alike in every step.
  const int64_t steps = method.steps == 1 ? 20 : kSteps, rounds = streaming ? steps / 100 * 16 : steps / method.steps;
  const LayeredJob job{.step_seconds = 1,
                       .phases = buckets(),
                       .layer_bits = kBits / static_cast<double>(method.parts * kBuckets),
                       .steps = method.steps,
                       .overlap = method.overlap,
                       .rounds = rounds,
                       .plan = streaming ? std::make_shared<Sixteenths>() : nullptr};
  return 100 * static_cast<double>(steps) / (static_cast<double>(steps) + times_of(job, gbit * 1e9).stalled);
}

/// Utilisation over bandwidth, published and ours.
Figure chart(const std::array<Method, 3>& methods, const std::vector<std::vector<double>>& ours) {
  Figure figure;
  figure.x_label = "Gbit/s";
  figure.y_label = "utilisation, %";
  figure.log_x = true;
  figure.low = 0;
  figure.high = 100;
  figure.panels = {{"published", {}}, {"ours", {}}};
  for (size_t m = 0; m < methods.size(); ++m) {
    figure.methods.push_back(methods[m].name);
    Series theirs{.method = m, .points = {}}, mine{.method = m, .points = {}};
    for (size_t i = 0; i < kBandwidths.size(); ++i) {
      const auto point = [&](double y) { return CurvePoint{static_cast<double>(kBandwidths[i]), y, y, y}; };
      theirs.points.push_back(point(methods[m].utilisation[i]));
      mine.points.push_back(point(ours[m][i]));
    }
    figure.panels[0].series.push_back(theirs);
    figure.panels[1].series.push_back(mine);
  }
  return figure;
}

}  // namespace

Validation bandwidth_page() {
  Validation made{
      .title = "A public page on bandwidth",
      .source = "Douillard's bandwidth page, its script of 2026-02-19 (code)",
      .set_up =
          "10B parameters in 16 bits, steps of 1 s, two replicas, 2,000 steps (data-parallel 20, which are all "
          "alike); 128 equal buckets, ready one after another in the last two thirds of a step; H 30 for DiLoCo, "
          "100, 16 fragments and an overlap of a step for Streaming. A step begins when all that it needs is there. "
          "Percent of the time in which the replicas compute. These are exact rules: a digit that is printed has "
          "to be the same; our clock counts whole nanoseconds, which moves a result by less than 1e-6 of it.",
      .fitted = {},
      .rules = {},
      .tables = {},
      .charts = {}};
  const std::array<Method, 3> methods = {{
      {"data-parallel",
       1,
       0,
       1,
       {0.6237, 1.2447, 3.0923, 6.1205, 11.9925, 28.2602, 51.5852, 87.8317, 99.7506},
       {96.301, 160.838, 207.101, 224.061, 238.251}},
      {"DiLoCo",
       30,
       0,
       1,
       {15.9791, 27.6383, 49.1601, 66.3935, 80.5042, 92.2703, 96.9959, 99.5449, 99.9918},
       {5.167, 14.866, 39.717, 70.911, 165.366}},
      {"Streaming",
       100,
       1,
       16,
       {42.8418, 65.1820, 94.8617, 100, 100, 100, 100, 100, 100},
       {1.264, 2.670, 4.245, 5.024, 5.798}},
  }};
  ComparedTable table{{"percent at Gbit/s"}, {}}, bandwidths{{"Gbit/s for"}, {}};
  for (const int b : kBandwidths) table.head.push_back(std::to_string(b));
  for (const int level : kPercents) bandwidths.head.push_back(std::to_string(level) + " %");
  std::vector<std::vector<double>> ours_of;
  double farthest = 0;
  int between = 0, all = 0;
  for (const Method& method : methods) {
    table.rows.push_back({method.name + ", published"});
    std::vector<std::string> ours{"ours"};
    std::vector<double>& measured = ours_of.emplace_back();
    for (size_t i = 0; i < kBandwidths.size(); ++i) {
      const double mine = utilisation(method, kBandwidths[i]);
      farthest = std::max(farthest, std::abs(mine - method.utilisation[i]));
      table.rows.back().push_back(fixed(method.utilisation[i], 4));
      measured.push_back(mine);
      ours.push_back(fixed(mine, 4));
    }
    table.rows.push_back(ours);
    bandwidths.rows.push_back({method.name});
    for (size_t i = 0; i < kPercents.size(); ++i) {
      constexpr double half = 0.0005;  // of the last digit
      ++all;
      const bool fits = utilisation(method, method.needed[i] - half) <= kPercents[i] &&
                        utilisation(method, method.needed[i] + half) >= kPercents[i];
      between += fits;
      bandwidths.rows.back().push_back(fixed(method.needed[i], 3) + (fits ? "" : " (ours differs)"));
    }
  }
  made.rules.push_back({"the utilisation differs by less than 0.00005 points, half of the last digit",
                        "at most " + fixed(farthest, 6) + " points", farthest < 5e-5 + 1e-9});
  made.rules.push_back({"ours passes each level within half of the last digit of the published bandwidth",
                        std::to_string(between) + " of " + std::to_string(all), between == all});
  made.tables = {table, bandwidths};
  made.charts["bandwidth_page"] = chart(methods, ours_of);
  return made;
}

}  // namespace experiments
