#include "experiments/validation/bandwidth_tables.h"

#include <array>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <optional>

#include "experiments/config/json_reader.h"
#include "experiments/report/format.h"
#include "experiments/validation/layered_job.h"

namespace experiments {
namespace {

constexpr std::array kLevels = {0.5, 0.8, 0.9, 0.95, 0.99};
constexpr int kCells = 50;
constexpr double kShare = 0.80;  // fitted: of a model's bits, what is reduced

/// The tables' grid, Gbit/s: 50 points from 0.1 to 1,000, a fifth apart. Past its end: more than any.
double grid(int cell) { return std::pow(10.0, -1.0 + 4.0 * cell / 49.0); }
/// As the tables print it: rounded to two digits behind the point, and that, as a binary number, to one.
double printed(int cell) {
  char digits[32];
  std::snprintf(digits, sizeof digits, "%.2f", grid(cell));
  std::snprintf(digits, sizeof digits, "%.1f", std::strtod(digits, nullptr));
  return std::strtod(digits, nullptr);
}

/// A row as published; 1001: more than the grid has.
using Row = std::array<double, kLevels.size()>;

struct Setting {
  double parameters, step_seconds;
  int layers;
};
/// A model of Streaming DiLoCo's and eager updates' tables, in fragments of three layers.
struct FragmentedModel {
  std::string name;
  Setting setting;
  int fragments;
};
const std::array<FragmentedModel, 3> kFragmented = {
    {{"1B", {1e9, 0.1, 24}, 8}, {"10B", {10e9, 0.8, 48}, 16}, {"100B", {100e9, 4.9, 108}, 36}}};

/// The published simulator's graph: L forward nodes, then from the last layer to the first one for its input's
/// gradient, which the first has not, and one for its parameters' gradient; all as long.
sim::StepPhases graph(int layers, int turns) {
  sim::StepPhases phases{.parts = 3 * layers - 1, .forward = layers, .fragments = {}};
  for (int l = 0; l < layers; ++l)
    phases.fragments.push_back({.turn = static_cast<sim::FragmentId>(l % turns),
                                .ready = std::min(layers + 2 * (layers - l), phases.parts),
                                .needed = l});
  return phases;
}

struct Schedule {
  int64_t steps = 1, overlap = 0;
  int turns = 1;
  double bits = 16;
  int64_t at_least_steps = 1000;  // that are simulated
};

LayeredJob job_of(const Setting& setting, const Schedule& schedule) {
  return {.step_seconds = setting.step_seconds * (1.0 - 1.0 / (3.0 * setting.layers)),
          .phases = graph(setting.layers, schedule.turns),
          .layer_bits = setting.parameters * schedule.bits * kShare / setting.layers,
          .steps = schedule.steps,
          .overlap = schedule.overlap,
          .rounds = (schedule.at_least_steps + schedule.steps - 1) / schedule.steps};
}

using Cells = std::array<int, kLevels.size()>;

/// For each level the least cell of the grid that reaches it.
Cells needed(const LayeredJob& job) {
  std::array<std::optional<double>, kCells> known;
  Cells cells{};
  for (size_t i = 0; i < kLevels.size(); ++i) {
    int low = 0, high = kCells;
    while (low < high) {
      const int cell = (low + high) / 2;
      auto& utilisation = known[static_cast<size_t>(cell)];
      if (!utilisation) utilisation = utilisation_of(job, grid(cell) * 1e9);
      if (*utilisation >= kLevels[i])
        high = cell;
      else
        low = cell + 1;
    }
    cells[i] = low;
  }
  return cells;
}

/// By how many cells ours lies beside the nearest that is printed so.
int distance(int ours, double published) {
  int nearest = published > 1000 ? ours - kCells : 2 * kCells;
  for (int cell = 0; cell < kCells; ++cell)
    if (std::abs(printed(cell) - published) < 1e-9 && std::abs(ours - cell) < std::abs(nearest)) nearest = ours - cell;
  return nearest;
}

std::string gbit(double value) { return value > 1000 ? "1000+" : number_text(value); }

struct Tally {
  int cells = 0, exact = 0, within = 0;
  std::string text() const {
    return std::to_string(exact) + " of " + std::to_string(cells) + " in the same cell, " + std::to_string(within) +
           " within one";
  }
};

/// Writes the row, "published; ours" where they differ, counts, and returns ours.
Cells compare(const std::string& name, const LayeredJob& job, const Row& published, ComparedTable& table,
              Tally& tally) {
  const Cells ours = needed(job);
  std::vector<std::string> row{name};
  for (size_t i = 0; i < published.size(); ++i) {
    const int off = distance(ours[i], published[i]);
    ++tally.cells;
    tally.exact += off == 0;
    tally.within += std::abs(off) <= 1;
    std::string cell = gbit(published[i]);
    if (off != 0)
      cell += "; " + gbit(ours[i] < kCells ? printed(ours[i]) : 1001) + " (" + (off > 0 ? "+" : "−") +
              std::to_string(std::abs(off)) + ")";
    row.push_back(cell);
  }
  table.rows.push_back(row);
  return ours;
}

const std::vector<std::string> kHead = {"Gbit/s for a utilisation of", "50 %", "80 %", "90 %", "95 %", "99 %"};
const std::string kFitted = "f = 0.80, the share of a model's bits that is reduced";
const std::string kCellReason =
    "A cell is a point of the tables' grid, 20.7 % from the next (all printed values are points of it), so that "
    "nothing "
    "finer can be compared. A cell that differs stands as: published; ours (cells between). ";

}  // namespace

Validation streaming_bandwidth() {
  Validation made{
      .title = "Streaming DiLoCo: bandwidth",
      .source = "Douillard et al. 2025, arXiv 2501.18512, table 4 (paper; set-up derived)",
      .set_up =
          "Two replicas that reduce the model layer by layer: `fragments` by layer on a ring that carries one "
          "reduction "
          "after another, without latency. A step is the published graph of 3L − 1 equal nodes, L of them forward. "
          "Streaming's fragments have three layers. At least 1,000 steps (data-parallel: 100), up to the end of the "
          "last "
          "reduction. " +
          kCellReason + "The step times are the table's own, whatever utilisation of a chip they stand for.",
      .fitted = {kFitted},
      .rules = {},
      .tables = {{kHead, {}}},
      .charts = {}};
  struct Published {
    int64_t interval;  // steps from fragment to fragment
    std::array<Row, 5> rows;
  };
  const std::array<Published, kFragmented.size()> published = {{
      {11,
       {{{86.8, 152.6, 184.2, 222.3, 569.0},
         {1.4, 6.2, 13.3, 23.3, 86.8},
         {1.4, 5.2, 9.1, 16.0, 28.1},
         {1.4, 4.3, 6.2, 9.1, 11.0},
         {0.4, 0.9, 1.7, 2.0, 3.0}}}},
      {5,
       {{{104.8, 222.3, 222.3, 268.3, 471.5},
         {1.7, 7.5, 16.0, 33.9, 104.8},
         {1.7, 5.2, 9.1, 13.3, 19.3},
         {1.7, 3.6, 5.2, 6.2, 7.5},
         {0.4, 0.9, 1.4, 1.4, 1.7}}}},
      {2,
       {{{184.2, 323.8, 390.7, 390.7, 471.5},
         {3.0, 11.0, 23.3, 49.4, 184.2},
         {2.4, 6.2, 9.1, 11.0, 19.3},
         {1.7, 3.6, 4.3, 5.2, 5.2},
         {0.5, 0.9, 1.1, 1.1, 1.4}}}},
  }};
  Tally tally;
  for (size_t m = 0; m < kFragmented.size(); ++m) {
    const auto& [name, setting, fragments] = kFragmented[m];
    const int64_t whole = published[m].interval * fragments;
    const std::array<std::pair<std::string, Schedule>, 5> schedules = {{
        {"data-parallel", {.at_least_steps = 100}},
        {"DiLoCo", {.steps = 100}},
        {"Streaming", {.steps = whole, .turns = fragments}},
        {"Streaming, overlap of a step", {.steps = whole, .overlap = 1, .turns = fragments}},
        {"the same, 4 bits", {.steps = whole, .overlap = 1, .turns = fragments, .bits = 4}},
    }};
    for (size_t i = 0; i < schedules.size(); ++i)
      compare(name + " " + schedules[i].first, job_of(setting, schedules[i].second), published[m].rows[i],
              made.tables[0], tally);
  }
  made.rules.push_back({"all 75 cells within one, at least 58 in the same", tally.text(),
                        tally.cells == 75 && tally.within == 75 && tally.exact >= 58});
  return made;
}

Validation eager_bandwidth() {
  Validation made{.title = "Eager updates: bandwidth",
                  .source = "Kale et al. 2025, arXiv 2502.12996, table 5 (paper; set-up derived)",
                  .set_up =
                      "As above, with fragments of three layers and 4 bits. The intervals are fitted, to all rows of a "
                      "column together. The third published column, H 100, would "
                      "need other intervals for each model and is not compared.",
                  .fitted = {kFitted, "a fragment every step (first column), every second step (second column)"},
                  .rules = {},
                  .tables = {{kHead, {}}},
                  .charts = {}};
  struct Published {
    Row one_step, outer_step;
  };
  const std::array<Published, kFragmented.size()> published = {{
      {{2.4, 3.6, 4.3, 4.3, 4.3}, {1.1, 2.0, 2.0, 2.0, 2.4}},
      {{1.4, 2.4, 2.4, 3.0, 3.0}, {0.7, 1.1, 1.4, 1.4, 1.4}},
      {{0.9, 1.7, 2.0, 2.0, 2.0}, {0.5, 0.8, 0.9, 0.9, 0.9}},
  }};
  Tally tally;
  double flattest = 0;
  for (size_t m = 0; m < kFragmented.size(); ++m) {
    const auto& [name, setting, fragments] = kFragmented[m];
    compare(name + " Streaming, overlap of a step",
            job_of(setting, {.steps = fragments, .overlap = 1, .turns = fragments, .bits = 4}), published[m].one_step,
            made.tables[0], tally);
    const Cells cells = compare(name + " overlap of an outer step",
                                job_of(setting, {.steps = 2 * fragments, .overlap = 29, .turns = fragments, .bits = 4}),
                                published[m].outer_step, made.tables[0], tally);
    flattest = std::max(flattest, grid(cells.back()) / grid(cells.front()));
  }
  made.rules.push_back({"all 30 cells within one", tally.text(), tally.cells == 30 && tally.within == 30});
  made.rules.push_back(
      {"with an overlap of an outer step 99 % needs at most 2.5 times what 50 % needs (one cell more "
       "than the published 2.2)",
       "at most " + fixed(flattest, 2) + " times", flattest <= 2.5});
  return made;
}

Validation scaling_bandwidth() {
  Validation made{.title = "Scaling laws for DiLoCo: bandwidth",
                  .source = "Charles et al. 2025, arXiv 2503.09799, table 6 (paper; set-up derived)",
                  .set_up =
                      "As above; 16 bits, at least 900 steps (H 1: 60), the models' public numbers of layers. "
                      "1000+ is what no point of the grid reaches.",
                  .fitted = {kFitted},
                  .rules = {},
                  .tables = {{kHead, {}}},
                  .charts = {}};
  struct Model {
    std::string name;
    Setting setting;
    std::array<Row, 5> rows;
  };
  const std::array<int64_t, 5> steps = {1, 10, 50, 100, 300};
  const std::array<Model, 3> models = {{
      {"10B",
       {10e9, 0.8, 48},
       {{{104.8, 184.2, 222.3, 222.3, 390.7},
         {16, 49.4, 86.8, 152.6, 222.3},
         {3, 11, 23.3, 41, 126.5},
         {1.4, 6.2, 13.3, 23.3, 86.8},
         {0.5, 2, 4.3, 9.1, 41}}}},
      {"Llama 3 405B",
       {405e9, 26, 126},
       {{{126.5, 222.3, 268.3, 323.8, 323.8},
         {19.3, 72, 126.5, 184.2, 268.3},
         {3.6, 13.3, 28.1, 59.6, 184.2},
         {2, 7.5, 16, 33.9, 126.5},
         {0.7, 3, 6.2, 13.3, 59.6}}}},
      {"DeepSeek-V3 671B",
       {671e9, 20, 61},
       {{{323.8, 569, 686.6, 686.6, 1001},
         {49.4, 152.6, 268.3, 390.7, 686.6},
         {7.5, 33.9, 72, 126.5, 390.7},
         {4.3, 16, 41, 72, 268.3},
         {1.7, 6.2, 13.3, 28.1, 126.5}}}},
  }};
  Tally tally;
  for (const Model& m : models)
    for (size_t i = 0; i < steps.size(); ++i)
      compare(m.name + ", H " + std::to_string(steps[i]),
              job_of(m.setting, {.steps = steps[i], .at_least_steps = steps[i] == 1 ? 60 : 900}), m.rows[i],
              made.tables[0], tally);
  made.rules.push_back({"all 75 cells within one, at least 40 in the same", tally.text(),
                        tally.cells == 75 && tally.within == 75 && tally.exact >= 40});
  return made;
}

}  // namespace experiments
