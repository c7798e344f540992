#include "experiments/config/place.h"

#include <algorithm>

#include "experiments/config/experiment_config.h"

namespace experiments {
namespace {

using Pointer = Json::json_pointer;

/// A pointer's tokens, unescaped. Throws Json::exception for what is no pointer.
std::vector<std::string> tokens_of(const std::string& text) {
  std::vector<std::string> tokens;
  for (Pointer pointer(text); !pointer.empty(); pointer.pop_back()) tokens.push_back(pointer.back());
  std::reverse(tokens.begin(), tokens.end());
  return tokens;
}

/// Follows the tokens from `index` on below `at` (nullptr: not there yet). False where they lead nowhere.
bool follow(const Json* at, const std::vector<std::string>& tokens, size_t index, const Pointer& so_far,
            std::vector<Pointer>& found) {
  if (index == tokens.size()) {
    found.push_back(so_far);
    return true;
  }
  const std::string& token = tokens[index];
  const auto next = [&](const Json* below, const Pointer& place) {
    return follow(below, tokens, index + 1, place, found);
  };
  if (at && at->is_array()) {
    if (token == "-") return next(nullptr, so_far / token);
    if (token != "*") {
      for (size_t i = 0; i < at->size(); ++i) {
        const Json& item = (*at)[i];
        if (item.is_object() && item.contains("name") && item["name"] == token)
          return next(&item, so_far / std::to_string(i));
      }
      const Pointer item("/" + pointer_token(token));
      return at->contains(item) && next(&at->at(item), so_far / token);
    }
    for (size_t i = 0; i < at->size(); ++i)
      if (!next(&(*at)[i], so_far / std::to_string(i))) return false;
    return !at->empty();
  }
  if (token == "*") return false;
  if (!at || at->is_null()) {
    // The library takes a number below nothing for an index and makes an array as long, and an empty key for a number.
    const bool index = token != "0" && token.find_first_not_of("0123456789") == std::string::npos;
    return !index && next(nullptr, so_far / token);
  }
  if (!at->is_object()) return false;
  const auto child = at->find(token);
  return next(child == at->end() ? nullptr : &*child, so_far / token);
}

}  // namespace

std::vector<Pointer> places(const Json& document, const std::string& pointer) {
  std::vector<Pointer> found;
  try {
    if (!follow(&document, tokens_of(pointer), 0, Pointer(), found)) found.clear();
  } catch (const Json::exception&) {
    found.clear();
  }
  return found;
}

bool lies_in_array(const Json& whole, const Json& document, const std::string& pointer) {
  for (size_t end = pointer.find('/', 1); end != pointer.npos; end = pointer.find('/', end + 1)) {
    try {
      const Pointer prefix(pointer.substr(0, end));
      if (!document.contains(prefix) && whole.contains(prefix) && whole[prefix].is_array()) return true;
    } catch (const Json::exception&) {
      return false;
    }
  }
  return false;
}

std::string place_of(const MethodConfig& method, size_t index, const std::string& pointer) {
  const bool own = method.own && !pointer.empty() && method.own->contains(Pointer(pointer));
  return (own ? "/methods/" + std::to_string(index) : "") + pointer;
}

bool lies_in(const std::string& inner, const std::string& outer) {
  const auto below = tokens_of(inner), above = tokens_of(outer);
  const auto index = [](const std::string& token) {
    return !token.empty() && token.find_first_not_of("0123456789") == std::string::npos;
  };
  const auto same = [&](const std::string& a, const std::string& b) {
    return a == b || (a == "*" && index(b)) || (b == "*" && index(a));
  };
  return above.size() <= below.size() && std::equal(above.begin(), above.end(), below.begin(), same);
}

}  // namespace experiments
