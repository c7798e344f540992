#include "experiments/sweep/summary.h"

#include <algorithm>
#include <cmath>
#include <map>

#include "experiments/report/files.h"
#include "experiments/report/read_run.h"

namespace experiments {
namespace {

/// The seeds that all methods with any finished run have finished.
std::vector<uint64_t> common_seeds(const std::vector<uint64_t>& seeds,
                                   const std::vector<std::map<uint64_t, RunLog>>& finished) {
  std::vector<uint64_t> common;
  const auto any = std::any_of(finished.begin(), finished.end(), [](const auto& runs) { return !runs.empty(); });
  for (const uint64_t seed : seeds)
    if (any && std::all_of(finished.begin(), finished.end(),
                           [&](const auto& runs) { return runs.empty() || runs.contains(seed); }))
      common.push_back(seed);
  return common;
}

std::vector<SweepRow> rows_of(const SweepDesign& design, size_t point, const RunStore& store,
                              std::vector<std::string>& notes) {
  std::vector<SweepRow> rows(design.methods.size());
  std::vector<std::map<uint64_t, RunLog>> finished(rows.size());
  for (size_t m = 0; m < rows.size(); ++m) {
    rows[m].point = point;
    rows[m].summary.method = design.methods[m];
    for (size_t s = 0; s < design.seeds.size(); ++s) {
      const std::string& key = design.key(point, m, s);
      const RunState state = store.state(key);
      if (state == RunState::finished) {
        RunLog& log = finished[m][design.seeds[s]] = read_run(store.directory(key));
        log.method = design.methods[m];  // the run may have been made for another method or sweep
        log.seed = design.seeds[s];
      } else {
        rows[m].missing.push_back({design.seeds[s], state == RunState::failed    ? "failed: " + store.failure(key)
                                                    : state == RunState::damaged ? "damaged: " + store.first_damage(key)
                                                                                 : "not run"});
      }
    }
  }
  const std::vector<uint64_t> seeds = common_seeds(design.seeds, finished);
  std::vector<RunLog> counted;
  bool baseline = false;
  for (size_t m = 0; m < rows.size(); ++m) {
    for (auto& [seed, log] : finished[m])
      if (std::find(seeds.begin(), seeds.end(), seed) == seeds.end()) rows[m].left_out.push_back(seed);
    if (finished[m].empty() || seeds.empty()) continue;
    rows[m].seeds = seeds;
    baseline |= design.methods[m] == design.baseline;
    for (const uint64_t seed : seeds) counted.push_back(std::move(finished[m].at(seed)));
  }
  if (counted.empty()) return rows;
  const ComparisonSummary comparison = summarise(design.name, baseline ? design.baseline : "", counted);
  for (const std::string& note : comparison.notes)
    notes.push_back(point_text(design.points[point].settings) + ": " + note);
  const double target = estimate(comparison.target_loss).mean;
  for (const MethodSummary& summary : comparison.methods)
    for (SweepRow& row : rows)
      if (row.summary.method == summary.method) {
        row.summary = summary;
        if (std::isfinite(target)) row.target_loss = target;
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
    if (row.summary.diverged) notes.push_back(place + divergence_text(row.summary));
    if (!row.left_out.empty())
      notes.push_back(place + seed_list(row.left_out) + " left out, because another method lacks it");
  }
  notes.insert(notes.end(), summary.notes.begin(), summary.notes.end());
  return notes;
}

std::vector<SweepSummary> write_sweep_summary(const RunStore& store) {
  std::vector<SweepSummary> all;
  for (const SweepDesign& design : read_designs(store.out())) all.push_back(summarise_sweep(design, store));
  replace_file(store.out() / "summary.csv", sweep_csv(all));
  replace_file(store.out() / "summary.json", sweep_json(all).dump(2) + "\n");
  return all;
}

}  // namespace experiments
