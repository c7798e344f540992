#include "experiments/sweep/summary.h"

#include <algorithm>
#include <cmath>

#include "experiments/report/files.h"
#include "experiments/report/verdict.h"
#include "experiments/sweep/point_runs.h"

namespace experiments {
namespace {

std::vector<SweepRow> rows_of(const SweepDesign& design, size_t point, const RunStore& store,
                              std::vector<std::string>& notes) {
  std::vector<SweepRow> rows(design.methods.size());
  for (size_t m = 0; m < rows.size(); ++m) {
    rows[m].point = point;
    rows[m].summary.method = design.methods[m];
  }
  const std::vector<RunLog> finished =
      finished_runs(design, point, store, [&](size_t m, uint64_t seed, RunState state, const std::string& key) {
        rows[m].missing.push_back({seed, state == RunState::failed    ? "failed: " + store.failure(key)
                                         : state == RunState::damaged ? "damaged: " + store.first_damage(key)
                                                                      : "not run"});
      });
  const std::string base = baseline_among(finished, design.baseline);
  const Target target = target_or_usual(design.target, design.baseline);
  const std::vector<RunLog> counted = comparable(finished, base, target);
  for (SweepRow& row : rows) {
    for (const RunLog& run : counted)
      if (run.method == row.summary.method) row.seeds.push_back(run.seed);
    for (const RunLog& run : finished)
      if (run.method == row.summary.method &&
          std::find(row.seeds.begin(), row.seeds.end(), run.seed) == row.seeds.end())
        row.left_out.push_back(run.seed);
  }
  const ComparisonSummary comparison = summarise(design.name, base, counted, target);
  for (const std::string& note : comparison.notes)
    notes.push_back(point_text(design.points[point].settings) + ": " + note);
  const double loss = estimate(comparison.target_loss).mean;
  for (const MethodSummary& summary : comparison.methods)
    for (SweepRow& row : rows)
      if (row.summary.method == summary.method) {
        row.summary = summary;
        row.time_to_target = time_to_target_text(comparison, summary);
        if (std::isfinite(loss)) row.target_loss = loss;
      }
  return rows;
}

std::string seed_list(const std::vector<uint64_t>& seeds) {
  std::string text = seeds.size() == 1 ? "seed " : "seeds ";
  for (size_t i = 0; i < seeds.size(); ++i) text += (i ? ", " : "") + std::to_string(seeds[i]);
  return text;
}

}  // namespace

SweepSummary summarise_sweep(const SweepDesign& design, const RunStore& store) {
  SweepSummary summary{design, {}, {}};
  for (size_t point = 0; point < design.points.size(); ++point)
    for (SweepRow& row : rows_of(design, point, store, summary.notes)) summary.rows.push_back(std::move(row));
  return summary;
}

std::vector<std::string> seed_notes(const SweepSummary& summary) {
  std::vector<std::string> notes;
  for (const SweepRow& row : summary.rows) {
    const std::string place = point_text(summary.design.points[row.point].settings) + ": " + row.summary.method + ": ";
    // Failures each with its reason, what has not been run together.
    std::vector<uint64_t> not_run;
    for (const SweepRow::Missing& missing : row.missing) {
      if (missing.why == "not run")
        not_run.push_back(missing.seed);
      else
        notes.push_back(place + "seed " + std::to_string(missing.seed) + " " + missing.why);
    }
    if (!not_run.empty()) notes.push_back(place + seed_list(not_run) + " not run");
    if (row.summary.diverged) notes.push_back(place + ending_text(row.summary));
    if (!row.left_out.empty())
      notes.push_back(place + seed_list(row.left_out) + " left out, because " +
                      (target_or_usual(summary.design.target, summary.design.baseline) == kCommonTarget
                           ? "another method"
                           : "the baseline") +
                      " lacks it");
  }
  notes.insert(notes.end(), summary.notes.begin(), summary.notes.end());
  return notes;
}

std::vector<SweepSummary> write_sweep_summary(const RunStore& store,
                                              const std::function<std::optional<Target>(const SweepDesign&)>& target) {
  std::vector<SweepSummary> all;
  for (SweepDesign& design : read_designs(store.out())) {
    if (const auto other = target ? target(design) : std::nullopt) design.target = other;
    all.push_back(summarise_sweep(design, store));
  }
  replace_file(store.out() / "summary.csv", sweep_csv(all));
  replace_file(store.out() / "summary.json", sweep_json(all).dump(2) + "\n");
  return all;
}

}  // namespace experiments
