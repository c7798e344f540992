#pragma once
#include <map>
#include <string>
#include <vector>

#include "experiments/config/config_fields.h"
#include "experiments/config/json_writer.h"
#include "tests/support/tiny_experiment.h"

/// Every kind of every list that an experiment file may choose from, found by walking over the keys: who adds a kind to
/// a list, or a list to a run's settings, finds it in the tests that go through these.
namespace tests {

struct Kind {
  std::string list;                                           ///< where it is chosen, as a JSON pointer
  std::string name;                                           ///< its "kind", or the name that stands for it
  std::vector<std::pair<std::string, std::string>> settings;  ///< that choose it: pointers and JSON
};

/// A visitor over `fields`.
class KindCollector : public experiments::FieldVisitor {
 public:
  static std::vector<Kind> all() {
    std::vector<Kind> kinds;
    KindCollector collector(kinds, "", {});
    experiments::RunConfig run;
    fields(collector, run);
    return kinds;
  }

  template <class T>
  void field(std::string_view key, T& value, const experiments::Limits&, std::string_view, std::string_view) {
    walk<T>(place_ + "/" + std::string(key), value);
  }
  template <class Config, class Presets>
  void preset(Config&, const Presets&) {}

 private:
  using Settings = std::vector<std::pair<std::string, std::string>>;
  KindCollector(std::vector<Kind>& kinds, std::string place, Settings chosen)
      : kinds_(kinds), place_(std::move(place)), chosen_(std::move(chosen)) {}

  template <class T>
  void walk(const std::string& place, T& value) {
    if constexpr (experiments::kIsNamed<T>) {
      for (const auto& [v, name] : experiments::NamesOf<T>::values) add(place, std::string(name), Json(name).dump());
    } else if constexpr (experiments::IsVariant<T>::value) {
      experiments::for_each_alternative<T>([&](size_t, auto type) {
        T choice = typename decltype(type)::type{};
        below(place, std::get<typename decltype(type)::type>(choice),
              add(place, std::string(decltype(type)::type::kind), experiments::JsonWriter::write(choice).dump()));
      });
    } else if constexpr (experiments::IsOptional<T>::value) {
      typename T::value_type inner{};
      walk(place, inner);
    } else if constexpr (experiments::IsVector<T>::value) {
      typename T::value_type item{};
      walk(place + "/0", item);
    } else if constexpr (std::is_class_v<T> && requires(KindCollector & v) { fields(v, value); }) {
      below(place, value, chosen_);
    }
  }
  template <class Config>
  void below(const std::string& place, Config& config, const Settings& chosen) {
    KindCollector collector(kinds_, place, chosen);
    fields(collector, config);
  }
  Settings add(const std::string& place, const std::string& name, const std::string& json) {
    Settings settings = chosen_;
    settings.emplace_back(place, json);
    kinds_.push_back({place, name, settings});
    return settings;
  }

  using Json = experiments::Json;
  std::vector<Kind>& kinds_;
  std::string place_;
  Settings chosen_;
};

/// `base` with this kind, at its defaults where it does not ask for more.
inline experiments::Json with_kind(const experiments::Json& base, const Kind& kind) {
  using Settings = std::vector<std::pair<std::string, std::string>>;
  const Settings one_step = {{"/policy", R"({"kind": "barrier"})"},
                             {"/local_steps", R"({"kind": "equal", "steps": 1})"}};
  const Settings points = {{"/data", R"({"kind": "gaussian-mixture", "clusters": 1, "dimensions": 8, "points": 128})"},
                           {"/model", R"({"kind": "mlp", "hidden": 8})"}};
  const Settings pieces = {{"/data/tokenizer/vocabulary", "400"}, {"/model/vocabulary", "400"}};
  const Settings scheduled = {{"/workers/0/availability/join_at_seconds", "1"}};
  const std::pair<std::string, std::string> even{"/local_steps", R"({"kind": "equal", "steps": 4})"};
  // What some kinds need beside them: files, other kinds, less than their defaults.
  const std::map<std::string, Settings> needs = {
      {"/data text", {{"/data/corpus", R"("data")"}}},
      {"/data gaussian-mixture", points},
      {"/model transformer", {{"/model/layers", "1"}, {"/model/width", "16"}, {"/model/context", "16"}}},
      {"/model mlp", points},
      {"/data/tokenizer sentencepiece", pieces},
      {"/workers/0/speed traced", {{"/workers/0/speed/file", R"("catalog/traces/shared_machine.csv")"}}},
      {"/workers/0/speed replay", {{"/workers/0/speed/trace", R"("catalog/traces/steps.csv")"}}},
      {"/local_steps timed", {{"/local_steps/seconds", "3"}}},
      {"/network ring", {one_step[0]}},
      {"/network all-gather", {one_step[0]}},
      {"/reduce by-tokens", {one_step[0]}},
      {"/reduce contributors", {one_step[0]}},
      {"/reduce edit", {one_step[0]}},
      {"/reduce radial-directional", {one_step[0]}},
      {"/overlap/landing own-step", {{"/overlap/steps", "null"}, {"/update_weight", "1"}, one_step[0]}},
      {"/fragments/cut strided", {even}},
      {"/fragments/cut sequential", {even}},
      {"/fragments/cut balanced", {even}},
      {"/start pretrain", {{"/start/steps", "3"}}},
      {"/start weights", {{"/start/file", R"("data/none.safetensors")"}}},
      {"/local/optimizer gradient", one_step},
      {"/outer optimizer", {one_step[0], one_step[1], {"/local/optimizer", R"({"kind": "gradient"})"}}}};
  experiments::Json document = tiny::with(base, kind.settings);
  // A kind within a kind has the needs of both.
  for (const auto& [pointer, json] : kind.settings) {
    const experiments::Json chosen = experiments::Json::parse(json);
    const std::string name = chosen.is_object() ? chosen.at("kind").get<std::string>() : chosen.get<std::string>();
    if (const auto found = needs.find(pointer + " " + name); found != needs.end())
      document = tiny::with(document, found->second);
  }
  if (kind.list.starts_with("/network/regions/0")) document["network"]["regions"][0]["name"] = "north";
  if (kind.name == "rtt-weighted") {
    document["network"]["sharing"] = kind.name;
    for (experiments::Json& worker : document["workers"]) worker["upload"]["latency_seconds"] = 0.1;
  }
  if (kind.list.starts_with("/region_servers")) {
    document = tiny::with(document, {{"/network", R"({"kind": "shared", "regions": [{"name": "north"}]})"}});
    for (experiments::Json& worker : document["workers"]) worker["region"] = "north";
  }
  return document;
}

}  // namespace tests
