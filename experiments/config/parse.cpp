#include "experiments/config/parse.h"

#include <algorithm>
#include <fstream>
#include <set>
#include <sstream>

#include "experiments/config/config_fields.h"
#include "experiments/config/inputs.h"
#include "experiments/config/json_writer.h"
#include "experiments/config/place.h"
#include "experiments/config/validate.h"
#include "models/input_file.h"

namespace experiments {
namespace {

/// "file: line 3, column 7: …" out of the library's message, which has the place but words of its own around it.
std::string syntax_message(const Json::exception& error) {
  const std::string what = library_words(error);
  const size_t place = what.find("at line ");
  if (place == std::string::npos) return "not valid JSON: " + what;  // a number beyond doubles
  std::string message = what.substr(place + 3);
  const size_t colon = message.find(": ");
  if (colon != std::string::npos) message = message.substr(0, colon) + ": not valid JSON: " + message.substr(colon + 2);
  return message;
}

/// What people write that JSON does not know, at the byte where the library stopped; "" for anything else.
std::string syntax_hint(const std::string& text, size_t byte) {
  const size_t at = std::min(byte, text.size()) - (byte > 0 ? 1 : 0);
  if (at >= text.size()) return "";
  const size_t before = at > 0 ? text.find_last_not_of(" \t\r\n", at - 1) : std::string::npos;
  if ((text[at] == '}' || text[at] == ']') && before != std::string::npos && text[before] == ',')
    return "; nothing follows the comma: take it away";
  return text[at] == '\'' ? "; JSON takes double quotes, not single ones" : "";
}

constexpr int kDeepest = 64;
constexpr uintmax_t kLargestFile = uintmax_t{64} << 20;

/// An object or array that is being read.
struct Open {
  bool array = false;
  size_t index = 0;
  std::string key;  // the latest
  std::set<std::string> keys;
};

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

Json parse_json(const std::string& text, const std::string& file, size_t most_keys) {
  std::vector<Open> open;  // outermost first
  std::vector<Mistake> mistakes;
  const auto place = [&] {
    std::string pointer;
    for (const Open& o : open) pointer += "/" + (o.array ? std::to_string(o.index) : pointer_token(o.key));
    return pointer;
  };
  const auto watch = [&](int depth, nlohmann::detail::parse_event_t event, Json& value) {
    using Event = nlohmann::detail::parse_event_t;
    if (depth > kDeepest)
      throw InvalidConfig(file, {{"", "is nested more than " + std::to_string(kDeepest) + " levels deep"}});
    if (event == Event::object_start || event == Event::array_start)
      open.push_back({event == Event::array_start, 0, {}, {}});
    if (event == Event::object_end || event == Event::array_end) open.pop_back();
    if (event == Event::key) {
      Open& object = open.back();
      object.key = value.get<std::string>();
      if (!object.keys.insert(object.key).second && mistakes.size() < kMostMistakes)
        mistakes.push_back({place(), "is there twice in one object"});
      if (object.keys.size() > most_keys)
        throw InvalidConfig(file, {{"", "has an object of more than " + std::to_string(most_keys) + " keys"}});
    }
    const bool ended = event == Event::value || event == Event::object_end || event == Event::array_end;
    if (ended && !open.empty() && open.back().array) ++open.back().index;
    return true;
  };
  try {
    Json document = Json::parse(text, watch, true, true);  // comments are no part of it
    if (!mistakes.empty()) throw InvalidConfig(file, mistakes);
    return document;
  } catch (const Json::parse_error& error) {
    throw InvalidConfig(file, {{"", syntax_message(error) + syntax_hint(text, error.byte)}});
  } catch (const Json::exception& error) {
    throw InvalidConfig(file, {{"", syntax_message(error)}});
  }
}

std::string read_text(const std::filesystem::path& file) {
  if (const std::string reason = models::not_a_file(file); !reason.empty())
    throw InvalidConfig(file.string(), {{"", reason}});
  std::error_code error;
  if (std::filesystem::file_size(file, error) > kLargestFile)
    throw InvalidConfig(file.string(), {{"", "is larger than " + std::to_string(kLargestFile >> 20) + " MiB"}});
  std::ifstream in(file, std::ios::binary);
  std::ostringstream text;
  text << in.rdbuf();
  if (!in || text.fail()) {
    if (std::filesystem::file_size(file, error) == 0) throw InvalidConfig(file.string(), {{"", "is empty"}});
    throw InvalidConfig(file.string(), {{"", "cannot be read"}});
  }
  return text.str();
}

std::vector<Json::json_pointer> known_places(const Json& document, const std::string& pointer, const Json& value,
                                             std::vector<Json::json_pointer>* left_out) {
  std::vector<Json::json_pointer> found = places(document, pointer);
  const auto there = [&](const Json::json_pointer& place) { return document.contains(place); };
  if (found.size() < 2 || std::all_of(found.begin(), found.end(), there)) return found;
  Json tried = document;
  for (const Json::json_pointer& place : found) tried[place] = value;
  std::vector<Mistake> mistakes;
  try {
    parse_experiment(tried, "experiment.json");
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

std::string apply_setting(Json& document, const std::string& setting) {
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
  const auto found = known_places(document, setting.substr(0, equals), value, &left_out);
  if (found.empty()) throw InvalidConfig(option, {{"", kLeadsNowhere}});
  for (const Json::json_pointer& place : found) document[place] = value;
  std::string names;
  for (const Json::json_pointer& place : left_out) names += (names.empty() ? "" : ", ") + place.to_string();
  return names.empty() ? "" : option + ": not set where the key is unknown: " + names;
}

Json merged(Json base, const Json& patch) {
  if (!base.is_object() || !patch.is_object()) return patch;
  const auto kind = patch.find("kind");
  const auto base_kind = base.find("kind");
  if (kind != patch.end() && (base_kind == base.end() || *kind != *base_kind)) return patch;
  for (const auto& [key, value] : patch.items()) {
    if (value.is_null())
      base.erase(key);
    else if (const auto it = base.find(key); it != base.end())
      *it = merged(*it, value);
    else
      base[key] = value;
  }
  return base;
}

std::set<std::string> experiment_keys() {
  const Json nothing = Json::object();
  std::vector<Mistake> unheeded;
  JsonReader reader(nothing, "", unheeded);
  ExperimentConfig experiment;
  RunConfig run;
  fields(reader, experiment);
  fields(reader, run);
  return {reader.known().begin(), reader.known().end()};
}

ExperimentConfig parse_experiment(const Json& document, const std::filesystem::path& file) {
  if (!document.is_object())
    throw InvalidConfig(file.string(), {{"", "is " + describe(document) + "; an experiment is an object"}});
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
