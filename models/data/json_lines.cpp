#include "models/data/json_lines.h"

#include <nlohmann/json.hpp>

#include "models/data/corpus_error.h"
#include "models/data/text_file.h"
#include "models/data/utf8.h"

namespace models {
namespace {

using nlohmann::json;

/// nlohmann's message without its own prefix ("[json.exception…] parse error at line 1, column 9: "): each of our lines
/// is its line 1. A number too large for a double is not among its syntax errors.
std::string parser_message(const json::exception& error) {
  std::string_view message = error.what();
  const auto* syntax = dynamic_cast<const json::parse_error*>(&error);
  const std::string_view prefix_end = syntax ? ": " : "] ";
  if (const size_t end = message.find(prefix_end); end != std::string_view::npos)
    message.remove_prefix(end + prefix_end.size());
  return (syntax ? "at byte " + std::to_string(syntax->byte) + ", " : "") + excerpt(message, 160);
}

json parse_object(std::string_view line, const std::string& place) {
  json object;
  try {
    object = json::parse(line);
  } catch (const json::exception& error) {
    throw CorpusError(place + ": broken JSON (" + parser_message(error) + "): " + excerpt(line, 60) +
                      "; allowed: one JSON object a line");
  }
  if (!object.is_object()) {
    throw CorpusError(place + ": found a JSON " + object.type_name() + "; allowed: one JSON object a line");
  }
  return object;
}

/// The non-empty string `object[field]`.
const std::string& string_field(const json& object, const char* field, const std::string& place) {
  const auto found = object.find(field);
  const std::string name = "\"" + std::string(field) + "\"";
  if (found == object.end()) throw CorpusError(place + ": " + name + " is missing; allowed: a string");
  if (!found->is_string()) {
    throw CorpusError(place + ": " + name + " is a JSON " + found->type_name() + "; allowed: a string");
  }
  const auto& text = found->get_ref<const std::string&>();
  if (text.empty()) throw CorpusError(place + ": " + name + " is empty; allowed: a string of at least one character");
  return text;
}

}  // namespace

void read_json_lines(const std::filesystem::path& path, FirstTen& bad_lines, const DocumentFound& found,
                     size_t longest_line) {
  for_each_line(path, longest_line, [&](int64_t number, std::string_view line) {
    if (line.find_first_not_of(" \t\r") == std::string_view::npos) return;
    const std::string place = path.string() + ":" + std::to_string(number);
    try {
      const json object = parse_object(line, place);
      const std::string* domain = object.contains("domain") ? &string_field(object, "domain", place) : nullptr;
      found(number, domain, string_field(object, "text", place));
    } catch (const CorpusError& error) {
      bad_lines.add(error.what());
    }
  });
}

}  // namespace models
