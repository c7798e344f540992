#include "experiments/paper/section_record.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "experiments/config/json_writer.h"
#include "experiments/config/parse.h"
#include "experiments/report/verdict.h"

namespace experiments {

constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();

/// Keys and their values in turn; all of them are always written.
template <class V, class T, class... Rest>
void written(V& v, std::string_view key, T& value, Rest&&... rest) {
  v.field(key, value, any().needed(), "", "");
  if constexpr (sizeof...(rest) > 0) written(v, rest...);
}
/// JSON has no NaN: null.
template <class V>
void written_mean(V& v, double& mean) {
  std::optional<double> known = std::isfinite(mean) ? std::optional(mean) : std::nullopt;
  written(v, "mean", known);
  mean = known.value_or(kNaN);
}

template <class V>
void fields(V& v, Estimate& e) {
  written_mean(v, e.mean);
  written(v, "ci95", e.half_width);
}
template <class V>
void fields(V& v, Ratio& r) {
  written_mean(v, r.mean);
  written(v, "low", r.low, "high", r.high);
}
template <class V>
void fields(V& v, Finding& f) {
  written(v, "where", f.where, "measured", f.measured, "verdict", f.verdict);
}
template <class V>
void fields(V& v, JudgedClaim& c) {
  written(v, "claim", c.claim, "findings", c.findings);
}
template <class V>
void fields(V& v, JudgedMethod& m) {
  written(v, "method", m.method, "seeds", m.seeds, "final_loss", m.loss, "perplexity", m.perplexity);
  written(v, "loss_difference", m.loss_difference, "loss_difference_p", m.loss_difference_p);
  written(v, "server_updates", m.server_updates, "local_steps", m.local_steps);
  written(v, "simulated_seconds", m.simulated_seconds, "time_to_target", m.time_to_target, "no_time", m.no_time);
  written(v, "speed_up", m.speed_up);
}
template <class V>
void fields(V& v, JudgedExperiment& e) {
  written(v, "name", e.name, "baseline", e.baseline, "start_loss", e.start_loss);
  written(v, "start_perplexity", e.start_perplexity, "methods", e.methods, "notes", e.notes);
  written(v, "other_settings", e.other_settings);
}
template <class V>
void fields(V& v, SectionRecord& r) {
  written(v, "claims", r.claims, "experiments", r.experiments);
}

namespace {

/// The settings of a result that are not those of its file. Where a corpus lies is none of them.
std::vector<std::string> other_settings(const ExperimentConfig& file, const ExperimentConfig& result) {
  std::vector<std::string> pointers;
  for (const Json& change : Json::diff(to_json(file), to_json(result))) {
    const auto pointer = change.at("path").get<std::string>();
    const std::string last = pointer.substr(pointer.rfind('/') + 1);
    if (last != "corpus" && last != "description") pointers.push_back(pointer);
  }
  return pointers;
}

JudgedExperiment judged(const PlannedExperiment& planned, const Results& results) {
  const std::string& name = planned.experiment.name;
  // No method of a figure's is more than the others, and each is to have a time.
  const ComparisonSummary summary =
      summarise(name, results.experiment.baseline.value_or(""), results.runs, kCommonTarget);
  std::vector<double> losses, perplexities;
  for (const RunLog& run : results.runs) {
    if (run.method != results.runs.front().method) continue;
    losses.push_back(run.evaluations.empty() ? kNaN : run.evaluations[0].loss);
    perplexities.push_back(perplexity(losses.back()));
  }
  std::vector<JudgedMethod> methods;
  for (const MethodSummary& m : summary.methods)
    methods.push_back({m, m.time_to_target ? "" : time_to_target_text(summary, m)});
  return {name,
          summary.baseline,
          estimate(losses),
          estimate(perplexities),
          std::move(methods),
          summary.notes,
          other_settings(planned.experiment, results.experiment)};
}

/// On one line where it fits, or else each of its items by itself.
std::string lines_of(const Json& value, size_t indent) {
  std::string text = text_of(value);
  if (!value.is_structured() || text.size() + indent <= 120) return text;
  text = "";
  for (const auto& [key, item] : value.items())
    text += (text.empty() ? "\n" : ",\n") + std::string(indent + 1, ' ') +
            (value.is_object() ? text_of(key) + ": " : "") + lines_of(item, indent + 1);
  return (value.is_object() ? "{" : "[") + text + "\n" + std::string(indent, ' ') + (value.is_object() ? "}" : "]");
}

/// In which way the record is not about the section as the plan has it; "" if it is.
std::string difference(const SectionRecord& record, const PlannedSection& section) {
  std::vector<Claim> claims = section.claims, judged;
  for (const JudgedClaim& c : record.claims) judged.push_back(c.claim);
  if (JsonWriter::write(judged) != JsonWriter::write(claims)) return "was judged by other claims than the plan's";
  for (const PlannedExperiment& planned : section.experiments) {
    const std::string& name = planned.experiment.name;
    const auto found = std::find_if(record.experiments.begin(), record.experiments.end(),
                                    [&](const JudgedExperiment& e) { return e.name == name; });
    if (found == record.experiments.end()) return "lacks the experiment " + name;
    for (const MethodConfig& method : planned.experiment.methods)
      if (std::none_of(found->methods.begin(), found->methods.end(),
                       [&](const JudgedMethod& m) { return m.method == method.name; }))
        return "lacks the method \"" + method.name + "\" of " + name;
  }
  return "";
}

}  // namespace

SectionRecord judge_section(const PlannedSection& section, const ResultsByName& results) {
  SectionRecord record;
  for (const Claim& claim : section.claims) record.claims.push_back({claim, check_claim(claim, results)});
  for (const PlannedExperiment& planned : section.experiments)
    if (const auto run = results.find(planned.experiment.name); run != results.end())
      record.experiments.push_back(judged(planned, run->second));
  return record;
}

std::string record_text(SectionRecord record) { return lines_of(JsonWriter::write(record), 0) + "\n"; }

SectionRecord parse_record(const std::string& text, const std::string& file) {
  SectionRecord record;
  std::vector<Mistake> mistakes;
  JsonReader::read(parse_json(text, file), record, {}, "", mistakes);
  if (!mistakes.empty()) throw InvalidConfig(file, std::move(mistakes));
  return record;
}

SectionRecord read_record(const std::filesystem::path& file, const PlannedSection& section) {
  SectionRecord record = parse_record(read_text(file), file.string());
  if (const std::string found = difference(record, section); !found.empty())
    throw InvalidConfig(file.string(),
                        {{"", found + "; without all of its results " + section.source +
                                  " is written from this file, so run its experiments again, or remove it"}});
  return record;
}

}  // namespace experiments
