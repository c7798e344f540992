#include "experiments/paper/read_plan.h"

#include <algorithm>
#include <map>
#include <set>

#include "experiments/config/json_reader.h"
#include "experiments/config/parse.h"
#include "experiments/config/slug.h"

namespace experiments {

namespace {

namespace fs = std::filesystem;

/// What JsonReader cannot see: that names lead somewhere.
class Checker {
 public:
  Checker(const fs::path& plan, std::vector<Mistake>& mistakes) : plan_(plan), mistakes_(mistakes) {}

  void check(PlannedSection& section, const std::string& at) {
    if (!sources_.insert(slug(section.source)).second)
      note(at + "/source", text_of(section.source) + " is another section's source too");
    load(section, at + "/experiments");
    if (section.experiments.size() != section.experiment_files.size()) return;  // said already
    check_published(section, at + "/published");
    for (size_t i = 0; i < section.claims.size(); ++i)
      std::visit([&](auto& claim) { check_claim(section, claim, at + "/claims/" + std::to_string(i)); },
                 section.claims[i]);
    std::set<std::pair<CounterKind, Measure>> charts;
    for (size_t i = 0; i < section.charts.size(); ++i)
      if (!charts.insert({section.charts[i].x, section.charts[i].y}).second)
        note(at + "/charts/" + std::to_string(i), "is the same as one before it");
  }

 private:
  /// Once, however many experiments a claim is about.
  void note(const std::string& pointer, const std::string& message) {
    const Mistake mistake{pointer, message};
    if (std::find(mistakes_.begin(), mistakes_.end(), mistake) == mistakes_.end()) mistakes_.push_back(mistake);
  }

  void load(PlannedSection& section, const std::string& at) {
    std::set<std::string> here;
    for (size_t i = 0; i < section.experiment_files.size(); ++i) {
      const std::string pointer = at + "/" + std::to_string(i);
      const fs::path file = (plan_.parent_path() / section.experiment_files[i]).lexically_normal();
      std::error_code error;
      if (!fs::is_regular_file(file, error)) {
        note(pointer, text_of(section.experiment_files[i]) + " is no file beside the plan: " + file.string());
        continue;
      }
      PlannedExperiment planned{file, parse_experiment(parse_json(read_text(file), file.string()), file)};
      const auto [known, fresh] = files_.emplace(planned.experiment.name, file);
      if (!here.insert(planned.experiment.name).second || (!fresh && known->second != file)) {
        note(pointer, "is named " + text_of(planned.experiment.name) + ", as " + known->second.string() +
                          " is: their results would be in one directory");
        continue;
      }
      section.experiments.push_back(std::move(planned));
    }
  }

  /// The experiment of that name, or null and a mistake.
  const PlannedExperiment* experiment(const PlannedSection& section, const std::string& name, const std::string& at) {
    std::vector<std::string_view> names;
    for (const PlannedExperiment& planned : section.experiments) {
      if (planned.experiment.name == name) return &planned;
      names.push_back(planned.experiment.name);
    }
    note(at, unknown_value(name, "experiments of this section", names));
    return nullptr;
  }

  void method(const PlannedExperiment& planned, const std::string& name, const std::string& at) {
    std::vector<std::string_view> names;
    for (const MethodConfig& method : planned.experiment.methods) {
      if (method.name == name) return;
      names.push_back(method.name);
    }
    note(at, unknown_value(name, "methods of " + planned.experiment.name, names));
  }

  template <class C>
  void check_claim(const PlannedSection& section, C& claim, const std::string& at) {
    if (claim.experiments.empty())
      for (const PlannedExperiment& planned : section.experiments) claim.experiments.push_back(planned.experiment.name);
    for (size_t i = 0; i < claim.experiments.size(); ++i) {
      const auto* planned = experiment(section, claim.experiments[i], at + "/experiments/" + std::to_string(i));
      if (!planned) continue;
      method(*planned, claim.method, at + "/method");
      if constexpr (requires { claim.from; }) {
        method(*planned, claim.from, at + "/from");
        method(*planned, claim.to, at + "/to");
      }
      if constexpr (requires { claim.than_experiment; }) {
        if (claim.than_experiment) planned = experiment(section, *claim.than_experiment, at + "/than_experiment");
      }
      if constexpr (requires { claim.than; }) {
        if (planned) method(*planned, claim.than, at + "/than");
        if (planned && planned->experiment.name == claim.experiments[i] && claim.than == claim.method)
          note(at + "/than", text_of(claim.than) + " is the method itself");
      }
    }
    if constexpr (std::is_same_v<C, ClosesGapClaim>) {
      if (claim.at_most.has_value() == claim.at_least.has_value()) note(at, "needs either \"at_most\" or \"at_least\"");
    }
    if constexpr (std::is_same_v<C, SpeedUpGrowsClaim>) {
      if (claim.experiments.size() < 2) note(at + "/experiments", "has one item; growing takes at least two");
    }
  }

  void check_published(const PlannedSection& section, const std::string& at) {
    const Published& table = section.published;
    std::vector<const PlannedExperiment*> shown;
    for (size_t i = 0; i < table.columns.size(); ++i)
      if (const auto& name = table.columns[i].experiment)
        if (const auto* planned = experiment(section, *name, at + "/columns/" + std::to_string(i) + "/experiment"))
          shown.push_back(planned);
    bool referred = !table.reference;
    for (size_t i = 0; i < table.rows.size(); ++i) {
      const PublishedRow& row = table.rows[i];
      const std::string place = at + "/rows/" + std::to_string(i);
      referred = referred || row.method == table.reference;
      if (row.values.size() != table.columns.size())
        note(place + "/values", "has " + std::to_string(row.values.size()) + " items; allowed: one a column, " +
                                    std::to_string(table.columns.size()));
      for (size_t c = 0; c < row.values.size(); ++c)
        if (!row.values[c].is_number() && !row.values[c].is_string() && !row.values[c].is_null())
          note(place + "/values/" + std::to_string(c),
               "is " + describe(row.values[c]) + "; allowed: a number, a string or null");
      if (row.method && row.start) note(place, "has a \"method\" and is the \"start\"; allowed: one of them");
      if (row.method)
        for (const PlannedExperiment* planned : shown) method(*planned, *row.method, place + "/method");
    }
    if (!referred) note(at + "/reference", text_of(*table.reference) + " is the method of no row");
  }

  const fs::path& plan_;
  std::vector<Mistake>& mistakes_;
  std::set<std::string> sources_;
  std::map<std::string, fs::path> files_;
};

/// A claim without its kind would be read as one of the first.
void require_kinds(const Json& document, std::vector<Mistake>& mistakes) {
  for (size_t s = 0; s < document["sections"].size(); ++s) {
    const Json& claims = document["sections"][s]["claims"];
    for (size_t c = 0; c < claims.size(); ++c)
      if (!claims[c].contains("kind"))
        mistakes.push_back(
            {"/sections/" + std::to_string(s) + "/claims/" + std::to_string(c), "has no \"kind\", which is needed"});
  }
}

}  // namespace

ReproductionPlan read_plan(const fs::path& file) {
  Json document = parse_json(read_text(file), file.string());
  ReproductionPlan plan;
  std::vector<Mistake> mistakes;
  JsonReader::read(document, plan, {}, "", mistakes);
  if (mistakes.empty()) require_kinds(document, mistakes);
  if (mistakes.empty()) {
    Checker checker(file, mistakes);
    for (size_t s = 0; s < plan.sections.size(); ++s) checker.check(plan.sections[s], "/sections/" + std::to_string(s));
  }
  if (!mistakes.empty()) throw InvalidConfig(file.string(), std::move(mistakes));
  return plan;
}

ResultsByName planned_results(const ReproductionPlan& plan, const fs::path& directory) {
  std::error_code error;
  if (!fs::is_directory(directory, error))
    throw InvalidResults(directory.string() + ": is no directory; expected one that holds results of straggle run");
  ResultsByName results;
  for (const PlannedSection& section : plan.sections) {
    for (const PlannedExperiment& planned : section.experiments) {
      const std::string& name = planned.experiment.name;
      const fs::path place = directory / name;
      if (results.contains(name) || !fs::exists(place, error)) continue;
      Results read = read_results(place);
      for (const MethodConfig& method : planned.experiment.methods) {
        for (const RunFailure& failure : read.failures)
          if (failure.method == method.name)
            throw InvalidResults(place.string() + ": method \"" + method.name + "\" failed: " + failure.message);
        const auto& methods = read.experiment.methods;
        if (std::none_of(methods.begin(), methods.end(), [&](const auto& m) { return m.name == method.name; }))
          throw InvalidResults(place.string() + ": has no method \"" + method.name + "\", which " +
                               planned.file.string() + " has; it was made from another file");
      }
      results.emplace(name, std::move(read));
    }
  }
  return results;
}

}  // namespace experiments
