#pragma once
#include <optional>
#include <string>

#include "experiments/report/statistics.h"

namespace experiments {

/// Fixed point with `decimals`; "-" for nothing and NaN, "inf"; scientific where fixed point would take more than 9
/// characters.
std::string fixed(const std::optional<double>& value, int decimals);
/// Whether an estimate has an interval worth showing: not for one seed, and not where the simulated clock gives every
/// seed the same value.
bool spreads(const Estimate& value);

/// "2.345 ±0.012", the interval where there is one; "-" for no estimate.
std::string with_interval(const std::optional<Estimate>& value, int decimals);
/// "3.79 (3.10 to 4.49)", the interval where there is one; "-" for no ratio.
std::string with_interval(const std::optional<Ratio>& value, int decimals);
/// An amount of money or energy: as many decimals as its size asks for, the interval where there is one.
std::string cost_text(const std::optional<Estimate>& value);
/// "0.013", "< 0.001"; "-" for nothing.
std::string p_text(const std::optional<double>& p);
/// A whole number, or one decimal where the mean over seeds is none.
std::string count_text(const Estimate& value);
/// "0.125 s", "12.3 s", "5m 03s", "1h 28m 48s", "12d 03h 28m"; "-" for nothing. ≥ 0.
std::string duration_text(const std::optional<double>& seconds);
/// Columns the text takes on a terminal, a code point each (UTF-8).
size_t display_width(const std::string& text);
/// The text with spaces in front, or behind it, up to `width` columns.
std::string right_in(const std::string& text, size_t width);
std::string left_in(const std::string& text, size_t width);
/// The text cut to `width` columns, the last an ellipsis where something was cut; control characters become spaces.
std::string fit(const std::string& text, size_t width);

}  // namespace experiments
