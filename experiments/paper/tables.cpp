#include "experiments/paper/tables.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <map>

#include "experiments/report/format.h"
#include "experiments/report/markdown.h"

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

/// Our number beside a published one: a method's, or that from which all methods start. Empty: it was not run.
std::optional<Estimate> ours(const PublishedColumn& column, const PublishedRow& row, const SectionRecord& record) {
  for (const JudgedExperiment& e : record.experiments) {
    if (e.name != column.experiment) continue;
    if (row.start)
      return column.quantity == Quantity::loss         ? e.start_loss
             : column.quantity == Quantity::perplexity ? e.start_perplexity
                                                       : Estimate{0, 0, 0};
    for (const JudgedMethod& m : e.methods)
      if (m.method == row.method)
        return column.quantity == Quantity::loss         ? m.loss
               : column.quantity == Quantity::perplexity ? m.perplexity
                                                         : m.simulated_seconds;
  }
  return std::nullopt;
}

}  // namespace

Tally tally_of(const SectionRecord& record) {
  Tally tally{};
  for (const JudgedClaim& claim : record.claims)
    for (const Finding& finding : claim.findings) ++tally[static_cast<size_t>(finding.verdict)];
  return tally;
}

std::string shapes_table(const PlannedSection& section, const SectionRecord& record) {
  const bool several = section.experiments.size() > 1;
  Cells head = {"shape", "measured", "verdict"};
  if (several) head.insert(head.begin() + 1, "experiment");
  std::vector<Cells> rows;
  for (const JudgedClaim& judged : record.claims)
    for (const Finding& finding : judged.findings) {
      const std::string verdict(name_of(finding.verdict));
      rows.push_back({markdown_text(std::visit([](const ClaimHead& c) { return c.says; }, judged.claim)),
                      finding.measured.empty() ? "-" : markdown_text(finding.measured),
                      finding.verdict == Verdict::fails ? "**" + verdict + "**" : verdict});
      if (several) rows.back().insert(rows.back().begin() + 1, markdown_text(finding.where));
    }
  return markdown_table(head, rows, head.size());
}

std::string published_table(const Published& table, const SectionRecord& record) {
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
      const std::optional<Estimate> own = ours(column, row, record);
      if (!row.method && !row.start) {
        cells.push_back("-");
      } else if (!own) {
        cells.push_back("not run");
      } else {
        cells.push_back(quantity_text(column.quantity, *own));
        if (reference && &row != reference && !row.start)
          cells.back() += percent_above(own->mean, ours(column, *reference, record)->mean);
      }
    }
    rows.push_back(std::move(cells));
  }
  return markdown_table(head, rows, numbers ? 1 : head.size());
}

std::string measured_table(const PlannedSection& section, const SectionRecord& record) {
  const bool several = section.experiments.size() > 1;
  std::map<std::string, bool> texts;  // whether the experiment is about one
  bool text = false;
  for (const PlannedExperiment& planned : section.experiments)
    text |= texts[planned.experiment.name] = learns_text(planned.experiment);
  Cells head = {"method", "final loss"};
  if (several) head.insert(head.begin(), "experiment");
  if (text) head.push_back("perplexity");
  for (const char* name : {"difference to the baseline", "p", "server updates", "local steps", "simulated s",
                           "s to target", "times as fast as the baseline", "seeds"})
    head.push_back(name);
  std::vector<Cells> rows;
  std::string notes;
  for (const JudgedExperiment& e : record.experiments) {
    for (const std::string& note : e.notes)
      notes += "\nNote: " + markdown_text(several ? e.name + ": " + note : note) + ".\n";
    for (const JudgedMethod& m : e.methods) {
      const bool baseline = m.method == e.baseline;
      Cells cells = {markdown_text(m.method) + (baseline ? " (baseline)" : ""), with_interval(m.loss, 4)};
      if (several) cells.insert(cells.begin(), markdown_text(e.name));
      if (text) cells.push_back(texts[e.name] ? with_interval(m.perplexity, 2) : "-");
      cells.push_back(baseline || !m.loss_difference ? "-" : signed_text(*m.loss_difference, 4));
      cells.push_back(baseline ? "-" : p_text(m.loss_difference_p));
      for (const Estimate& count : {m.server_updates, m.local_steps}) cells.push_back(count_text(count));
      cells.push_back(quantity_text(Quantity::simulated_seconds, m.simulated_seconds));
      cells.push_back(m.time_to_target ? quantity_text(Quantity::simulated_seconds, *m.time_to_target) : m.no_time);
      cells.push_back(with_interval(m.speed_up, 2));
      cells.push_back(std::to_string(m.seeds));
      rows.push_back(std::move(cells));
    }
  }
  return rows.empty() ? "" : markdown_table(head, rows, several ? 2 : 1) + notes;
}

}  // namespace experiments
