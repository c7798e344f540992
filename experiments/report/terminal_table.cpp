#include "experiments/report/format.h"
#include "experiments/report/text_table.h"
#include "experiments/report/verdict.h"
#include "experiments/report/writers.h"

namespace experiments {

std::string terminal_table(const ComparisonSummary& summary, size_t width) {
  std::vector<TextColumn> columns;
  const auto add = [&](TextColumn column, const auto& cell) {
    for (const MethodSummary& m : summary.methods) column.cells.push_back(cell(m));
    columns.push_back(std::move(column));
  };
  using Method = const MethodSummary&;
  add({.upper = "", .lower = "method", .left = true}, [](Method m) { return m.method; });
  add({.upper = "final", .lower = "loss"},
      [](Method m) { return m.diverged ? ending_text(m) : with_interval(m.loss, 4); });
  add({.upper = "", .lower = "perplexity", .rank = 7}, [](Method m) { return with_interval(m.perplexity, 2); });
  add({.upper = "bits/", .lower = "byte", .rank = 8}, [](Method m) { return with_interval(m.bits_per_byte, 3); });
  add({.upper = "server", .lower = "updates", .rank = 6}, [](Method m) { return count_text(m.server_updates); });
  add({.upper = "local", .lower = "steps", .rank = 5}, [](Method m) { return count_text(m.local_steps); });
  add({.upper = "simulated", .lower = "time", .rank = 4},
      [](Method m) { return duration_text(m.simulated_seconds.mean); });
  add({.upper = "time to", .lower = "target", .rank = 2}, [&](Method m) { return time_to_target_text(summary, m); });
  if (!summary.baseline.empty())
    add({.upper = "", .lower = "speed-up", .rank = 1},
        [&](Method m) { return m.method == summary.baseline ? "baseline" : with_interval(m.speed_up, 2); });
  add({.upper = "utili-", .lower = "sation", .rank = 3},
      [](Method m) { return fixed(m.utilisation.mean * 100, 1) + (m.utilisation.mean >= 0 ? "%" : ""); });
  for (const size_t c : told_currencies(summary.methods)) {
    add({.upper = "", .lower = kCurrencies[c].name, .rank = 4},
        [&](Method m) { return cost_text(m.spending[c].whole); });
    add({.upper = std::string(kCurrencies[c].name) + " to", .lower = "target", .rank = 2},
        [&](Method m) { return cost_text(m.spending[c].to_target); });
  }
  std::string text = text_table(std::move(columns), width);
  text += wrapped("target: " + target_text(summary) +
                      (summary.seeds.size() > 1
                           ? "; ± and in brackets: 95 % over " + std::to_string(summary.seeds.size()) + " seeds"
                           : "; one seed, so no intervals"),
                  width);
  for (const std::string& note : summary.notes) text += wrapped("note: " + note, width);
  return text + wrapped(verdict(summary), width);
}

}  // namespace experiments
