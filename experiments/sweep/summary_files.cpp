#include <algorithm>

#include "experiments/report/csv.h"
#include "experiments/report/files.h"
#include "experiments/report/format.h"
#include "experiments/sweep/summary.h"

namespace experiments {
namespace {

using Estimates = std::vector<std::pair<const char*, std::optional<Estimate>>>;

/// What is told as mean ± interval, under these names in both files.
Estimates estimates_of(const MethodSummary& m) {
  return {{"final_loss", m.loss},
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

Json row_json(const SweepDesign& design, const SweepRow& row) {
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
  for (const auto& [name, e] : estimates_of(row.summary))
    json[name] = any && e ? Json{{"mean", number(e->mean)}, {"ci95", number(e->half_width)}} : Json(nullptr);
  const auto& speed_up = row.summary.speed_up;
  json["speed_up"] =
      any && speed_up
          ? Json{{"mean", number(speed_up->mean)}, {"low", number(speed_up->low)}, {"high", number(speed_up->high)}}
          : Json(nullptr);
  json["diverged"] = row.summary.diverged;
  json["out_of_workers"] = row.summary.out_of_workers;
  return json;
}

}  // namespace

std::string sweep_csv(const std::vector<SweepSummary>& sweeps) {
  const std::vector<std::string> axes = all_axes(sweeps);
  std::string text = "sweep";
  for (const std::string& axis : axes) text += "," + csv_field(axis);
  text += ",method,seeds,seeds_missing,seeds_left_out,target_loss";
  for (const auto& [name, none] : estimates_of({})) text += std::string(",") + name + "," + name + "_ci95";
  text += ",speed_up,speed_up_low,speed_up_high,diverged,out_of_workers\n";
  for (const SweepSummary& sweep : sweeps) {
    for (const SweepRow& row : sweep.rows) {
      text += csv_field(sweep.design.name);
      for (const std::string& axis : axes) text += "," + csv_field(label_of(sweep.design, row, axis));
      text += "," + csv_field(row.summary.method) + "," + std::to_string(row.seeds.size()) + "," +
              std::to_string(row.missing.size()) + "," + std::to_string(row.left_out.size()) + "," +
              csv_number(row.target_loss);
      const bool any = !row.seeds.empty();
      for (const auto& [name, e] : estimates_of(row.summary))
        text += "," + csv_number(any && e ? std::optional(e->mean) : std::nullopt) + "," +
                csv_number(any && e ? e->half_width : std::nullopt);
      const auto& speed_up = row.summary.speed_up;
      text += "," + csv_number(speed_up ? std::optional(speed_up->mean) : std::nullopt) + "," +
              csv_number(speed_up ? speed_up->low : std::nullopt) + "," +
              csv_number(speed_up ? speed_up->high : std::nullopt) + "," + std::to_string(row.summary.diverged) + "," +
              std::to_string(row.summary.out_of_workers) + "\n";
    }
  }
  return text;
}

Json sweep_json(const std::vector<SweepSummary>& sweeps) {
  Json rows = Json::array();
  for (const SweepSummary& sweep : sweeps)
    for (const SweepRow& row : sweep.rows) rows.push_back(row_json(sweep.design, row));
  return rows;
}

std::string sweep_table(const SweepSummary& summary) {
  constexpr size_t kWidestLabel = 24;
  constexpr size_t kMostNotes = 12;
  const SweepDesign& design = summary.design;
  const size_t names = design.axes.size() + 1;  // columns on the left
  std::vector<std::vector<std::string>> rows(2);
  for (const std::string& axis : design.axes) rows[0].push_back(""), rows[1].push_back(axis);
  for (const char* head : {"", "", "final", "", "simulated", "time to", "", "utili-", "server"})
    rows[0].push_back(head);
  for (const char* head : {"method", "seeds", "loss", "perplexity", "time", "target", "speed-up", "sation", "updates"})
    rows[1].push_back(head);
  for (size_t r = 0; r < summary.rows.size(); ++r) {
    const SweepRow& row = summary.rows[r];
    const MethodSummary& m = row.summary;
    std::vector<std::string> cells;
    const bool same_point = r > 0 && summary.rows[r - 1].point == row.point;
    for (const SweepSetting& setting : design.points[row.point].settings)
      cells.push_back(same_point ? "" : setting.label);
    cells.push_back(m.method);
    const std::string seeds = std::to_string(row.seeds.size());
    cells.push_back(row.seeds.size() == design.seeds.size() ? seeds
                                                            : seeds + " of " + std::to_string(design.seeds.size()));
    if (row.seeds.empty())
      cells.resize(rows[0].size(), "-");
    else
      for (const std::string& cell :
           {with_interval(m.loss, 4), with_interval(m.perplexity, 2), duration_text(m.simulated_seconds.mean),
            duration_text(m.time_to_target ? std::optional(m.time_to_target->mean) : std::nullopt),
            with_interval(m.speed_up, 2), fixed(m.utilisation.mean * 100, 1) + "%", count_text(m.server_updates)})
        cells.push_back(cell);
    rows.push_back(std::move(cells));
  }
  std::vector<size_t> widths(rows[0].size());
  for (auto& row : rows)
    for (size_t c = 0; c < row.size(); ++c) {
      if (c < names) row[c] = fit(row[c], kWidestLabel);
      widths[c] = std::max(widths[c], display_width(row[c]));
    }
  std::string text;
  for (size_t r = 0; r < rows.size(); ++r) {
    std::string line;
    for (size_t c = 0; c < rows[r].size(); ++c) {
      const std::string space(widths[c] - display_width(rows[r][c]), ' ');
      line += (c ? "  " : "") + (c < names ? rows[r][c] + space : space + rows[r][c]);
    }
    while (!line.empty() && line.back() == ' ') line.pop_back();
    text += line + "\n";
    if (r != 1) continue;
    for (size_t c = 0; c < widths.size(); ++c) text += std::string(c ? "──" : "");
    size_t total = 0;
    for (const size_t width : widths) total += width;
    for (size_t i = 0; i < total; ++i) text += "─";
    text += "\n";
  }
  text += "target: at each point the lowest loss that all its methods reached; ";
  text += design.baseline.empty()
              ? "no baseline"
              : "speed-up over " + design.baseline + (design.seeds.size() > 1 ? " with 95 % interval (Fieller)" : "");
  text += design.seeds.size() > 1 ? "; ± 95 % over seeds (Student's t)\n" : "\n";
  const std::vector<std::string> notes = seed_notes(summary);
  for (size_t i = 0; i < std::min(notes.size(), kMostNotes); ++i) text += "note: " + notes[i] + "\n";
  if (notes.size() > kMostNotes)
    text += "note: and " + std::to_string(notes.size() - kMostNotes) + " more like these, all in summary.json\n";
  return text;
}

}  // namespace experiments
