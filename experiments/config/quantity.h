#pragma once
#include <optional>
#include <string>
#include <string_view>

namespace experiments {

/// The number that a text with a unit stands for ("200 ms", "1 Gbit/s", "1.3B"), in `unit`, a key's own; none where it
/// is not one. Physical units: s, B, B/s, FLOP/s, W, $/h, $/GB. Any other is a count: k, M, B (or G), T and the
/// key's own word may follow the number; a percent sign where there is no unit.
std::optional<double> quantity(std::string_view text, std::string_view unit);

/// The words that may follow a number of that unit, for people: "ns, us, ms, s, min, h or d".
std::string unit_words(std::string_view unit);

/// A regular expression (ECMA 262) for what quantity() takes.
std::string quantity_pattern(std::string_view unit);

/// "; did you mean \"1 Gbit/s\" or \"1 GB/s\"?" for a text that is no quantity() of that unit, or "".
std::string quantity_guess(std::string_view text, std::string_view unit);

}  // namespace experiments
