#include "experiments/config/json_reader.h"

#include <algorithm>

#include "experiments/config/quantity.h"

namespace experiments {

std::string text_of(const Json& value, int indent) {
  return value.dump(indent, ' ', false, Json::error_handler_t::replace);
}

std::string library_words(const Json::exception& error) {
  const std::string text = error.what();
  const size_t prefix = text.find("] ");
  return prefix == std::string::npos ? text : text.substr(prefix + 2);
}

std::string number_text(double value) {
  if (!std::isfinite(value)) return std::isnan(value) ? "nan" : value > 0 ? "inf" : "-inf";
  const bool whole = value == std::floor(value) && std::fabs(value) < 1e15;
  return whole ? std::to_string(static_cast<int64_t>(value)) : Json(value).dump();
}

std::string describe(const Json& value) {
  switch (value.type()) {
    case Json::value_t::null:
      return "null";
    case Json::value_t::object:
      return "an object";
    case Json::value_t::array:
      return "an array";
    case Json::value_t::string:
      return "the string " + text_of(value);
    case Json::value_t::boolean:
      return value.get<bool>() ? "true" : "false";
    default:
      return "the number " + value.dump();
  }
}

std::string pointer_token(std::string_view key) {
  std::string token;
  for (const char c : key) {
    if (c == '~')
      token += "~0";
    else if (c == '/')
      token += "~1";
    else
      token += c;
  }
  return token;
}

namespace {

/// Levenshtein distance: how many single-letter edits lie between two words.
size_t edit_distance(std::string_view a, std::string_view b) {
  std::vector<size_t> row(b.size() + 1);
  for (size_t j = 0; j <= b.size(); ++j) row[j] = j;
  for (size_t i = 1; i <= a.size(); ++i) {
    size_t diagonal = row[0];
    row[0] = i;
    for (size_t j = 1; j <= b.size(); ++j) {
      const size_t substituted = diagonal + (a[i - 1] != b[j - 1]);
      diagonal = row[j];
      row[j] = std::min({row[j] + 1, row[j - 1] + 1, substituted});
    }
  }
  return row[b.size()];
}

/// What others call what we name otherwise.
constexpr std::pair<std::string_view, std::string_view> kOtherWords[] = {{"lr", "learning_rate"},
                                                                         {"bs", "batch_size"},
                                                                         {"batch", "batch_size"},
                                                                         {"h", "local_steps"},
                                                                         {"H", "local_steps"},
                                                                         {"inner_steps", "steps"},
                                                                         {"seed", "seeds"},
                                                                         {"nodes", "workers"},
                                                                         {"clients", "workers"},
                                                                         {"beta", "momentum"},
                                                                         {"mu", "momentum"},
                                                                         {"warmup", "warmup_steps"},
                                                                         {"outer_lr", "rate"},
                                                                         {"lr", "rate"},
                                                                         {"step_time", "seconds_per_step"},
                                                                         {"outer_optimizer", "outer"},
                                                                         {"optimiser", "optimizer"}};

}  // namespace

std::string_view closest_name(std::string_view name, const std::vector<std::string_view>& allowed) {
  for (const auto& [word, ours] : kOtherWords)
    if (word == name && std::find(allowed.begin(), allowed.end(), ours) != allowed.end()) return ours;
  if (name.find("bits") != name.npos) return "";  // a name of bytes would be taken for it, and the number left
  std::string_view best;
  size_t distance = std::max<size_t>(2, name.size() / 3) + 1;
  for (const auto candidate : allowed) {
    const size_t d = edit_distance(name, candidate);
    if (d < distance && d < candidate.size()) {
      distance = d;
      best = candidate;
    }
  }
  return best;
}

namespace {

std::string joined(std::string_view noun, const std::vector<std::string_view>& names) {
  std::string text = std::string(noun) + ": ";
  for (size_t i = 0; i < names.size(); ++i) text += (i ? ", " : "") + std::string(names[i]);
  return text;
}
}  // namespace

std::string unknown_name(std::string_view name, std::string_view noun, const std::vector<std::string_view>& allowed) {
  const std::string message = "is unknown; " + joined(noun, allowed);
  const std::string_view guess = closest_name(name, allowed);
  if (name.find("bits_per_second") != name.npos) return message + "; rates are in bytes per second, 8 bits each";
  return guess.empty() ? message : message + "; did you mean " + std::string(guess) + "?";
}

std::string unknown_value(const Json& value, std::string_view noun, const std::vector<std::string_view>& allowed) {
  if (!value.is_string()) return "is " + describe(value) + "; " + joined(noun, allowed);
  return text_of(value) + " " + unknown_name(value.get_ref<const std::string&>(), noun, allowed);
}

std::string allowed_numbers(std::string_view noun, const Limits& limits) {
  std::string text(noun);
  const bool low = std::isfinite(limits.min), high = std::isfinite(limits.max);
  if (low && high && !limits.above_min)
    return text + " from " + number_text(limits.min) + " to " + number_text(limits.max);
  if (low) text += (limits.above_min ? " above " : " of at least ") + number_text(limits.min);
  if (high) text += std::string(low ? " and" : "") + " at most " + number_text(limits.max);
  return text;
}

double number_of(const Json& value, const Limits& limits) {
  if (value.is_number()) return value.get<double>();
  if (!value.is_string()) return std::nan("");
  return quantity(value.get_ref<const std::string&>(), limits.unit).value_or(std::nan(""));
}

std::string not_a_number(const Json& value, std::string_view noun, const Limits& limits) {
  const std::string found = "is " + describe(value) + "; allowed: " + allowed_numbers(noun, limits);
  if (!value.is_string()) return found;
  return found + (limits.unit.empty() ? "" : ", in " + std::string(limits.unit)) +
         ", without quotes, or in them with " + unit_words(limits.unit) +
         quantity_guess(value.get_ref<const std::string&>(), limits.unit);
}

}  // namespace experiments
