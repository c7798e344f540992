#include "experiments/cli/sweep_list.h"

#include <algorithm>
#include <map>

#include "experiments/report/format.h"
#include "experiments/sweep/cost.h"

namespace experiments {
namespace {

std::string tokens_text(double tokens) {
  if (tokens >= 1e9) return fixed(tokens / 1e9, 2) + " G";
  if (tokens >= 1e6) return fixed(tokens / 1e6, 2) + " M";
  return fixed(tokens, 0);
}

}  // namespace

std::string sweep_list(const SweepPlan& plan, const std::vector<PlannedRun>& runs, const RunStore& store) {
  const SweepDesign& design = plan.design;
  const std::vector<RunCost> costs = costs_of(plan, runs);
  std::map<std::string, size_t> index;
  for (size_t i = 0; i < runs.size(); ++i) index[runs[i].key] = i;
  std::map<std::string, size_t> first_point;  // where a shared run is counted
  for (const PlannedRun& run : plan.runs) first_point[run.key] = run.point * design.methods.size() + run.method;

  std::vector<std::vector<std::string>> rows(1);
  rows[0] = design.axes;
  for (const char* head : {"method", "seeds", "done", "failed", "tokens a run", "simulated"}) rows[0].push_back(head);
  for (size_t p = 0; p < design.points.size(); ++p) {
    for (size_t m = 0; m < design.methods.size(); ++m) {
      size_t count = 0, done = 0, failed = 0, shared = 0;
      const RunCost* cost = nullptr;
      for (size_t s = 0; s < design.seeds.size(); ++s) {
        const std::string& key = design.key(p, m, s);
        const auto found = index.find(key);
        if (found == index.end()) continue;  // of another part
        ++count;
        cost = &costs[found->second];
        const RunState state = store.state(key, plan.save_weights());
        done += state == RunState::finished;
        failed += state == RunState::failed;
        shared += first_point[key] != p * design.methods.size() + m;
      }
      if (!count) continue;
      std::vector<std::string> row;
      for (const SweepSetting& setting : design.points[p].settings) row.push_back(fit(setting.label, 24));
      row.push_back(fit(design.methods[m], 24));
      for (const size_t number : {count, done, failed}) row.push_back(std::to_string(number));
      row.push_back(tokens_text(static_cast<double>(cost->tokens)));
      row.push_back(duration_text(cost->simulated_seconds) +
                    (shared == count ? "  (the run of an earlier point)" : ""));
      rows.push_back(std::move(row));
    }
  }
  std::vector<size_t> widths(rows[0].size());
  for (const auto& row : rows)
    for (size_t c = 0; c + 1 < row.size(); ++c) widths[c] = std::max(widths[c], display_width(row[c]));
  std::string text;
  for (const auto& row : rows) {
    for (size_t c = 0; c < row.size(); ++c) {
      const std::string space(widths[c] > display_width(row[c]) ? widths[c] - display_width(row[c]) : 0, ' ');
      const bool left = c <= design.axes.size() || c + 1 == row.size();
      text += (c ? "  " : "") + (left ? row[c] + (c + 1 < row.size() ? space : "") : space + row[c]);
    }
    text += "\n";
  }

  size_t done = 0, failed = 0;
  double tokens = 0, simulated = 0, work = 0;
  for (size_t i = 0; i < runs.size(); ++i) {
    const RunState state = store.state(runs[i].key, plan.save_weights());
    done += state == RunState::finished;
    failed += state == RunState::failed;
    if (state == RunState::finished || state == RunState::failed) continue;
    tokens += static_cast<double>(costs[i].tokens);
    simulated += costs[i].simulated_seconds;
    work += costs[i].work;
  }
  const size_t left = runs.size() - done - failed;
  text += "\n" + std::to_string(design.points.size()) + (design.points.size() == 1 ? " point, " : " points, ") +
          std::to_string(runs.size()) + " runs: " + std::to_string(done) + " done, " + std::to_string(failed) +
          " failed, " + std::to_string(left) + " left";
  if (left == 0) return text + ".\n";
  text += ": " + tokens_text(tokens) + " training tokens, " + duration_text(simulated) + " simulated";
  const auto rate = seconds_per_work(store, runs, costs);
  if (rate && work > 0)
    text += ", about " + duration_text(work * *rate) + " of this machine as the finished runs used it";
  return text + ". Pre-training is not counted.\n";
}

}  // namespace experiments
