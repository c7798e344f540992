#include <algorithm>

#include "experiments/report/format.h"
#include "experiments/report/writers.h"

namespace experiments {
namespace {

constexpr size_t kColumns = 120;
constexpr size_t kLongestNote = 5 * kColumns;
constexpr size_t kShortestName = 24;  ///< shorten names to this before giving up the main intervals

using Row = std::vector<std::string>;

/// Which intervals are shown: there is not always room for all.
enum class Intervals { all, loss_and_speed_up, loss, none };

Row cells(const MethodSummary& m, Intervals intervals) {
  const auto shown = [&](std::optional<Estimate> e, int decimals, bool with) {
    if (e && !with) e->half_width.reset();
    return with_interval(e, decimals);
  };
  const bool all = intervals == Intervals::all;
  const bool main = intervals != Intervals::none;
  return {m.method,
          m.diverged ? divergence_text(m) : shown(m.loss, 4, main),
          shown(m.perplexity, 2, all),
          shown(m.bits_per_byte, 3, all),
          count_text(m.server_updates),
          count_text(m.local_steps),
          duration_text(m.simulated_seconds.mean),
          duration_text(m.time_to_target ? std::optional(m.time_to_target->mean) : std::nullopt),
          all || intervals == Intervals::loss_and_speed_up
              ? with_interval(m.speed_up, 2)
              : fixed(m.speed_up ? std::optional(m.speed_up->mean) : std::nullopt, 2),
          fixed(m.utilisation.mean * 100, 1) + (m.utilisation.mean >= 0 ? "%" : "")};
}

std::vector<Row> rows_of(const ComparisonSummary& summary, Intervals intervals) {
  std::vector<Row> rows = {
      {"", "final", "", "bits/", "server", "local", "simulated", "time to", "", "utili-"},
      {"method", "loss", "perplexity", "byte", "updates", "steps", "time", "target", "speed-up", "sation"}};
  for (const MethodSummary& m : summary.methods) rows.push_back(cells(m, intervals));
  return rows;
}

std::vector<size_t> widths_of(const std::vector<Row>& rows) {
  std::vector<size_t> widths(rows[0].size());
  for (const Row& row : rows)
    for (size_t c = 0; c < row.size(); ++c) widths[c] = std::max(widths[c], display_width(row[c]));
  return widths;
}

/// Without the name: two spaces in front of each further column.
size_t width_of_numbers(const std::vector<size_t>& widths) {
  size_t total = 0;
  for (size_t c = 1; c < widths.size(); ++c) total += 2 + widths[c];
  return total;
}

std::string line(const Row& row, const std::vector<size_t>& widths) {
  const std::string name = fit(row[0], widths[0]);
  std::string text = name + std::string(widths[0] - display_width(name), ' ');
  for (size_t c = 1; c < row.size(); ++c) text += std::string(2 + widths[c] - display_width(row[c]), ' ') + row[c];
  return text + "\n";
}

}  // namespace

std::string terminal_table(const ComparisonSummary& summary) {
  std::vector<Row> rows;
  std::vector<size_t> widths;
  for (Intervals intervals : {Intervals::all, Intervals::loss_and_speed_up, Intervals::loss, Intervals::none}) {
    rows = rows_of(summary, intervals);
    widths = widths_of(rows);
    const size_t wanted = intervals == Intervals::all ? widths[0] : std::min(widths[0], kShortestName);
    if (wanted + width_of_numbers(widths) <= kColumns) break;
  }
  widths[0] = std::min(widths[0], kColumns - width_of_numbers(widths));

  std::string text = line(rows[0], widths) + line(rows[1], widths);
  for (size_t c = 0; c < widths[0] + width_of_numbers(widths); ++c) text += "─";
  text += "\n";
  for (size_t r = 2; r < rows.size(); ++r) text += line(rows[r], widths);
  std::string last =
      "target loss " + with_interval(estimate(summary.target_loss), 4) + ", the lowest that every method reached; ";
  last += summary.baseline.empty() ? "no baseline" : "baseline " + summary.baseline;
  text += fit(last, kColumns) + "\n";
  for (const std::string& note : summary.notes) text += fit("note: " + note, kLongestNote) + "\n";
  return text;
}

}  // namespace experiments
