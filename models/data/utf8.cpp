#include "models/data/utf8.h"

#include <cstdint>

namespace models {
namespace {

uint8_t byte_at(std::string_view text, size_t position) { return static_cast<uint8_t>(text[position]); }

bool is_continuation(uint8_t byte) { return (byte & 0xC0) == 0x80; }

}  // namespace

size_t utf8_boundary(std::string_view text, size_t position) {
  if (position >= text.size()) return text.size();
  size_t cut = position;
  for (int back = 0; back < 3 && cut > 0 && is_continuation(byte_at(text, cut)); ++back) --cut;
  return cut;
}

size_t utf8_character(std::string_view text, size_t position) {
  const uint8_t lead = byte_at(text, position);
  if (lead < 0x80) return 1;
  if (lead < 0xC2 || lead > 0xF4) return 0;
  const size_t length = lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4;
  if (position + length > text.size()) return 0;
  for (size_t i = 1; i < length; ++i) {
    if (!is_continuation(byte_at(text, position + i))) return 0;
  }
  const uint8_t second = byte_at(text, position + 1);
  if (lead == 0xE0 && second < 0xA0) return 0;  // overlong
  if (lead == 0xED && second > 0x9F) return 0;  // surrogate
  if (lead == 0xF0 && second < 0x90) return 0;  // overlong
  if (lead == 0xF4 && second > 0x8F) return 0;  // above U+10FFFF
  return length;
}

std::string excerpt(std::string_view text, size_t limit) {
  if (text.size() <= limit) return std::string(text);
  return std::string(text.substr(0, utf8_boundary(text, limit))) + "…";
}

}  // namespace models
