#include <algorithm>
#include <cmath>

#include "experiments/report/csv.h"
#include "experiments/report/files.h"
#include "experiments/report/format.h"
#include "experiments/report/text_table.h"
#include "experiments/report/verdict.h"
#include "experiments/sweep/summary.h"

namespace experiments {
namespace {

using Estimates = std::vector<std::pair<std::string, std::optional<Estimate>>>;

/// What is told as mean ± interval, under these names in both files.
Estimates estimates_of(const MethodSummary& m, const std::vector<size_t>& told) {
  Estimates all = {{"final_loss", m.loss},
                   {"perplexity", m.perplexity},
                   {"bits_per_byte", m.bits_per_byte},
                   {"loss_difference", m.loss_difference},
                   {"simulated_seconds", m.simulated_seconds},
                   {"time_to_target_seconds", m.time_to_target},
                   {"utilisation", m.utilisation},
                   {"staleness_updates", m.staleness},
                   {"server_updates", m.server_updates},
                   {"local_steps", m.local_steps},
                   {"tokens", m.tokens}};
  for (const size_t c : told) {
    all.emplace_back(kCurrencies[c].key, m.spending[c].whole);
    all.emplace_back(std::string(kCurrencies[c].key) + "_to_target", m.spending[c].to_target);
  }
  return all;
}

/// The currencies that anything of these sweeps is told in.
std::vector<size_t> told_in(const std::vector<SweepSummary>& sweeps) {
  std::vector<MethodSummary> all;
  for (const SweepSummary& sweep : sweeps)
    for (const SweepRow& row : sweep.rows) all.push_back(row.summary);
  return told_currencies(all);
}

/// All sweeps' axes, each once.
std::vector<std::string> all_axes(const std::vector<SweepSummary>& sweeps) {
  std::vector<std::string> axes;
  for (const SweepSummary& sweep : sweeps)
    for (const std::string& axis : sweep.design.axes)
      if (std::find(axes.begin(), axes.end(), axis) == axes.end()) axes.push_back(axis);
  return axes;
}

std::string label_of(const SweepDesign& design, const SweepRow& row, const std::string& axis) {
  for (const SweepSetting& setting : design.points[row.point].settings)
    if (setting.axis == axis) return setting.label;
  return "";
}

Json row_json(const SweepDesign& design, const SweepRow& row, const std::vector<size_t>& told) {
  Json settings = Json::object(), values = Json::object(), missing = Json::array();
  for (const SweepSetting& setting : design.points[row.point].settings) {
    settings[setting.axis] = setting.label;
    values[setting.axis] = setting.value;
  }
  for (const SweepRow::Missing& m : row.missing) missing.push_back({{"seed", m.seed}, {"why", m.why}});
  Json json = {{"sweep", design.name},
               {"settings", settings},
               {"values", values},
               {"method", row.summary.method},
               {"seeds", row.seeds},
               {"seeds_missing", missing},
               {"seeds_left_out", row.left_out},
               {"target_loss", number(row.target_loss)}};
  const bool any = !row.seeds.empty();
  for (const auto& [name, e] : estimates_of(row.summary, told))
    json[name] = any && e ? Json{{"mean", number(e->mean)}, {"ci95", number(e->half_width)}} : Json(nullptr);
  json["speed_up"] = nullptr;
  if (any && row.summary.speed_up)
    for (const auto& [name, value] : numbers_of(row.summary.speed_up)) json["speed_up"][name] = number(value);
  json["seeds_at_target"] = row.summary.reached;
  json["diverged"] = row.summary.diverged;
  json["worse_than_guessing"] = row.summary.above_guessing;
  json["worse_than_start"] = row.summary.above_start;
  json["out_of_workers"] = row.summary.out_of_workers;
  return json;
}

}  // namespace

std::string sweep_csv(const std::vector<SweepSummary>& sweeps) {
  const std::vector<std::string> axes = all_axes(sweeps);
  const std::vector<size_t> told = told_in(sweeps);
  std::string text = "sweep";
  for (const std::string& axis : axes) text += "," + csv_field(axis);
  text += ",method,seeds,seeds_missing,seeds_left_out,target_loss";
  for (const auto& [name, none] : estimates_of({}, told)) text += "," + name + "," + name + "_ci95";
  text +=
      ",speed_up,speed_up_low,speed_up_high,speed_up_p,seeds_at_target,diverged,worse_than_guessing,worse_than_start,"
      "out_of_workers\n";
  for (const SweepSummary& sweep : sweeps) {
    for (const SweepRow& row : sweep.rows) {
      text += csv_field(sweep.design.name);
      for (const std::string& axis : axes) text += "," + csv_field(label_of(sweep.design, row, axis));
      text += "," + csv_field(row.summary.method) + "," + std::to_string(row.seeds.size()) + "," +
              std::to_string(row.missing.size()) + "," + std::to_string(row.left_out.size()) + "," +
              csv_number(row.target_loss);
      const bool any = !row.seeds.empty();
      for (const auto& [name, e] : estimates_of(row.summary, told))
        text += "," + csv_number(any && e ? std::optional(e->mean) : std::nullopt) + "," +
                csv_number(any && e ? e->half_width : std::nullopt);
      const MethodSummary& m = row.summary;
      for (const auto& [name, value] : numbers_of(m.speed_up)) text += "," + csv_number(value);
      for (const int seeds : {m.reached, m.diverged, m.above_guessing, m.above_start, m.out_of_workers})
        text += "," + std::to_string(seeds);
      text += "\n";
    }
  }
  return text;
}

Json sweep_json(const std::vector<SweepSummary>& sweeps) {
  Json rows = Json::array();
  const std::vector<size_t> told = told_in(sweeps);
  for (const SweepSummary& sweep : sweeps)
    for (const SweepRow& row : sweep.rows) rows.push_back(row_json(sweep.design, row, told));
  return rows;
}

std::string sweep_table(const SweepSummary& summary, size_t width) {
  constexpr size_t kMostNotes = 12;
  const SweepDesign& design = summary.design;
  std::vector<TextColumn> columns;
  for (size_t a = 0; a < design.axes.size(); ++a) {
    TextColumn& axis = columns.emplace_back(TextColumn{.upper = "", .lower = design.axes[a], .left = true});
    for (size_t r = 0; r < summary.rows.size(); ++r) {
      const bool same_point = r > 0 && summary.rows[r - 1].point == summary.rows[r].point;
      axis.cells.push_back(same_point ? "" : design.points[summary.rows[r].point].settings[a].label);
    }
  }
  // Of methods without runs there is nothing to tell.
  const auto add = [&](TextColumn column, const auto& cell, bool always = false) {
    for (const SweepRow& row : summary.rows) column.cells.push_back(always || !row.seeds.empty() ? cell(row) : "-");
    columns.push_back(std::move(column));
  };
  const auto add_summary = [&](TextColumn column, const auto& cell) {
    add(std::move(column), [&](const SweepRow& row) { return cell(row.summary); });
  };
  using Method = const MethodSummary&;
  add(
      {.upper = "", .lower = "method", .left = true}, [](const SweepRow& row) { return row.summary.method; }, true);
  add(
      {.upper = "", .lower = "seeds", .rank = 3},
      [&](const SweepRow& row) {
        const std::string seeds = std::to_string(row.seeds.size()), all = std::to_string(design.seeds.size());
        return seeds == all ? seeds : seeds + " of " + all;
      },
      true);
  add_summary({.upper = "final", .lower = "loss"},
              [](Method m) { return m.diverged ? ending_text(m) : with_interval(m.loss, 4); });
  add_summary({.upper = "", .lower = "perplexity", .rank = 7}, [](Method m) { return with_interval(m.perplexity, 2); });
  add_summary({.upper = "simulated", .lower = "time", .rank = 5},
              [](Method m) { return duration_text(m.simulated_seconds.mean); });
  add({.upper = "time to", .lower = "target", .rank = 2}, [](const SweepRow& row) { return row.time_to_target; });
  if (!design.baseline.empty())
    add_summary({.upper = "", .lower = "speed-up", .rank = 1},
                [&](Method m) { return m.method == design.baseline ? "baseline" : with_interval(m.speed_up, 2); });
  add_summary({.upper = "utili-", .lower = "sation", .rank = 4},
              [](Method m) { return fixed(m.utilisation.mean * 100, 1) + "%"; });
  add_summary({.upper = "server", .lower = "updates", .rank = 6},
              [](Method m) { return count_text(m.server_updates); });
  for (const size_t c : told_in({summary})) {
    add_summary({.upper = "", .lower = kCurrencies[c].name, .rank = 5},
                [&](Method m) { return cost_text(m.spending[c].whole); });
    add_summary({.upper = std::string(kCurrencies[c].name) + " to", .lower = "target", .rank = 2},
                [&](Method m) { return cost_text(m.spending[c].to_target); });
  }
  std::string text = text_table(std::move(columns), width);
  const Target target = target_or_usual(design.target, design.baseline);
  std::string last = "target: at each point ";
  last += target.number                         ? "loss " + number_text(*target.number)
          : target.name == TargetKind::baseline ? design.baseline + "'s final loss"
                                                : "the lowest loss that all its methods reached";
  if (design.seeds.size() > 1) last += "; ± and in brackets: 95 % over seeds";
  text += wrapped(last, width);
  const std::vector<std::string> notes = seed_notes(summary);
  for (size_t i = 0; i < std::min(notes.size(), kMostNotes); ++i) text += wrapped("note: " + notes[i], width);
  if (notes.size() > kMostNotes)
    text += "note: and " + std::to_string(notes.size() - kMostNotes) + " more like these, all in summary.json\n";
  return text;
}

}  // namespace experiments
