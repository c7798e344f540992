#pragma once
#include <cmath>
#include <nlohmann/json.hpp>
#include <string>

#include "experiments/config/fields.h"
#include "experiments/config/invalid_config.h"

namespace experiments {

using Json = nlohmann::ordered_json;

/// The value as JSON text. Bytes that are no UTF-8 (in a path, say) become U+FFFD.
std::string text_of(const Json& value, int indent = -1);
/// What the JSON library says, without its own prefix ("[json.exception.…] ").
std::string library_words(const Json::exception&);
/// A number as a person would write it.
std::string number_text(double value);
/// "an object", "a string", "the number 3", …
std::string describe(const Json& value);
/// Escapes a key for a JSON pointer (RFC 6901).
std::string pointer_token(std::string_view key);
/// Of the allowed names the one that a slip of a few letters, or another word of the field's, may have meant; or "".
std::string_view closest_name(std::string_view name, const std::vector<std::string_view>& allowed);
/// "is unknown; keys: a, b, c; did you mean b?"
std::string unknown_name(std::string_view name, std::string_view noun, const std::vector<std::string_view>& allowed);
/// The same for a JSON value that should be one of the names, in front of it what it is: "\"stedy\" is unknown; …".
std::string unknown_value(const Json& value, std::string_view noun, const std::vector<std::string_view>& allowed);
/// What `limits` allows, for a message: "a number above 0".
std::string allowed_numbers(std::string_view noun, const Limits& limits);
/// The number that a JSON value is, or a string with a unit stands for; not a number where it is neither.
double number_of(const Json& value, const Limits& limits);
/// "is …; allowed: a number above 0, in s, or a string with its unit (ns, us, ms, s, min, h or d)".
std::string not_a_number(const Json& value, std::string_view noun, const Limits& limits);

/// More mistakes than these in one file tell nobody anything.
inline constexpr size_t kMostMistakes = 100;

/// Reads one JSON object into a struct through its `fields`, noting every mistake instead of stopping at the first; in
/// arrays and among unknown keys up to kMostMistakes.
class JsonReader : public FieldVisitor {
 public:
  JsonReader(const Json& object, std::string pointer, std::vector<Mistake>& mistakes)
      : object_(object), pointer_(std::move(pointer)), mistakes_(mistakes) {}

  template <class T>
  void field(std::string_view key, T& value, const Limits& limits, std::string_view unit, std::string_view) {
    known_.push_back(key);
    const auto it = object_.find(key);
    if (it == object_.end()) {
      if (limits.required) mistakes_.push_back({pointer_, "has no \"" + std::string(key) + "\", which is needed"});
      return;
    }
    read(*it, value, limits.in(unit), pointer_ + "/" + pointer_token(key), mistakes_);
  }

  /// Replaces the whole struct by a named set of defaults before its fields are read.
  template <class Config, class Presets>
  void preset(Config& config, const Presets& presets) {
    known_.push_back("preset");
    const auto it = object_.find("preset");
    if (it == object_.end()) return;
    std::vector<std::string_view> names;
    for (const auto& [name, value] : presets) {
      if (it->is_string() && it->template get_ref<const std::string&>() == name) {
        config = value;
        return;
      }
      names.push_back(name);
    }
    mistakes_.push_back({pointer_ + "/preset", unknown_value(*it, "presets", names)});
  }

  /// Notes every key that no field asked for.
  void finish() {
    for (const auto& [key, value] : object_.items()) {
      bool is_known = false;
      for (const auto k : known_) is_known = is_known || k == key;
      if (mistakes_.size() >= kMostMistakes) return;
      if (!is_known) mistakes_.push_back({pointer_ + "/" + pointer_token(key), unknown_name(key, "keys", known_)});
    }
  }
  void know(std::string_view key) { known_.push_back(key); }
  const std::vector<std::string_view>& known() const { return known_; }

  template <class T>
  static void read(const Json& json, T& value, const Limits& limits, const std::string& pointer,
                   std::vector<Mistake>& mistakes) {
    if constexpr (IsOptional<T>::value) {
      if (json.is_null()) {
        value.reset();
        return;
      }
      typename T::value_type inner{};
      read(json, inner, limits, pointer, mistakes);
      value = inner;
    } else if constexpr (std::is_same_v<T, Json>) {
      value = json;
    } else if constexpr (std::is_same_v<T, OneOrMore>) {
      if (json.is_array())
        read_array(json, value.items, limits, pointer, mistakes);
      else if (json.is_string())
        read(json, value.items.emplace_back(), limits, pointer, mistakes);
      else
        mistakes.push_back({pointer, "is " + describe(json) + "; allowed: a string or an array of strings"});
    } else if constexpr (IsNameOrNumber<T>::value) {
      value = {};
      if (json.is_number())
        read_number(json, value.number.emplace(), limits, pointer, mistakes);
      else
        read_enum(json, value.name, pointer, mistakes, "allowed besides " + allowed_numbers("a number", limits));
    } else if constexpr (std::is_same_v<T, bool>) {
      if (json.is_boolean())
        value = json.get<bool>();
      else
        mistakes.push_back({pointer, "is " + describe(json) + "; allowed: true or false"});
    } else if constexpr (kIsNamed<T>) {
      read_enum(json, value, pointer, mistakes);
    } else if constexpr (std::is_integral_v<T>) {
      read_integer(json, value, limits, pointer, mistakes);
    } else if constexpr (std::is_floating_point_v<T>) {
      read_number(json, value, limits, pointer, mistakes);
    } else if constexpr (std::is_same_v<T, std::string>) {
      if (!json.is_string())
        mistakes.push_back({pointer, "is " + describe(json) + "; allowed: a string"});
      else if (json.get_ref<const std::string&>().size() < limits.min_items)
        mistakes.push_back({pointer, "is empty"});
      else
        value = json.get<std::string>();
    } else if constexpr (IsVector<T>::value) {
      read_array(json, value, limits, pointer, mistakes);
    } else if constexpr (IsVariant<T>::value) {
      read_variant(json, value, pointer, mistakes);
    } else {
      read_object(json, value, pointer, mistakes);
    }
  }

 private:
  template <class T>
  static void read_object(const Json& json, T& value, const std::string& pointer, std::vector<Mistake>& mistakes,
                          bool has_kind = false) {
    if (!json.is_object()) {
      mistakes.push_back({pointer, "is " + describe(json) + "; allowed: an object"});
      return;
    }
    JsonReader reader(json, pointer, mistakes);
    if (has_kind) reader.know("kind");
    fields(reader, value);
    reader.finish();
  }

  template <class T>
  static void read_variant(const Json& json, T& value, const std::string& pointer, std::vector<Mistake>& mistakes) {
    if (!json.is_object()) {
      mistakes.push_back({pointer, "is " + describe(json) + "; allowed: an object with a \"kind\""});
      return;
    }
    std::vector<std::string_view> kinds;
    for_each_alternative<T>([&](size_t, auto type) { kinds.push_back(decltype(type)::type::kind); });
    const auto it = json.find("kind");
    std::string_view kind;
    if (it == json.end()) {
      kind = std::visit([](const auto& alternative) { return std::decay_t<decltype(alternative)>::kind; }, value);
    } else if (it->is_string()) {
      kind = it->get_ref<const std::string&>();
    }
    bool found = false;
    for_each_alternative<T>([&](size_t, auto type) {
      using Alternative = typename decltype(type)::type;
      if (kind != Alternative::kind) return;
      found = true;
      Alternative* current = std::get_if<Alternative>(&value);
      Alternative alternative = current ? *current : Alternative{};
      read_object(json, alternative, pointer, mistakes, true);
      value = std::move(alternative);
    });
    if (!found) mistakes.push_back({pointer + "/kind", unknown_value(*it, "kinds", kinds)});
  }

  template <class T>
  static void read_array(const Json& json, std::vector<T>& value, const Limits& limits, const std::string& pointer,
                         std::vector<Mistake>& mistakes) {
    if (!json.is_array()) {
      mistakes.push_back({pointer, "is " + describe(json) + "; allowed: an array" +
                                       (json.is_number() ? ", e.g. [" + json.dump() + "]" : "")});
      return;
    }
    if (json.size() > limits.max_items) {
      mistakes.push_back({pointer, "has " + std::to_string(json.size()) + " items; allowed: at most " +
                                       std::to_string(limits.max_items)});
      return;
    }
    if (json.size() < limits.min_items) mistakes.push_back({pointer, "is an empty array; at least one item is needed"});
    value.clear();
    Limits item_limits = limits;
    item_limits.min_items = 0;
    for (size_t i = 0; i < json.size() && mistakes.size() < kMostMistakes; ++i) {
      value.emplace_back();
      read(json[i], value.back(), item_limits, pointer + "/" + std::to_string(i), mistakes);
    }
  }

  template <class E>
  static void read_enum(const Json& json, E& value, const std::string& pointer, std::vector<Mistake>& mistakes,
                        const std::string& noun = "values") {
    std::vector<std::string_view> names;
    for (const auto& [v, name] : NamesOf<E>::values) {
      if (json.is_string() && json.get_ref<const std::string&>() == name) {
        value = v;
        return;
      }
      names.push_back(name);
    }
    mistakes.push_back({pointer, unknown_value(json, noun, names)});
  }

  template <class T>
  static void read_integer(const Json& json, T& value, const Limits& limits, const std::string& pointer,
                           std::vector<Mistake>& mistakes) {
    Limits of_integers = limits;
    of_integers.min = std::is_unsigned_v<T> ? std::max(limits.min, 0.0) : limits.min;
    // A whole number may be written 1e6; one that no integer holds exactly is refused.
    const double number = number_of(json, limits);
    const bool whole = json.is_number_integer() || (number == std::floor(number) && std::fabs(number) <= 0x1p53);
    const bool fits = std::is_unsigned_v<T> ? number < 0x1p64 : number < 0x1p63 && number >= -0x1p63;
    if (!whole || !fits || !within(number, of_integers)) {
      mistakes.push_back({pointer, not_a_number(json, "a whole number", of_integers)});
      return;
    }
    value = json.is_number_integer() ? json.get<T>() : static_cast<T>(number);
  }

  template <class T>
  static void read_number(const Json& json, T& value, const Limits& limits, const std::string& pointer,
                          std::vector<Mistake>& mistakes) {
    const double number = number_of(json, limits);
    if (!std::isfinite(number) || !within(number, limits))
      mistakes.push_back({pointer, not_a_number(json, "a number", limits)});
    else
      value = static_cast<T>(number);
  }

  static bool within(double number, const Limits& limits) {
    return (limits.above_min ? number > limits.min : number >= limits.min) && number <= limits.max;
  }

  const Json& object_;
  std::string pointer_;
  std::vector<Mistake>& mistakes_;
  std::vector<std::string_view> known_;
};

}  // namespace experiments
