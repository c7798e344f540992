#include "experiments/config/quantity.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <utility>
#include <vector>

namespace experiments {
namespace {

/// A word behind a number: value · 10^exponent · times.
struct Word {
  std::string text;
  int exponent = 0;
  double times = 1;
  bool suggested = true;  // of several words for the same, the one to suggest
};
using Words = std::vector<Word>;

constexpr std::pair<std::string_view, int> kPrefixes[] = {{"", 0}, {"k", 3}, {"M", 6}, {"G", 9}, {"T", 12}, {"P", 15}};

void add_decimal(Words& words, const std::string& base, double times, bool suggested = true) {
  for (const auto& [prefix, exponent] : kPrefixes)
    words.push_back({std::string(prefix) + base, exponent, times, suggested});
}

/// Bytes, bits, and both with 1,024 for 1,000, each followed by `per`.
Words sizes(const std::string& per) {
  Words words;
  add_decimal(words, "B" + per, 1);
  add_decimal(words, "bit" + per, 0.125);
  double binary = 1;
  for (const char* const prefix : {"Ki", "Mi", "Gi", "Ti"}) {
    binary *= 1024;
    words.push_back({prefix + ("B" + per), 0, binary});
    words.push_back({prefix + ("bit" + per), 0, binary / 8});
  }
  return words;
}

Words words_of(std::string_view unit) {
  if (unit == "s")
    return {{"ns", -9}, {"us", -6},     {"µs", -6, 1, false}, {"ms", -3},
            {"s"},      {"min", 0, 60}, {"h", 0, 3600},       {"d", 0, 86400}};
  if (unit == "B") return sizes("");
  if (unit == "B/s") {
    Words words = sizes("/s");
    add_decimal(words, "bps", 0.125, false);
    return words;
  }
  if (unit == "FLOP/s") {
    Words words;
    add_decimal(words, "FLOP/s", 1);
    add_decimal(words, "FLOPS", 1, false);
    return words;
  }
  if (unit == "W") return {{"W"}, {"kW", 3}, {"MW", 6}};
  if (unit == "$/h") return {{"$/h"}, {"USD/h"}};
  if (unit == "$/GB") return {{"$/GB"}, {"USD/GB"}, {"$/TB", -3}, {"USD/TB", -3}};
  Words words;
  const std::string own(unit);
  for (const auto& [prefix, exponent] : {std::pair{"", 0}, {"k", 3}, {"M", 6}, {"B", 9}, {"G", 9}, {"T", 12}}) {
    if (*prefix) words.push_back({prefix, exponent});
    if (!own.empty()) words.push_back({*prefix ? prefix + (" " + own) : own, exponent});
  }
  if (own.empty() || own == "share") words.push_back({"%", -2});
  return words;
}

/// The number at the front of a text, and what follows it without the spaces between.
std::optional<std::pair<std::string, std::string>> split(std::string_view text) {
  double unheeded = 0;
  const char* const begin = text.data();
  const auto [end, error] = std::from_chars(begin, begin + text.size(), unheeded);
  if (error != std::errc() || !std::isfinite(unheeded)) return std::nullopt;
  std::string_view rest(end, static_cast<size_t>(begin + text.size() - end));
  rest.remove_prefix(std::min(rest.find_first_not_of(' '), rest.size()));
  return std::pair(std::string(begin, end), std::string(rest));
}

/// Digits with their power of ten moved, so that "281.7 MB" is the double nearest to 281.7e6.
double shifted(const std::string& digits, int by) {
  const size_t e = digits.find_first_of("eE");
  const int exponent = e == digits.npos ? 0 : std::atoi(digits.c_str() + e + 1);
  return std::strtod((digits.substr(0, e) + "e" + std::to_string(exponent + by)).c_str(), nullptr);
}

/// What a unit comes down to when case, bit or byte, abbreviations and "per second" do not count.
std::string blurred(std::string text) {
  std::erase_if(text, [](char c) { return c == ' ' || c == '.'; });
  for (char& c : text) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  for (const auto& [from, to] :
       {std::pair{"µ", "u"}, {"bytes", "b"}, {"byte", "b"}, {"bits", "b"},      {"bit", "b"},      {"seconds", "s"},
        {"second", "s"},     {"secs", "s"},  {"sec", "s"},  {"minutes", "min"}, {"minute", "min"}, {"mins", "min"},
        {"hours", "h"},      {"hour", "h"},  {"hrs", "h"},  {"hr", "h"},        {"days", "d"},     {"day", "d"},
        {"flops", "flop"},   {"usd", "$"},   {"per", "/"},  {"/s", ""},         {"ps", ""}})
    for (size_t at; (at = text.find(from)) != text.npos;) text.replace(at, std::string_view(from).size(), to);
  return text;
}

}  // namespace

std::optional<double> quantity(std::string_view text, std::string_view unit) {
  const auto parts = split(text);
  if (!parts || parts->second.empty()) return std::nullopt;
  for (const Word& word : words_of(unit))
    if (word.text == parts->second) {
      const double value = shifted(parts->first, word.exponent) * word.times;
      return std::isfinite(value) ? std::optional(value) : std::nullopt;
    }
  return std::nullopt;
}

std::string unit_words(std::string_view unit) {
  constexpr const char* kPrefixed = " with k, M, G, T, P or Ki, Mi, Gi, Ti before it or not";
  if (unit == "B") return std::string("B or bit,") + kPrefixed;
  if (unit == "B/s") return std::string("B/s or bit/s,") + kPrefixed + ", or Mbps and the like";
  if (unit == "FLOP/s") return "FLOP/s or FLOPS, with k, M, G, T, P before it or not";
  Words words = words_of(unit);
  std::erase_if(words, [](const Word& word) { return !word.suggested; });
  std::string text;
  for (size_t i = 0; i < words.size(); ++i)
    text += (i == 0 ? "" : i + 1 == words.size() ? " or " : ", ") + words[i].text;
  return text;
}

std::string quantity_pattern(std::string_view unit) {
  std::string words;
  for (const Word& word : words_of(unit)) {
    if (!words.empty()) words += '|';
    for (const char c : word.text) words += (c == '$' ? "\\" : "") + std::string(1, c);
  }
  return "^-?([0-9]+\\.?[0-9]*|\\.[0-9]+)([eE][+-]?[0-9]+)? *(" + words + ")$";
}

std::string quantity_guess(std::string_view text, std::string_view unit) {
  const auto parts = split(text);
  if (!parts || parts->second.empty()) return "";
  const std::string meant = blurred(parts->second);
  std::string guesses;
  for (const Word& word : words_of(unit)) {
    const std::string candidate = blurred(word.text);
    // A lone G leaves open even whether bits or bytes are meant.
    if (!word.suggested || (candidate != meant && candidate != meant + "b")) continue;
    guesses += (guesses.empty() ? "; did you mean \"" : " or \"") + parts->first + " " + word.text + "\"";
  }
  return guesses.empty() ? "" : guesses + "?";
}

}  // namespace experiments
