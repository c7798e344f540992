#include "experiments/config/schema.h"

#include <functional>
#include <set>

#include "experiments/config/composing_keys.h"
#include "experiments/config/config_fields.h"
#include "experiments/config/json_writer.h"
#include "experiments/config/quantity.h"
#include "experiments/config/sweep_config.h"

namespace experiments {
namespace {

/// Where in the file a description stands, which decides what may be left out and what null means.
enum class Position {
  whole,   ///< read as it is: what is needed must be there
  common,  ///< a setting at the top level that every method adds to: what is needed may come from the methods
  patch,  ///< a method's own setting, laid over the common one: the kind may be the common one's, null takes a key back
};
constexpr std::string_view position_name(Position place) {
  return place == Position::whole ? "whole" : place == Position::common ? "common" : "method";
}

template <class T>
inline constexpr bool kIsScalar =
    std::is_arithmetic_v<T> || kIsNamed<T> || std::is_same_v<T, std::string> || IsNameOrNumber<T>::value;

/// Whole numbers without a fraction, for people's eyes.
Json schema_number(double value) {
  const bool whole = value == std::floor(value) && std::fabs(value) < 0x1p63;
  return whole ? Json(static_cast<int64_t>(value)) : Json(value);
}

/// Not written where it is needed, in a template: clang 14 forgets there to destroy what such a list copies.
Json all_of(const Json& schema) { return {{"allOf", Json::array({schema})}}; }

/// Of an object: as `schema` has it, or one that uses a part, which is checked in its place.
Json usable(const Json& schema) {
  Json uses;
  uses["type"] = "object";
  uses["required"] = {"use"};
  Json name;
  name["properties"]["use"]["type"] = "string";
  return {{"if", uses}, {"then", name}, {"else", schema}};
}

/// `schema` or null.
Json or_null(Json schema) {
  if (schema.contains("enum")) {
    schema["enum"].push_back(nullptr);
  } else if (const auto type = schema.find("type"); type != schema.end() && type->is_string() && *type != "object") {
    *type = Json::array({*type, "null"});
  } else if (!schema.empty() && type == schema.end() && schema.contains("anyOf")) {
    schema["anyOf"].push_back({{"type", "null"}});
  } else if (!schema.empty()) {
    return {{"anyOf", Json::array({schema, {{"type", "null"}}})}};
  }
  return schema;
}

/// The schemas of all structs, each stored once and referred to.
class Definitions {
 public:
  /// A reference to `schema`, under `name` or, where that is taken by another, under `name` and its place's.
  Json refer(const std::string& name, Position place, Json schema) {
    for (const auto& [known, definition] : all_.items())
      if (definition == schema) return to(known);
    std::string free = name;
    if (all_.contains(free)) free += "-" + std::string(position_name(place));
    for (int i = 2; all_.contains(free); ++i) free = name + "-" + std::to_string(i);
    all_[free] = std::move(schema);
    return to(free);
  }
  const Json& all() const { return all_; }

 private:
  static Json to(const std::string& name) { return {{"$ref", "#/definitions/" + name}}; }
  Json all_ = Json::object();
};

/// Describes one struct: a visitor over its fields.
class SchemaWriter : public FieldVisitor {
 public:
  SchemaWriter(Definitions& definitions, Position place) : definitions_(definitions), place_(place) {}

  template <class T>
  void field(std::string_view key, T& value, const Limits& limits, std::string_view unit, std::string_view meaning) {
    Json described;
    const std::string text = std::string(meaning) + (unit.empty() ? "" : " [" + std::string(unit) + "]");
    if (!text.empty()) described["description"] = text;
    Json schema = of(value, limits.in(unit), std::string(key), place_, definitions_);
    if (place_ == Position::patch) schema = or_null(std::move(schema));
    if (schema.contains("$ref")) schema = all_of(schema);  // beside $ref nothing counts
    described.update(schema);
    if (place_ != Position::patch && !limits.required && has_short_default(value))
      described["default"] = JsonWriter::write(value);
    properties_[std::string(key)] = std::move(described);
    if (limits.required) required_.push_back(key);
  }
  template <class Config, class Presets>
  void preset(Config&, const Presets& presets) {
    Json names = Json::array();
    for (const auto& [name, config] : presets) names.push_back(name);
    Json schema{{"description", "A named set of defaults for the other keys"}, {"enum", names}};
    properties_["preset"] = place_ == Position::patch ? or_null(std::move(schema)) : schema;
  }

  const Json& properties() const { return properties_; }
  const Json& required() const { return required_; }

  /// The object's own schema.
  Json object() const {
    Json schema{{"type", "object"}, {"properties", properties_}, {"additionalProperties", false}};
    if (place_ == Position::whole && !required_.empty()) schema["required"] = required_;
    return schema;
  }

  template <class T>
  static Json of(T& value, const Limits& limits, const std::string& name, Position place, Definitions& definitions) {
    if constexpr (IsOptional<T>::value) {
      typename T::value_type inner = value.value_or(typename T::value_type{});
      return or_null(of(inner, limits, name, place, definitions));
    } else if constexpr (std::is_same_v<T, Json>) {
      return Json::object();  // anything
    } else if constexpr (std::is_same_v<T, OneOrMore>) {
      std::vector<std::string> many;
      std::string one;
      return {{"anyOf", {of(one, limits, name, place, definitions), of(many, limits, name, place, definitions)}}};
    } else if constexpr (IsNameOrNumber<T>::value) {
      double other = 0;
      return {
          {"anyOf", {of(value.name, limits, name, place, definitions), of(other, limits, name, place, definitions)}}};
    } else if constexpr (std::is_same_v<T, bool>) {
      return {{"type", "boolean"}};
    } else if constexpr (kIsNamed<T>) {
      Json names = Json::array();
      for (const auto& [v, n] : NamesOf<T>::values) names.push_back(n);
      return {{"enum", names}};
    } else if constexpr (std::is_arithmetic_v<T>) {
      return number<T>(limits);
    } else if constexpr (std::is_same_v<T, std::string>) {
      Json schema{{"type", "string"}};
      if (limits.min_items > 0) schema["minLength"] = limits.min_items;
      return schema;
    } else if constexpr (IsVector<T>::value) {
      Limits of_items = limits;
      of_items.min_items = 0;
      typename T::value_type item{};
      Json schema{{"type", "array"}};
      // A method's array replaces the common one, so that its items are whole.
      schema["items"] = of(item, of_items, name, Position::whole, definitions);
      if (limits.min_items > 0) schema["minItems"] = limits.min_items;
      schema["maxItems"] = limits.max_items;
      return schema;
    } else if constexpr (IsVariant<T>::value) {
      return definitions.refer(name, place, usable(variant(value, name, place, definitions)));
    } else {
      SchemaWriter writer(definitions, place);
      fields(writer, value);
      return definitions.refer(name, place, usable(writer.object()));
    }
  }

 private:
  template <class T>
  static Json number(const Limits& limits) {
    Json schema{{"type", std::is_integral_v<T> ? "integer" : "number"}};
    const double low = std::is_unsigned_v<T> ? std::max(limits.min, 0.0) : limits.min;
    if (std::isfinite(low)) schema[limits.above_min ? "exclusiveMinimum" : "minimum"] = schema_number(low);
    if (std::isfinite(limits.max))
      schema["maximum"] = schema_number(limits.max);
    else if (std::is_integral_v<T>)
      schema["maximum"] = std::numeric_limits<T>::max();
    return {{"anyOf", Json::array({schema, {{"type", "string"}, {"pattern", quantity_pattern(limits.unit)}}})}};
  }

  /// An object whose "kind" says which alternative it is; without one it is the default's, or in a method any.
  template <class T>
  static Json variant(T& value, const std::string& name, Position place, Definitions& definitions) {
    Json kinds = Json::array(), conditions = Json::array(), any_of = Json::array();
    const std::string_view usual = std::visit([](const auto& v) { return std::decay_t<decltype(v)>::kind; }, value);
    for_each_alternative<T>([&](size_t, auto type) {
      using Alternative = typename decltype(type)::type;
      const std::string kind(Alternative::kind);
      kinds.push_back(kind);
      const Alternative* current = std::get_if<Alternative>(&value);
      Alternative alternative = current ? *current : Alternative{};
      SchemaWriter writer(definitions, place);
      writer.properties_["kind"] = {{"const", kind}};
      fields(writer, alternative);
      const Json described = definitions.refer(name + "-" + kind, place, writer.object());
      Json chosen{{"properties", {{"kind", {{"const", kind}}}}}};
      if (place == Position::patch || kind != usual) chosen["required"] = {"kind"};
      conditions.push_back({{"if", chosen}, {"then", described}});
      any_of.push_back(described);
    });
    if (place == Position::patch)
      conditions.push_back({{"if", {{"not", {{"required", {"kind"}}}}}}, {"then", {{"anyOf", any_of}}}});
    Json kind{{"enum", kinds}};
    if (place != Position::patch) kind["default"] = usual;
    return {{"type", "object"}, {"properties", {{"kind", kind}}}, {"allOf", conditions}};
  }

  /// Defaults of a few words; those of objects stand at their keys.
  template <class T>
  static bool has_short_default(const T& value) {
    if constexpr (IsOptional<T>::value)
      return !value || has_short_default(*value);
    else if constexpr (IsVector<T>::value)
      return value.empty() || kIsScalar<typename T::value_type>;
    else
      return kIsScalar<T>;
  }

  Definitions& definitions_;
  Position place_;
  Json properties_ = Json::object(), required_ = Json::array();
};

/// A method: its name and any of a run's settings.
Json method_schema(Definitions& definitions) {
  RunConfig run;
  SchemaWriter settings(definitions, Position::patch);
  fields(settings, run);
  MethodConfig method;
  Json properties;
  properties["name"] = SchemaWriter::of(method.name, not_empty(), "name", Position::whole, definitions);
  properties["name"]["description"] = "Names its curve and, as letters and digits, its directory";
  properties.update(settings.properties());
  return {{"type", "object"}, {"properties", properties}, {"required", {"name"}}, {"additionalProperties", false}};
}

/// `then` where none of these keys is there.
Json without(const std::vector<const char*>& keys, Json condition) {
  Json there = Json::array();
  for (const char* const key : keys) there.push_back({{"required", {key}}});
  condition["not"] = {{"anyOf", there}};
  return condition;
}

/// What must hold as soon as a method takes a common setting as it stands: that it is whole, and there if it is needed
/// and comes from nowhere else.
Json conditions_on_common(const Json& common, const SchemaWriter& whole) {
  Json conditions = Json::array();
  for (const auto& [key, schema] : whole.properties().items()) {
    const bool needed =
        std::find(whole.required().begin(), whole.required().end(), Json(key)) != whole.required().end();
    const bool of_cluster = std::find(std::begin(kClusterKeys), std::end(kClusterKeys), key) != std::end(kClusterKeys);
    const Json takes_it{{"contains", {{"not", {{"required", {key}}}}}}};
    const Json taken{{"properties", {{"methods", takes_it}}}, {"required", {"methods"}}};
    std::vector<const char*> elsewhere{"extends"};
    if (of_cluster) elsewhere.push_back("cluster");
    if (needed) conditions.push_back({{"if", without(elsewhere, taken)}, {"then", {{"required", {key}}}}});
    if (schema != common.at(key))
      conditions.push_back({{"if", without(elsewhere, taken)}, {"then", {{"properties", {{key, schema}}}}}});
  }
  return conditions;
}

/// A cluster: the name of a preset or a file, or an object with these keys.
Json cluster_schema(const Json& common) {
  Json properties;
  for (const char* const key : {"description", "source", "extends"}) properties[key] = {{"type", "string"}};
  properties["extends"]["description"] = "A preset's name or a file's, relative to this one";
  properties["parts"] = {{"type", "object"}};
  for (const char* const key : kClusterKeys) properties[key] = common.at(key);
  Json object{{"type", "object"}, {"properties", properties}, {"additionalProperties", false}};
  return {{"description",
           "Where it trains: the name of a preset (straggle presets) or of a file, or its own workers, network, …"},
          {"anyOf", Json::array({{{"type", "string"}}, object, {{"type", "null"}}})}};
}

}  // namespace

Json experiment_schema() {
  Definitions definitions;
  ExperimentConfig experiment;
  SchemaWriter comparison(definitions, Position::whole);
  fields(comparison, experiment);
  RunConfig run;
  SchemaWriter whole(definitions, Position::whole), common(definitions, Position::common);
  fields(whole, run);
  fields(common, run);
  SweepConfig sweep;

  Json properties{{"$schema", {{"description", "This schema, for editors; of no effect"}}}};
  properties.update(comparison.properties());
  properties["methods"] = {
      {"description", "What is compared: each with a name and any of the settings that is different for it"},
      {"type", "array"},
      {"minItems", 1},
      {"maxItems", kMostMethods},
      {"items", definitions.refer("method", Position::patch, usable(method_schema(definitions)))}};
  properties["sweep"] = or_null(SchemaWriter::of(sweep, any(), "sweep", Position::whole, definitions));
  properties["sweep"]["description"] = "What varies from point to point, for `straggle sweep`";
  properties["extends"] = {{"description", "An experiment file, relative to this one, which this is laid over"},
                           {"type", {"string", "null"}}};
  properties["cluster"] = cluster_schema(common.properties());
  properties["parts"] = {{"description", "Values with names, each used at as many places as you like: {\"use\": NAME}"},
                         {"type", {"object", "null"}}};
  properties.update(common.properties());
  Json required = comparison.required();
  required.push_back("methods");
  Json conditions = conditions_on_common(common.properties(), whole);
  conditions.push_back({{"if", without({"extends"}, Json::object())}, {"then", {{"required", required}}}});
  return {{"$schema", "http://json-schema.org/draft-07/schema#"},
          {"title", "straggle experiment"},
          {"description", "A comparison of training methods on one simulated cluster"},
          {"type", "object"},
          {"properties", properties},
          {"additionalProperties", false},
          {"allOf", conditions},
          {"definitions", definitions.all()}};
}

namespace {
/// Calls f(key, unit) for every property in `schema`; the unit is what its description ends with, as SchemaWriter does
/// it: " [s]".
void for_each_key(const Json& schema, const std::function<void(const std::string&, const std::string&)>& f) {
  for (const auto& [name, inner] : schema.items()) {
    if (inner.is_object() && inner.contains("description") && inner["description"].is_string()) {
      const std::string text = inner["description"];
      const size_t open = text.rfind(" [");
      f(name, text.ends_with(']') && open != text.npos ? text.substr(open + 2, text.size() - open - 3) : "");
    }
    if (inner.is_structured()) for_each_key(inner, f);
  }
}
const Json& schema_once() {
  static const Json schema = experiment_schema();
  return schema;
}
}  // namespace

std::set<std::string> path_keys() {
  std::set<std::string> keys;
  for_each_key(schema_once(), [&](const std::string& key, const std::string& unit) {
    if (unit == "path") keys.insert(key);
  });
  return keys;
}

std::string unit_of(const std::string& pointer) {
  const std::string last = pointer.substr(pointer.rfind('/') + 1);
  std::set<std::string> units;
  for_each_key(schema_once(), [&](const std::string& key, const std::string& unit) {
    if (key == last) units.insert(unit);
  });
  return units.size() == 1 ? *units.begin() : "";
}

}  // namespace experiments
