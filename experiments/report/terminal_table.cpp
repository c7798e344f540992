#include "experiments/report/format.h"
#include "experiments/report/text_table.h"
#include "experiments/report/verdict.h"
#include "experiments/report/writers.h"

namespace experiments {

std::string terminal_table(const ComparisonSummary& summary, size_t width) {
  std::vector<TextColumn> columns{
      {.upper = "", .lower = "method", .left = true},     {.upper = "final", .lower = "loss"},
      {.upper = "", .lower = "perplexity", .rank = 7},    {.upper = "bits/", .lower = "byte", .rank = 8},
      {.upper = "server", .lower = "updates", .rank = 6}, {.upper = "local", .lower = "steps", .rank = 5},
      {.upper = "simulated", .lower = "time", .rank = 4}, {.upper = "time to", .lower = "target", .rank = 2},
      {.upper = "", .lower = "speed-up", .rank = 1},      {.upper = "utili-", .lower = "sation", .rank = 3}};
  for (const MethodSummary& m : summary.methods) {
    const std::string cells[] = {m.method,
                                 m.diverged ? ending_text(m) : with_interval(m.loss, 4),
                                 with_interval(m.perplexity, 2),
                                 with_interval(m.bits_per_byte, 3),
                                 count_text(m.server_updates),
                                 count_text(m.local_steps),
                                 duration_text(m.simulated_seconds.mean),
                                 time_to_target_text(summary, m),
                                 m.method == summary.baseline ? "baseline" : with_interval(m.speed_up, 2),
                                 fixed(m.utilisation.mean * 100, 1) + (m.utilisation.mean >= 0 ? "%" : "")};
    for (size_t c = 0; c < columns.size(); ++c) columns[c].cells.push_back(cells[c]);
  }
  if (summary.baseline.empty()) std::erase_if(columns, [](const TextColumn& c) { return c.lower == "speed-up"; });
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
