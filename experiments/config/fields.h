#pragma once
#include <array>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

namespace experiments {

/// Every configuration struct is described once, by a function template `fields(visitor, config)` that names each key
/// with its limits, unit and meaning. Reading, writing, the format's documentation and its checks are visitors over
/// that one description. It stands beside its struct: those of sim and models in their headers, with V for the
/// visitor's type, which brings the words for limits.

/// What a key's value may be, beyond its type.
struct Limits {
  double min = -std::numeric_limits<double>::infinity();
  double max = std::numeric_limits<double>::infinity();
  bool above_min = false;  ///< min itself is not allowed
  bool required = false;
  size_t min_items = 0;          ///< arrays and strings
  size_t max_items = 1'000'000;  ///< arrays
  std::string_view unit{};       ///< that a number has, and may be written with; of fields, which say it by itself

  constexpr Limits needed() const {
    Limits l = *this;
    l.required = true;
    return l;
  }
  constexpr Limits in(std::string_view of_unit) const {
    Limits l = *this;
    l.unit = of_unit;
    return l;
  }
};
constexpr Limits any() { return {}; }
constexpr Limits at_least(double min) { return {.min = min}; }
constexpr Limits above(double min) { return {.min = min, .above_min = true}; }
/// Above min and at most max.
constexpr Limits above(double min, double max) { return {.min = min, .max = max, .above_min = true}; }
constexpr Limits between(double min, double max) { return {.min = min, .max = max}; }
constexpr Limits not_empty() { return {.min_items = 1}; }
constexpr Limits not_empty(size_t max_items) { return {.min_items = 1, .max_items = max_items}; }

/// What every visitor over `fields` has: the words for limits, as V::above(0), for those who include nothing of ours.
struct FieldVisitor {
  static constexpr Limits any() { return experiments::any(); }
  static constexpr Limits at_least(double min) { return experiments::at_least(min); }
  static constexpr Limits above(double min) { return experiments::above(min); }
  static constexpr Limits above(double min, double max) { return experiments::above(min, max); }
  static constexpr Limits between(double min, double max) { return experiments::between(min, max); }
  static constexpr Limits not_empty() { return experiments::not_empty(); }
};

/// In JSON one string or an array of them.
struct OneOrMore {
  std::vector<std::string> items;
};

/// In JSON one of an enum's names or a number.
template <class E>
struct NameOrNumber {
  E name{};
  std::optional<double> number;  ///< instead of the name
  bool operator==(const NameOrNumber&) const = default;
};

template <class T>
struct IsNamedAlternatives : std::false_type {};
template <class... T>
requires(requires { T::name; } && ...) struct IsNamedAlternatives<std::variant<T...>> : std::true_type {
};

/// In JSON the name of one of a few: an enum that has `constexpr auto names_of(E)` beside it, an array of pairs of
/// value and name; or a variant whose alternatives have nothing but a `name`.
template <class T>
inline constexpr bool kIsNamed = std::is_enum_v<T> || IsNamedAlternatives<T>::value;

/// The values of a named type and their names, in order.
template <class T>
struct NamesOf {
  static constexpr auto values = names_of(T{});
};
template <class... T>
struct NamesOf<std::variant<T...>> {
  static constexpr std::array<std::pair<std::variant<T...>, std::string_view>, sizeof...(T)> values{
      {{T{}, T::name}...}};
};

template <class T>
constexpr std::string_view name_of(const T& value) {
  for (const auto& [v, name] : NamesOf<T>::values)
    if (v == value) return name;
  return "?";
}

template <class T>
struct IsOptional : std::false_type {};
template <class T>
struct IsOptional<std::optional<T>> : std::true_type {};
template <class T>
struct IsVector : std::false_type {};
template <class T>
struct IsVector<std::vector<T>> : std::true_type {};
template <class T>
struct IsNameOrNumber : std::false_type {};
template <class E>
struct IsNameOrNumber<NameOrNumber<E>> : std::true_type {};
template <class T>
struct IsVariant : std::false_type {};
template <class... T>
struct IsVariant<std::variant<T...>> : std::bool_constant<!kIsNamed<std::variant<T...>>> {};

/// Calls f(alternative index, std::type_identity<T>) for each alternative T of a variant.
template <class Variant, class F>
void for_each_alternative(F&& f) {
  [&]<size_t... i>(std::index_sequence<i...>) {
    (f(i, std::type_identity<std::variant_alternative_t<i, Variant>>{}), ...);
  }
  (std::make_index_sequence<std::variant_size_v<Variant>>{});
}

}  // namespace experiments
