#include "experiments/run/run_key.h"

#include "experiments/config/inputs.h"
#include "experiments/config/parse.h"
#include "experiments/run/cache.h"
#include "experiments/run/compare_files.h"
#include "models/data/corpus.h"

namespace experiments {
namespace {

/// Without the paths, at whatever depth they stand.
void drop_inputs(Json& identity) {
  if (identity.is_object()) identity.erase("inputs");
  if (identity.contains("methods"))
    for (Json& method : identity["methods"]) method.erase("inputs");
}

/// The path that `identity` has for the content at `pointer`, or "".
std::string path_of(const Json& identity, const std::string& pointer) {
  const size_t run = pointer.find("/run/");
  if (run == std::string::npos) return "";
  const Json::json_pointer inputs(pointer.substr(0, run) + "/inputs");
  return identity.contains(inputs) ? identity[inputs].value(pointer.substr(run + 4), "") : "";
}

}  // namespace

std::string RunKeys::key(const RunConfig& run, uint64_t seed) {
  Json whole = identity(run, seed);
  drop_inputs(whole);
  return content_key("straggle run\n" + whole.dump() + "\n" + arithmetic_key());
}

Json RunKeys::identity(const RunConfig& run, uint64_t seed) {
  Json inputs = Json::object();
  Json settings = contents(run, inputs);
  return {{"program", binary_key()}, {"seed", seed}, {"run", std::move(settings)}, {"inputs", std::move(inputs)}};
}

Json RunKeys::identity(const ExperimentConfig& experiment) {
  Json methods = Json::array();
  for (const MethodConfig& method : experiment.methods) {
    Json inputs = Json::object();
    Json settings = contents(method.run, inputs);
    methods.push_back({{"name", method.name}, {"run", std::move(settings)}, {"inputs", std::move(inputs)}});
  }
  return {{"program", binary_key()}, {"experiment", written(experiment)}, {"methods", std::move(methods)}};
}

Json RunKeys::contents(const RunConfig& run, Json& inputs) {
  const std::lock_guard lock(mutex_);
  RunConfig content = run;
  for_each_input(content, [&](const std::string& pointer, std::string& path) {
    inputs[pointer] = path;
    path = pointer == kCorpusPointer ? corpus(run) : file(path);
  });
  return written(content);
}

const std::string& RunKeys::corpus(const RunConfig& run) {
  const auto& data = std::get<TextData>(run.data);
  const std::pair place(data.corpus, data.on_bad_line);
  const auto found = corpora_.find(place);
  if (found != corpora_.end()) return found->second;
  return corpora_[place] = corpus_hash_ ? corpus_hash_(run) : models::load_corpus(data.corpus, data.on_bad_line).hash();
}

const std::string& RunKeys::file(const std::string& path) {
  const auto found = files_.find(path);
  return found != files_.end() ? found->second : files_[path] = file_key(path);
}

std::string changed_part(const Json& stored, const Json& now) {
  // Through their text, as the stored one has come: 4 is of another type before.
  Json then = Json::parse(stored.dump()), here = Json::parse(now.dump());
  drop_inputs(then);
  drop_inputs(here);
  auto difference = first_difference(then, here);
  if (!difference && then != here) difference = first_difference(here, then);  // what only one of them has
  if (!difference) return "";
  const std::string pointer = difference->substr(0, difference->find(": "));
  const std::string path = path_of(now, pointer);
  return path.empty() ? *difference : "the content of " + path + " (" + pointer + ") has changed";
}

}  // namespace experiments
