#include "experiments/run/compare_files.h"

#include <sstream>

namespace experiments {
namespace {

constexpr size_t kLongestValue = 80;

std::string shown(const Json& value) {
  std::string text = text_of(value);
  if (text.size() > kLongestValue) text = text.substr(0, kLongestValue) + "…";
  return text;
}

std::string differ(const std::string& pointer, const std::string& stored, const std::string& found) {
  return (pointer.empty() ? "" : pointer + ": ") + stored + " is stored, " + found + " was found";
}

/// An integer and a number of the same value differ in how they are written: the records are compared bit for bit.
bool same(const Json& a, const Json& b) { return a.type() == b.type() && a == b; }

std::optional<std::string> difference(const Json& stored, const Json& found, const std::string& pointer) {
  if (stored.is_object() && found.is_object()) {
    for (const auto& [key, value] : stored.items()) {
      const std::string below = pointer + "/" + pointer_token(key);
      const auto other = found.find(key);
      if (other == found.end()) return differ(below, shown(value), "nothing");
      if (auto first = difference(value, *other, below)) return first;
    }
    return std::nullopt;
  }
  if (stored.is_array() && found.is_array()) {
    for (size_t i = 0; i < stored.size() && i < found.size(); ++i)
      if (auto first = difference(stored[i], found[i], pointer + "/" + std::to_string(i))) return first;
    if (stored.size() != found.size())
      return differ(pointer, std::to_string(stored.size()) + " items", std::to_string(found.size()));
    return std::nullopt;
  }
  return same(stored, found) ? std::nullopt : std::optional(differ(pointer, shown(stored), shown(found)));
}

}  // namespace

std::optional<std::string> first_difference(const Json& stored, const Json& found) {
  return difference(stored, found, "");
}

std::optional<std::string> first_difference(const std::string& stored, const std::string& found, bool prefix) {
  std::istringstream stored_lines(stored), found_lines(found);
  std::string ours, theirs;
  for (size_t number = 1;; ++number) {
    const bool some_stored = static_cast<bool>(std::getline(stored_lines, ours));
    const bool some_found = static_cast<bool>(std::getline(found_lines, theirs));
    const std::string place = "line " + std::to_string(number);
    if (!some_found && (!some_stored || prefix)) return std::nullopt;
    if (!some_stored) return place + " is not stored, but was found";
    if (!some_found) return place + " is stored, but was not found";
    if (ours == theirs) continue;
    const Json a = Json::parse(ours, nullptr, false), b = Json::parse(theirs, nullptr, false);
    if (a.is_discarded() || b.is_discarded()) return place + " is not valid JSON";
    if (const auto first = first_difference(a, b)) return place + ", " + *first;
  }
}

}  // namespace experiments
