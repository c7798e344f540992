#pragma once
#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

#include "models/limits.h"

namespace experiments {

/// Every configuration struct is described once, by a function template `fields(visitor, config)` that names each key
/// with its limits, unit and meaning. Reading, writing, the format's documentation and its checks are visitors over
/// that one description.

using models::above;
using models::any;
using models::at_least;
using models::between;
using models::Limits;
using models::not_empty;

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

/// The JSON names of an enum's values, in order: specialise with `static constexpr std::array<std::pair<E,
/// std::string_view>, N> values`.
template <class E>
struct EnumNames;

template <class E>
constexpr std::string_view enum_name(E value) {
  for (const auto& [v, name] : EnumNames<E>::values)
    if (v == value) return name;
  return "?";
}

/// The `"kind"` that selects an alternative of a std::variant.
template <class T>
inline constexpr std::string_view kind_of = T::kind;

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
struct IsVariant<std::variant<T...>> : std::true_type {};

/// Calls f(alternative index, std::type_identity<T>) for each alternative T of a variant.
template <class Variant, class F>
void for_each_alternative(F&& f) {
  [&]<size_t... i>(std::index_sequence<i...>) {
    (f(i, std::type_identity<std::variant_alternative_t<i, Variant>>{}), ...);
  }
  (std::make_index_sequence<std::variant_size_v<Variant>>{});
}

}  // namespace experiments
