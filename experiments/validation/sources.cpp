#include "experiments/validation/sources.h"

#include <algorithm>

#include "experiments/report/markdown.h"
#include "experiments/validation/bandwidth_page.h"
#include "experiments/validation/bandwidth_tables.h"
#include "experiments/validation/failures.h"
#include "experiments/validation/halos.h"
#include "experiments/validation/injected_faults.h"
#include "experiments/validation/schedules.h"
#include "experiments/validation/shares.h"
#include "experiments/validation/staleness.h"

namespace experiments {
namespace {

std::string holding(const Validation& v) {
  const auto holds = std::count_if(v.rules.begin(), v.rules.end(), [](const Rule& rule) { return rule.holds; });
  const size_t all = v.rules.size();
  if (static_cast<size_t>(holds) == all) return all == 1 ? "holds" : "all " + std::to_string(all) + " hold";
  return "**" + std::to_string(holds) + " of " + std::to_string(all) + " hold**";
}

std::string section_of(const Validation& v, const std::string& charts) {
  std::string text =
      "## " + v.title + "\n\n" + markdown_prose(v.source + ".") + "\n\n" + markdown_prose(v.set_up) + "\n\n";
  if (!v.fitted.empty()) {
    std::string fitted = "Fitted (" + std::to_string(v.fitted.size()) + "): ";
    for (size_t i = 0; i < v.fitted.size(); ++i) fitted += (i ? "; " : "") + v.fitted[i];
    text += markdown_prose(fitted + ".") + "\n\n";
  }
  std::vector<std::vector<std::string>> rules;
  for (const Rule& rule : v.rules) rules.push_back({rule.says, rule.measured, rule.holds ? "holds" : "**fails**"});
  text += markdown_table({"demanded", "ours", "verdict"}, rules, 3) + "\n";
  for (const ComparedTable& table : v.tables) text += markdown_table(table.head, table.rows, 1) + "\n";
  for (const auto& [name, figure] : v.charts) text += "![" + v.title + "](" + charts + "/" + name + ".svg)\n\n";
  return text;
}

}  // namespace

const std::vector<Validation (*)()>& validation_sources() {
  static const std::vector<Validation (*)()> all{
      streaming_bandwidth, eager_bandwidth,         scaling_bandwidth,    bandwidth_page,
      wall_clock_model,    bytes_and_rounds,        halos_timing,         goodput,
      utilisation_of_runs, effective_training_time, staleness_identities, gossip_utilisation,
      balancing_and_sign,  injected_faults};
  return all;
}

std::string validation_page(const std::vector<Validation>& all, const std::string& command, const std::string& charts) {
  std::string text =
      "# Validation\n\n" +
      markdown_prose(
          "What others published that a schedule alone decides, beside what our clock makes of the same set-up. "
          "Nothing "
          "here is trained. Every number of ours comes from the clock that runs experiments, not from a formula beside "
          "it. What is secondary, from memory or derived is called so; a constant that no publication gives is fitted, "
          "named and used for the whole table. This page is written by the following.") +
      "\n\n" + code_block("sh", command) + "\n";
  std::vector<std::vector<std::string>> rows;
  for (const Validation& v : all) {
    rows.push_back({v.title, holding(v), std::to_string(v.fitted.size())});
  }
  text += markdown_table({"source", "verdict", "fitted constants"}, rows, 2) + "\n";
  for (const Validation& v : all) text += section_of(v, charts);
  return text + "## Ties\n\n" +
         markdown_prose(
             "Two workers whose rounds end at the same instant are applied in the order of their numbers. The authors' "
             "notebook of asynchronous Local-SGD (Liu et al. 2024) adds up times as floating-point numbers, and orders "
             "two "
             "workers that tie exactly by its own rounding errors; there our order is another.") +
         "\n";
}

}  // namespace experiments
