#include "experiments/config/format_text.h"

#include <set>
#include <sstream>

#include "experiments/config/config_fields.h"
#include "experiments/config/json_writer.h"
#include "experiments/config/sweep_config.h"

namespace experiments {
namespace {

template <class T>
std::string type_text(const Limits& limits) {
  if constexpr (IsOptional<T>::value) {
    return type_text<typename T::value_type>(limits) + " or null";
  } else if constexpr (std::is_same_v<T, Json>) {
    return "any value";
  } else if constexpr (std::is_same_v<T, OneOrMore>) {
    return "string or array of strings";
  } else if constexpr (IsNameOrNumber<T>::value) {
    return type_text<decltype(T::name)>(limits) + " or " + allowed_numbers("a number", limits);
  } else if constexpr (std::is_same_v<T, bool>) {
    return "true or false";
  } else if constexpr (kIsNamed<T>) {
    std::string names;
    for (const auto& [value, name] : NamesOf<T>::values)
      names += (names.empty() ? "`\"" : ", `\"") + std::string(name) + "\"`";
    return names;
  } else if constexpr (std::is_integral_v<T>) {
    return allowed_numbers("whole number", std::is_unsigned_v<T> ? Limits{.min = 0} : limits);
  } else if constexpr (std::is_floating_point_v<T>) {
    return allowed_numbers("number", limits);
  } else if constexpr (std::is_same_v<T, std::string>) {
    return "string";
  } else if constexpr (IsVector<T>::value) {
    return "array of: " + type_text<typename T::value_type>(limits);
  } else if constexpr (IsVariant<T>::value) {
    std::string kinds;
    for_each_alternative<T>([&](size_t, auto type) {
      kinds += (kinds.empty() ? "`\"" : ", `\"") + std::string(decltype(type)::type::kind) + "\"`";
    });
    return "object with `kind` " + kinds;
  } else {
    return "object";
  }
}

/// A struct with keys of its own, described in a section of its own.
template <class T>
inline constexpr bool kHasKeys = std::is_class_v<T> && !std::is_same_v<T, std::string> && !std::is_same_v<T, Json> &&
                                 !std::is_same_v<T, OneOrMore> && !IsNameOrNumber<T>::value && !kIsNamed<T>;

/// Collects a section for each struct, outermost first.
class FormatWriter : public FieldVisitor {
 public:
  explicit FormatWriter(std::string place, std::vector<std::string>& sections)
      : place_(std::move(place)), sections_(sections) {}

  template <class T>
  void field(std::string_view key, T& value, const Limits& limits, std::string_view unit, std::string_view meaning) {
    const std::string fallback = limits.required ? "needed" : default_text(value);
    rows_ += "| `" + std::string(key) + "` | " + type_text<T>(limits) + " | " + std::string(unit) + " | " + fallback +
             " | " + std::string(meaning) + " |\n";
    below(place_ + "/" + std::string(key), value);
  }
  template <class Config, class Presets>
  void preset(Config&, const Presets& presets) {
    std::string names;
    for (const auto& [name, config] : presets) names += (names.empty() ? "`\"" : ", `\"") + std::string(name) + "\"`";
    rows_ += "| `preset` | " + names + " | | none | A named set of defaults for the keys below; not written back |\n";
  }

  template <class T>
  static void section(const std::string& place, const std::string& kind, T& value, std::vector<std::string>& sections) {
    const size_t slot = sections.size();
    sections.emplace_back();
    FormatWriter writer(place, sections);
    fields(writer, value);
    std::string text = "### `" + (place.empty() ? "/" : place) + "`" +
                       (kind.empty() ? "" : " with `\"kind\": \"" + kind + "\"`") + "\n\n";
    text += writer.rows_.empty()
                ? "No other keys.\n"
                : "| key | type | unit | default | meaning |\n| --- | --- | --- | --- | --- |\n" + writer.rows_;
    sections[slot] = text;
  }

 private:
  template <class T>
  void below(const std::string& place, T& value) {
    if constexpr (IsVariant<T>::value) {
      for_each_alternative<T>([&](size_t, auto type) {
        typename decltype(type)::type alternative{};
        section(place, std::string(decltype(alternative)::kind), alternative, sections_);
      });
    } else if constexpr (IsVector<T>::value) {
      if constexpr (kHasKeys<typename T::value_type>) {
        typename T::value_type item{};
        below(place + "/…", item);
      }
    } else if constexpr (IsOptional<T>::value) {
      typename T::value_type inner{};
      below(place, inner);
    } else if constexpr (kHasKeys<T>) {
      section(place, "", value, sections_);
    }
  }

  template <class T>
  static std::string default_text(T& value) {
    if constexpr (IsVector<T>::value || std::is_arithmetic_v<T> || kIsNamed<T> || IsOptional<T>::value || !kHasKeys<T>)
      return "`" + JsonWriter::write(value).dump() + "`";
    else if constexpr (IsVariant<T>::value)
      return "`\"" + std::string(JsonWriter::write(value).at("kind").template get_ref<const std::string&>()) + "\"`";
    else
      return "as below";
  }

  std::string place_;
  std::string rows_;
  std::vector<std::string>& sections_;
};

}  // namespace

std::string format_text() {
  std::vector<std::string> sections;
  ExperimentConfig experiment;
  FormatWriter::section("", "", experiment, sections);
  sections.back() +=
      "| `methods` | array of objects | | needed | Each with a `name` and any of the settings below that is different "
      "for it |\n";
  sections.back() +=
      "| `sweep` | object or null | | `null` | What varies from point to point, for `straggle sweep`; its keys are at "
      "the end of this page |\n";
  sections.emplace_back("## Settings of a run\n\nAt the top level for all methods, or in a method for that one.\n");
  RunConfig run;
  FormatWriter::section("", "", run, sections);
  sections.emplace_back("## Sweep\n\nAt the top level only; docs/sweeps.md explains it.\n");
  SweepConfig sweep;
  FormatWriter::section("/sweep", "", sweep, sections);
  std::string text;
  std::set<std::string> seen;  // a struct that stands at two places is described at both
  for (const std::string& section : sections)
    if (seen.insert(section).second) text += section + "\n";
  return text;
}

}  // namespace experiments
