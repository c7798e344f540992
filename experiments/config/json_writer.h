#pragma once
#include "experiments/config/fields.h"
#include "experiments/config/json_reader.h"

namespace experiments {

/// Writes a struct as JSON through its `fields`, every default spelled out. Reading it back gives the same struct.
class JsonWriter : public FieldVisitor {
 public:
  template <class T>
  void field(std::string_view key, T& value, const Limits&, std::string_view, std::string_view) {
    object_[std::string(key)] = write(value);
  }
  template <class Config, class Presets>
  void preset(Config&, const Presets&) {}

  template <class T>
  static Json write(T& value) {
    if constexpr (IsOptional<T>::value) {
      return value ? write(*value) : Json(nullptr);
    } else if constexpr (std::is_same_v<T, OneOrMore>) {
      return value.items.size() == 1 ? Json(value.items[0]) : Json(value.items);
    } else if constexpr (IsNameOrNumber<T>::value) {
      return value.number ? Json(*value.number) : write(value.name);
    } else if constexpr (kIsNamed<T>) {
      return Json(std::string(name_of(value)));
    } else if constexpr (std::is_arithmetic_v<T> || std::is_same_v<T, std::string> || std::is_same_v<T, Json>) {
      return Json(value);
    } else if constexpr (IsVector<T>::value) {
      Json array = Json::array();
      for (auto& item : value) array.push_back(write(item));
      return array;
    } else if constexpr (IsVariant<T>::value) {
      return std::visit(
          [](auto& alternative) {
            JsonWriter writer;
            writer.object_["kind"] = std::string(std::decay_t<decltype(alternative)>::kind);
            fields(writer, alternative);
            return writer.object_;
          },
          value);
    } else {
      JsonWriter writer;
      fields(writer, value);
      return writer.object_;
    }
  }

 private:
  Json object_ = Json::object();
};

}  // namespace experiments
