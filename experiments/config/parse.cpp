#include "experiments/config/parse.h"

#include <algorithm>
#include <set>

#include "experiments/config/compose.h"
#include "experiments/config/config_fields.h"
#include "experiments/config/inputs.h"
#include "experiments/config/json_writer.h"
#include "experiments/config/place.h"
#include "experiments/config/validate.h"

namespace experiments {
namespace {

/// Makes the paths of a run absolute; they were written relative to `base`.
void resolve_paths(RunConfig& run, const std::filesystem::path& base) {
  for_each_input(run, [&](const std::string&, std::string& path) { path = (base / path).lexically_normal().string(); });
}

/// Workers that a profile alone describes.
void fill_speeds(RunConfig& run) {
  for (WorkerConfig& worker : run.workers)
    if (!worker.speed) worker.speed = SteadySpeedConfig{1.0};
}

}  // namespace

namespace {

/// Of the places() those whose key is known, see set_everywhere().
std::vector<Json::json_pointer> known_places(const Json& document, const std::filesystem::path& file,
                                             const std::string& pointer, const Json& value,
                                             std::vector<Json::json_pointer>* left_out) {
  std::vector<Json::json_pointer> found = places(document, pointer);
  const auto there = [&](const Json::json_pointer& place) { return document.contains(place); };
  if (found.size() < 2 || std::all_of(found.begin(), found.end(), there)) return found;
  Json tried = document;
  for (const Json::json_pointer& place : found) tried[place] = value;
  std::vector<Mistake> mistakes;
  try {
    parse_experiment(tried, file);
  } catch (const InvalidConfig& error) {
    mistakes = error.mistakes();
  }
  const auto unknown = [&](const Json::json_pointer& place) {
    return std::any_of(mistakes.begin(), mistakes.end(), [&](const Mistake& m) {
      return m.pointer == place.to_string() && m.message.starts_with("is unknown");
    });
  };
  if (std::all_of(found.begin(), found.end(), unknown)) return found;
  if (left_out) std::copy_if(found.begin(), found.end(), std::back_inserter(*left_out), unknown);
  std::erase_if(found, unknown);
  return found;
}

}  // namespace

std::vector<Json::json_pointer> set_everywhere(Json& document, const std::filesystem::path& file,
                                               const std::string& pointer, const Json& value,
                                               std::vector<Json::json_pointer>* left_out) {
  const auto composes = [&](const char* key) { return document.is_object() && document.contains(key); };
  if (std::any_of(std::begin(kComposingKeys), std::end(kComposingKeys), composes)) {
    Json whole = Composition(document, file).document();
    if (lies_in_array(whole, document, pointer)) document = std::move(whole);
  }
  const std::vector<Json::json_pointer> found = known_places(document, file, pointer, value, left_out);
  for (const Json::json_pointer& place : found) document[place] = value;
  return found;
}

std::string apply_setting(Json& document, const std::filesystem::path& file, const std::string& setting) {
  const std::string option = "--set " + setting;
  const size_t equals = setting.find('=');
  if (setting.empty() || setting[0] != '/' || equals == std::string::npos)
    throw InvalidConfig(option, {{"", "is not /json/pointer=value, e.g. --set /stop/local_steps=800"}});
  const std::string text = setting.substr(equals + 1);
  Json value = text;
  if (text_of(value) != value.dump(-1, ' ', false, Json::error_handler_t::ignore))
    throw InvalidConfig(text_of(option), {{"", "is not UTF-8"}});
  if (Json::accept(text)) value = parse_json(text, option);
  std::vector<Json::json_pointer> left_out;
  if (set_everywhere(document, file, setting.substr(0, equals), value, &left_out).empty())
    throw InvalidConfig(option, {{"", kLeadsNowhere}});
  std::string names;
  for (const Json::json_pointer& place : left_out) names += (names.empty() ? "" : ", ") + place.to_string();
  return names.empty() ? "" : option + ": not set where the key is unknown: " + names;
}

std::set<std::string> experiment_keys() {
  const Json nothing = Json::object();
  std::vector<Mistake> unheeded;
  JsonReader reader(nothing, "", unheeded);
  ExperimentConfig experiment;
  RunConfig run;
  fields(reader, experiment);
  fields(reader, run);
  std::set<std::string> keys(reader.known().begin(), reader.known().end());
  keys.insert(std::begin(kComposingKeys), std::end(kComposingKeys));
  return keys;
}

ExperimentConfig parse_experiment(const Json& as_written, const std::filesystem::path& file) {
  if (!as_written.is_object())
    throw InvalidConfig(file.string(), {{"", "is " + describe(as_written) + "; an experiment is an object"}});
  const Composition composition(as_written, file);
  const Json& document = composition.document();
  std::vector<Mistake> mistakes;
  ExperimentConfig experiment;

  // The top level holds the comparison's own keys, the methods, and a run's keys as common settings.
  Json common = Json::object();
  JsonReader reader(document, "", mistakes);
  fields(reader, experiment);
  RunConfig ignored;
  std::vector<Mistake> unheeded;  // the run's keys are read below, method by method; here only their names matter
  JsonReader run_keys(document, "", unheeded);
  fields(run_keys, ignored);
  for (const std::string_view key : run_keys.known()) reader.know(key);
  for (const std::string_view key : {"methods", "sweep", "$schema"}) reader.know(key);
  for (const std::string_view key : kComposingKeys) reader.know(key);
  reader.finish();
  for (const auto& [key, value] : document.items())
    if (std::find(run_keys.known().begin(), run_keys.known().end(), key) != run_keys.known().end()) common[key] = value;

  const auto methods = document.find("methods");
  if (methods == document.end()) {
    mistakes.push_back({"",
                        "has no \"methods\", which is needed: a list of objects, each with a \"name\" and what is "
                        "different about it"});
  } else if (!methods->is_array() || methods->empty()) {
    mistakes.push_back({"/methods", "is " + (methods->is_array() ? "an empty array" : describe(*methods)) +
                                        "; allowed: an array of at least one object"});
  } else if (methods->size() > kMostMethods) {
    mistakes.push_back({"/methods", "has " + std::to_string(methods->size()) + " items; allowed: at most " +
                                        std::to_string(kMostMethods)});
  } else {
    for (size_t i = 0; i < methods->size() && mistakes.size() < kMostMistakes; ++i) {
      const std::string place = "/methods/" + std::to_string(i);
      const Json& method = (*methods)[i];
      if (!method.is_object()) {
        mistakes.push_back({place, "is " + describe(method) + "; allowed: an object with a \"name\""});
        continue;
      }
      MethodConfig config;
      if (const auto name = method.find("name"); name == method.end())
        mistakes.push_back({place, "has no \"name\", which is needed"});
      else
        JsonReader::read(*name, config.name, not_empty(), place + "/name", mistakes);
      Json patch = method;
      patch.erase("name");
      std::vector<Mistake> found;
      JsonReader::read(merged(common, patch), config.run, any(), "", found);
      config.own = std::make_shared<const Json>(std::move(patch));
      if (found.empty()) validate_run(config.run, found);
      for (Mistake& mistake : found) {
        mistake.pointer = place_of(config, i, mistake.pointer);
        if (std::find(mistakes.begin(), mistakes.end(), mistake) == mistakes.end()) mistakes.push_back(mistake);
      }
      experiment.methods.push_back(std::move(config));
    }
  }
  // A key that is misspelt, or whose value is wrong, makes others seem to be missing.
  const auto missing = [](const Mistake& m) { return m.pointer.empty() && m.message.starts_with("has no "); };
  if (!std::all_of(mistakes.begin(), mistakes.end(), missing)) std::erase_if(mistakes, missing);
  if (mistakes.empty()) validate_comparison(experiment, mistakes);
  for (Mistake& mistake : mistakes) mistake = composition.written_at(mistake);
  if (!mistakes.empty()) throw InvalidConfig(file.string(), std::move(mistakes));
  for (MethodConfig& method : experiment.methods) {
    fill_speeds(method.run);
    resolve_paths(method.run, std::filesystem::absolute(file).parent_path());
  }
  return experiment;
}

// Once, instead of with whoever asks: each takes the compiler seconds.
template <class Config>
Json written(const Config& config) {
  Config copy = config;  // visitors visit what they may change
  return JsonWriter::write(copy);
}
template Json written(const ExperimentConfig&);
template Json written(const RunConfig&);
template Json written(const TextData&);
template Json written(const MixtureData&);
template Json written(const decltype(RunConfig::model)&);
template Json written(const PretrainedStart&);
template Json written(const std::optional<Target>&);

Json to_json(const ExperimentConfig& experiment) {
  Json document = written(experiment);
  std::vector<Json> runs;
  for (const MethodConfig& method : experiment.methods) runs.push_back(written(method.run));
  Json methods = Json::array();
  for (const MethodConfig& method : experiment.methods) methods.push_back({{"name", method.name}});
  for (const auto& [key, value] : runs.at(0).items()) {
    const bool shared =
        std::all_of(runs.begin(), runs.end(), [&, k = key, &v = value](const Json& run) { return run.at(k) == v; });
    if (shared)
      document[key] = value;
    else
      for (size_t i = 0; i < runs.size(); ++i) methods[i][key] = runs[i].at(key);
  }
  document["methods"] = methods;
  return document;
}

}  // namespace experiments
