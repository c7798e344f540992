#pragma once
#include <cstddef>
#include <string>
#include <string_view>

namespace models {

/// The nearest UTF-8 character boundary at or before `position` (at most 3 bytes back, so text in other encodings is
/// cut close by).
size_t utf8_boundary(std::string_view text, size_t position);

/// Length of the well-formed UTF-8 character at `position`, or 0 if the bytes there are none (overlong forms,
/// surrogates and values above U+10FFFF are none). Source: the Unicode Standard, table 3-7.
size_t utf8_character(std::string_view text, size_t position);

/// The beginning of `text` for an error message: at most `limit` bytes, an ellipsis where cut.
std::string excerpt(std::string_view text, size_t limit);

}  // namespace models
