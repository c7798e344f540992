#include "experiments/config/json_file.h"

#include <algorithm>
#include <fstream>
#include <set>
#include <sstream>
#include <vector>

#include "experiments/config/invalid_config.h"
#include "models/input_file.h"

namespace experiments {
namespace {

/// "file: line 3, column 7: …" out of the library's message, which has the place but words of its own around it.
std::string syntax_message(const Json::exception& error) {
  const std::string what = library_words(error);
  const size_t place = what.find("at line ");
  if (place == std::string::npos) return "not valid JSON: " + what;  // a number beyond doubles
  std::string message = what.substr(place + 3);
  const size_t colon = message.find(": ");
  if (colon != std::string::npos) message = message.substr(0, colon) + ": not valid JSON: " + message.substr(colon + 2);
  return message;
}

/// What people write that JSON does not know, at the byte where the library stopped; "" for anything else.
std::string syntax_hint(const std::string& text, size_t byte) {
  const size_t at = std::min(byte, text.size()) - (byte > 0 ? 1 : 0);
  if (at >= text.size()) return "";
  const size_t before = at > 0 ? text.find_last_not_of(" \t\r\n", at - 1) : std::string::npos;
  if ((text[at] == '}' || text[at] == ']') && before != std::string::npos && text[before] == ',')
    return "; nothing follows the comma: take it away";
  return text[at] == '\'' ? "; JSON takes double quotes, not single ones" : "";
}

constexpr int kDeepest = 64;
constexpr uintmax_t kLargestFile = uintmax_t{64} << 20;

/// An object or array that is being read.
struct Open {
  bool array = false;
  size_t index = 0;
  std::string key;  // the latest
  std::set<std::string> keys;
};

}  // namespace

Json parse_json(const std::string& text, const std::string& file, size_t most_keys) {
  std::vector<Open> open;  // outermost first
  std::vector<Mistake> mistakes;
  const auto place = [&] {
    std::string pointer;
    for (const Open& o : open) pointer += "/" + (o.array ? std::to_string(o.index) : pointer_token(o.key));
    return pointer;
  };
  const auto watch = [&](int depth, nlohmann::detail::parse_event_t event, Json& value) {
    using Event = nlohmann::detail::parse_event_t;
    if (depth > kDeepest)
      throw InvalidConfig(file, {{"", "is nested more than " + std::to_string(kDeepest) + " levels deep"}});
    if (event == Event::object_start || event == Event::array_start)
      open.push_back({event == Event::array_start, 0, {}, {}});
    if (event == Event::object_end || event == Event::array_end) open.pop_back();
    if (event == Event::key) {
      Open& object = open.back();
      object.key = value.get<std::string>();
      if (!object.keys.insert(object.key).second && mistakes.size() < kMostMistakes)
        mistakes.push_back({place(), "is there twice in one object"});
      if (object.keys.size() > most_keys)
        throw InvalidConfig(file, {{"", "has an object of more than " + std::to_string(most_keys) + " keys"}});
    }
    const bool ended = event == Event::value || event == Event::object_end || event == Event::array_end;
    if (ended && !open.empty() && open.back().array) ++open.back().index;
    return true;
  };
  try {
    Json document = Json::parse(text, watch, true, true);  // comments are no part of it
    if (!mistakes.empty()) throw InvalidConfig(file, mistakes);
    return document;
  } catch (const Json::parse_error& error) {
    throw InvalidConfig(file, {{"", syntax_message(error) + syntax_hint(text, error.byte)}});
  } catch (const Json::exception& error) {
    throw InvalidConfig(file, {{"", syntax_message(error)}});
  }
}

std::string read_text(const std::filesystem::path& file) {
  if (const std::string reason = models::not_a_file(file); !reason.empty())
    throw InvalidConfig(file.string(), {{"", reason}});
  std::error_code error;
  if (std::filesystem::file_size(file, error) > kLargestFile)
    throw InvalidConfig(file.string(), {{"", "is larger than " + std::to_string(kLargestFile >> 20) + " MiB"}});
  std::ifstream in(file, std::ios::binary);
  std::ostringstream text;
  text << in.rdbuf();
  if (!in || text.fail()) {
    if (std::filesystem::file_size(file, error) == 0) throw InvalidConfig(file.string(), {{"", "is empty"}});
    throw InvalidConfig(file.string(), {{"", "cannot be read"}});
  }
  return text.str();
}

Json merged(Json base, const Json& patch) {
  if (!base.is_object() || !patch.is_object()) return patch;
  const auto kind = patch.find("kind");
  const auto base_kind = base.find("kind");
  if (kind != patch.end() && (base_kind == base.end() || *kind != *base_kind)) return patch;
  for (const auto& [key, value] : patch.items()) {
    if (value.is_null())
      base.erase(key);
    else if (const auto it = base.find(key); it != base.end())
      *it = merged(*it, value);
    else
      base[key] = value;
  }
  return base;
}

}  // namespace experiments
