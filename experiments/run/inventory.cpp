#include "experiments/run/inventory.h"

#include <algorithm>
#include <cstdio>
#include <set>

#include "experiments/config/experiment_config.h"
#include "experiments/run/memory_need.h"
#include "experiments/run/text_input.h"

namespace experiments {
namespace {

using models::CorpusInventory;

/// What `read` gives for each text of the experiments' methods, each once.
template <class Read>
std::vector<CorpusInventory> each_text(const std::vector<ExperimentConfig>& experiments, Read&& read) {
  std::vector<CorpusInventory> all;
  std::set<std::string> seen;
  for (const ExperimentConfig& experiment : experiments)
    for (const MethodConfig& method : experiment.methods)
      if (std::holds_alternative<TextData>(method.run.data) && seen.insert(text_key(method.run)).second)
        all.push_back(read(method.run));
  return all;
}

std::string counted(size_t count, const std::string& one, const std::string& many) {
  return std::to_string(count) + " " + (count == 1 ? one : many);
}

double validation_share(const CorpusInventory& inventory) {
  return inventory.bytes == 0 ? 0.0
                              : static_cast<double>(inventory.validation_bytes) / static_cast<double>(inventory.bytes);
}

/// "a.pdf, b.pdf and 7 more (why), c (why)": each reason once, behind its files.
std::string left_out_text(const std::vector<CorpusInventory::Remark>& left_out) {
  std::vector<std::string> reasons;
  for (const auto& [file, why] : left_out)
    if (std::find(reasons.begin(), reasons.end(), why) == reasons.end()) reasons.push_back(why);
  std::string text;
  for (const std::string& reason : reasons) {
    size_t count = 0;
    std::string names;
    for (const auto& [file, why] : left_out)
      if (why == reason && ++count <= 5) names += (count == 1 ? "" : ", ") + file;
    if (count > 5) names += " and " + std::to_string(count - 5) + " more";
    text += (text.empty() ? "" : ", ") + names + " (" + reason + ")";
  }
  return text;
}

Json first_thousand(const std::vector<std::string>& names) {
  return Json(std::vector<std::string>(names.begin(),
                                       names.begin() + static_cast<ptrdiff_t>(std::min<size_t>(names.size(), 1000))));
}

Json first_thousand(const std::vector<CorpusInventory::Remark>& remarks, const char* what) {
  Json list = Json::array();
  for (size_t i = 0; i < remarks.size() && i < 1000; ++i)
    list.push_back({{"file", remarks[i].file}, {what, remarks[i].what}});
  return list;
}

}  // namespace

std::vector<CorpusInventory> inventories(const std::vector<ExperimentConfig>& experiments, SharedInputs& inputs) {
  return each_text(experiments, [&](const RunConfig& run) { return inputs.text(run)->inventory; });
}

std::vector<CorpusInventory> inventories(const std::vector<ExperimentConfig>& experiments) {
  return each_text(experiments, [](const RunConfig& run) { return read_text_input(run).inventory; });
}

std::string inventory_text(const CorpusInventory& inventory) {
  char share[32];
  std::snprintf(share, sizeof share, "%.1f %%", 100 * validation_share(inventory));
  std::string text =
      "corpus " + inventory.path + ": " + counted(inventory.files.size(), "file", "files") + ", " +
      counted(inventory.domains, "domain", "domains") + ", " + counted(inventory.documents, "document", "documents") +
      ", " + bytes_text(static_cast<double>(inventory.bytes)) +
      (inventory.tokens > 0 ? ", " + std::to_string(inventory.tokens) + " tokens" : "") + "; validation " + share;
  if (!inventory.left_out.empty()) text += "; left out: " + left_out_text(inventory.left_out);
  const auto note = [&](const std::string& line) { text += "\n  " + line; };
  if (inventory.pooled > 0)
    note(counted(inventory.pooled, "domain is", "domains are") +
         " too small for a validation part of their own; of them all " +
         counted(inventory.pooled_held_out, "whole document is", "whole documents are") + " validated together");
  if (inventory.unvalidated > 0)
    note(counted(inventory.unvalidated, "domain", "domains") + " of " + std::to_string(inventory.domains) +
         " not validated: too small for one window");
  if (inventory.bad_lines.count > 0)
    note(counted(inventory.bad_lines.count, "bad line", "bad lines") +
         " skipped, the first: " + inventory.bad_lines.first.front());
  if (inventory.repeats_left_out > 0)
    note(counted(inventory.repeats_left_out, "repeated document", "repeated documents") + " left out");
  if (inventory.repeats > 0) note(counted(inventory.repeats, "document repeats", "documents repeat") + " another");
  for (size_t i = 0; i < inventory.remarks.size() && i < 5; ++i)
    note(inventory.remarks[i].file + " " + inventory.remarks[i].what);
  if (inventory.remarks.size() > 5) note(std::to_string(inventory.remarks.size() - 5) + " more files are not UTF-8");
  return text;
}

Json inventory_json(const CorpusInventory& inventory) {
  return {{"text", inventory_text(inventory)},
          {"corpus", inventory.path},
          {"files", inventory.files.size()},
          {"file_names", first_thousand(inventory.files)},
          {"left_out", first_thousand(inventory.left_out, "why")},
          {"remarks", first_thousand(inventory.remarks, "what")},
          {"domains", inventory.domains},
          {"documents", inventory.documents},
          {"bytes", inventory.bytes},
          {"tokens", inventory.tokens},
          {"validation_share", validation_share(inventory)},
          {"pooled_domains", inventory.pooled},
          {"pooled_documents_held_out", inventory.pooled_held_out},
          {"unvalidated_domains", inventory.unvalidated},
          {"bad_lines", inventory.bad_lines.count},
          {"first_bad_lines", inventory.bad_lines.first},
          {"repeated_documents", inventory.repeats},
          {"repeated_documents_left_out", inventory.repeats_left_out}};
}

}  // namespace experiments
