#include <cmath>

#include "experiments/report/csv.h"
#include "experiments/report/files.h"
#include "experiments/report/format.h"
#include "experiments/report/markdown.h"
#include "experiments/report/records.h"
#include "experiments/report/verdict.h"
#include "experiments/report/writers.h"

namespace experiments {
namespace {

/// A row's cells, and the names of their columns.
class CsvRow {
 public:
  explicit CsvRow(MethodRow row) { fields(*this, row); }
  const std::string& names() const { return names_; }
  const std::string& cells() const { return cells_; }

  template <class T>
  void field(const std::string& key, const T& value, std::string_view /*unit*/, std::string_view /*meaning*/) {
    add(key, value);
  }

 private:
  void cell(const std::string& name, const std::string& text) {
    names_ += (names_.empty() ? "" : ",") + name;
    cells_ += (cells_.empty() ? "" : ",") + text;
  }
  void add(const std::string& name, const std::string& value) { cell(name, csv_field(value)); }
  void add(const std::string& name, int value) { cell(name, std::to_string(value)); }
  void add(const std::string& name, double value) { cell(name, csv_number(value)); }
  void add(const std::string& name, const std::optional<double>& value) { cell(name, csv_number(value)); }
  void add(const std::string& name, const std::optional<Estimate>& value) {
    cell(name, csv_number(value ? std::optional(value->mean) : std::nullopt));
    cell(name + "_ci95", csv_number(value ? value->half_width : std::nullopt));
  }

  std::string names_, cells_;
};

std::string summary_csv(const ComparisonSummary& summary) {
  const std::vector<size_t> told = told_currencies(summary.methods);
  std::string text = CsvRow({{}, 0, told}).names() + "\n";
  for (const MethodSummary& method : summary.methods)
    text += CsvRow({method, estimate(summary.target_loss).mean, told}).cells() + "\n";
  return text;
}

std::string duration_estimate(const Estimate& e) {
  return duration_text(e.mean) + (spreads(e) ? " ±" + duration_text(e.half_width) : "");
}

std::string percent(Estimate e) {
  e.mean *= 100;
  if (e.half_width) *e.half_width *= 100;
  return with_interval(e, 1);
}

std::string summary_md(const ComparisonSummary& summary) {
  std::string text = "# " + markdown_text(summary.name) + "\n\n";
  text +=
      "| method | final loss | difference to baseline | p | perplexity | bits/byte | server updates | local steps | "
      "tokens | simulated time "
      "| time to target | speed-up | p | utilisation % | staleness |";
  const std::vector<size_t> told = told_currencies(summary.methods);
  for (const size_t c : told)
    text += std::string(" ") + kCurrencies[c].name + " | " + kCurrencies[c].name + " to target |";
  text += "\n| --- ";
  for (size_t column = 0; column < 14 + 2 * told.size(); ++column) text += "| ---: ";
  text += "|\n";
  for (const MethodSummary& m : summary.methods) {
    text += "| " + markdown_text(m.method);
    for (const std::string& cell :
         {m.diverged ? ending_text(m) : with_interval(m.loss, 4), with_interval(m.loss_difference, 4),
          p_text(m.loss_difference_p), with_interval(m.perplexity, 2), with_interval(m.bits_per_byte, 3),
          count_text(m.server_updates), count_text(m.local_steps), count_text(m.tokens),
          duration_estimate(m.simulated_seconds),
          m.time_to_target ? duration_estimate(*m.time_to_target) : time_to_target_text(summary, m),
          with_interval(m.speed_up, 2), p_text(m.speed_up ? m.speed_up->p : std::nullopt), percent(m.utilisation),
          with_interval(m.staleness, 2)})
      text += " | " + cell;
    for (const size_t c : told)
      text += " | " + cost_text(m.spending[c].whole) + " | " + cost_text(m.spending[c].to_target);
    text += " |\n";
  }
  text += "\n" + markdown_text(verdict(summary)) + "\n\n" + std::to_string(summary.seeds.size()) +
          (summary.seeds.size() == 1
               ? " seed."
               : std::string(" seeds: mean ± 95 % Student-t interval") +
                     (summary.seeds.size() < 5 ? "; so few seeds make wide intervals and weak tests." : "."));
  text += " Target: " + markdown_text(target_text(summary));
  text += summary.baseline.empty()
              ? ". No baseline is named.\n"
              : ". Speed-up and difference are to " + markdown_text(summary.baseline) + ", paired by seed" +
                    (summary.seeds.size() > 1
                         ? "; a speed-up is the geometric mean of the seeds' ratios; p: paired t test of no difference "
                           "(of the ratios' logarithms).\n"
                         : ".\n");
  for (const std::string& note : summary.notes) text += "\nNote: " + markdown_text(note) + ".\n";
  return text;
}

}  // namespace

void write_summary(const std::filesystem::path& directory, const ComparisonSummary& summary) {
  write_file(directory / "summary.csv", summary_csv(summary));
  write_file(directory / "summary.md", summary_md(summary));
}

}  // namespace experiments
