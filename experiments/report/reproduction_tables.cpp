#include "experiments/report/reproduction_tables.h"

#include <algorithm>
#include <cmath>
#include <cstdio>

#include "experiments/report/format.h"
#include "experiments/report/markdown.h"
#include "experiments/report/verdict.h"

namespace experiments {
namespace {

using Cells = std::vector<std::string>;

bool learns_text(const ExperimentConfig& experiment) {
  return std::holds_alternative<TextData>(experiment.methods.at(0).run.data);
}

/// " (+1.2 %)" of a value against the reference's.
std::string percent_above(double value, double reference) {
  const double ratio = value / reference;
  if (!std::isfinite(ratio)) return "";
  return " (" + signed_text({100 * (ratio - 1), std::nullopt, 1}, 1) + " %)";
}

/// All digits of a time in whole nanoseconds, without those that a mean over seeds adds.
std::string seconds_text(double seconds) {
  char buffer[64];
  std::snprintf(buffer, sizeof buffer, "%.9f", seconds);
  std::string text = buffer;
  text.erase(text.find_last_not_of('0') + 1);
  return text.back() == '.' ? text.substr(0, text.size() - 1) : text;
}

/// As it was published: 40.60 is written 40.6 in JSON.
std::string published_text(const Json& value) {
  if (value.is_null()) return "-";
  if (value.is_string()) return markdown_text(value.get<std::string>());
  const std::string text = value.dump();
  return text.size() > 1 && text[text.size() - 2] == '.' ? text + "0" : text;
}

std::string quantity_text(Quantity quantity, const Estimate& value) {
  if (quantity == Quantity::simulated_seconds)
    return spreads(value) ? with_interval(value, 1) : seconds_text(value.mean);
  return with_interval(value, quantity == Quantity::loss ? 4 : 2);
}

/// Our number beside a published one: a method's, or (`start`) that from which all methods start.
Estimate ours(const PublishedColumn& column, const std::optional<std::string>& method, bool start,
              const Results& results) {
  std::vector<double> values;
  for (const RunLog& run : results.runs) {
    if (run.method != (start ? results.runs.front().method : method)) continue;
    const double loss = start ? run.evaluations.front().loss : final_loss(run);
    values.push_back(column.quantity == Quantity::loss                ? loss
                     : column.quantity == Quantity::simulated_seconds ? sim::to_seconds(run.final.time)
                                                                      : perplexity(loss));
  }
  return estimate(values);
}

}  // namespace

std::string published_table(const Published& table, const ResultsByName& results) {
  Cells head = {""};
  bool numbers = false;
  for (const PublishedColumn& column : table.columns) {
    numbers = numbers || column.experiment;
    head.push_back(markdown_text(column.head) + (column.experiment ? ": published" : ""));
    if (column.experiment) head.push_back("ours");
  }
  const PublishedRow* reference = nullptr;
  for (const PublishedRow& row : table.rows)
    if (!reference && row.method && row.method == table.reference) reference = &row;
  std::vector<Cells> rows;
  for (const PublishedRow& row : table.rows) {
    Cells cells = {markdown_text(row.head)};
    for (size_t c = 0; c < table.columns.size(); ++c) {
      const PublishedColumn& column = table.columns[c];
      const Json& value = row.values[c];
      std::string text = published_text(value);
      if (reference && &row != reference && !row.start && value.is_number() && reference->values[c].is_number())
        text += percent_above(value.get<double>(), reference->values[c].get<double>());
      cells.push_back(text);
      if (!column.experiment) continue;
      const auto run = results.find(*column.experiment);
      if (!row.method && !row.start) {
        cells.push_back("-");
      } else if (run == results.end()) {
        cells.push_back("not run");
      } else {
        const Estimate own = ours(column, row.method, row.start, run->second);
        cells.push_back(quantity_text(column.quantity, own));
        if (reference && &row != reference && !row.start)
          cells.back() += percent_above(own.mean, ours(column, reference->method, false, run->second).mean);
      }
    }
    rows.push_back(std::move(cells));
  }
  return markdown_table(head, rows, numbers ? 1 : head.size());
}

std::string measured_table(const PlannedSection& section, const ResultsByName& results) {
  bool text = false;
  for (const PlannedExperiment& planned : section.experiments) text = text || learns_text(planned.experiment);
  const bool several = section.experiments.size() > 1;
  Cells head = {"method", "final loss"};
  if (several) head.insert(head.begin(), "experiment");
  if (text) head.push_back("perplexity");
  for (const char* name : {"difference to the baseline", "p", "server updates", "local steps", "simulated s",
                           "s to target", "times as fast as the baseline", "seeds"})
    head.push_back(name);
  std::vector<Cells> rows;
  std::string notes;
  for (const PlannedExperiment& planned : section.experiments) {
    const std::string& name = planned.experiment.name;
    if (!results.contains(name)) continue;
    const Results& result = results.at(name);
    // No method of a figure's is more than the others, and each is to have a time.
    const ComparisonSummary summary =
        summarise(name, result.experiment.baseline.value_or(""), result.runs, kCommonTarget);
    for (const std::string& note : summary.notes)
      notes += "\nNote: " + markdown_text(several ? name + ": " + note : note) + ".\n";
    for (const MethodSummary& m : summary.methods) {
      const bool baseline = m.method == summary.baseline;
      Cells cells = {markdown_text(m.method) + (baseline ? " (baseline)" : ""), with_interval(m.loss, 4)};
      if (several) cells.insert(cells.begin(), markdown_text(name));
      if (text) cells.push_back(learns_text(result.experiment) ? with_interval(m.perplexity, 2) : "-");
      cells.push_back(baseline || !m.loss_difference ? "-" : signed_text(*m.loss_difference, 4));
      cells.push_back(baseline ? "-" : p_text(m.loss_difference_p));
      for (const Estimate& count : {m.server_updates, m.local_steps}) cells.push_back(count_text(count));
      cells.push_back(quantity_text(Quantity::simulated_seconds, m.simulated_seconds));
      cells.push_back(m.time_to_target ? quantity_text(Quantity::simulated_seconds, *m.time_to_target)
                                       : time_to_target_text(summary, m));
      cells.push_back(with_interval(m.speed_up, 2));
      cells.push_back(std::to_string(m.seeds));
      rows.push_back(std::move(cells));
    }
  }
  return rows.empty() ? "" : markdown_table(head, rows, several ? 2 : 1) + notes;
}

}  // namespace experiments
