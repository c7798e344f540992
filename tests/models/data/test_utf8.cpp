#include <cstdint>

#include "models/data/utf8.h"
#include "tests/support/catch.h"

using models::utf8_boundary;
using models::utf8_character;

namespace {

/// The bit layout of UTF-8 (RFC 3629), for any 21-bit value, well-formed or not.
std::string encode(uint32_t c) {
  const auto byte = [](uint32_t value) { return static_cast<char>(value); };
  const auto tail = [&](int shift, uint32_t value) { return byte(0x80 | ((value >> shift) & 0x3F)); };
  if (c < 0x80) return {byte(c)};
  if (c < 0x800) return {byte(0xC0 | (c >> 6)), tail(0, c)};
  if (c < 0x10000) return {byte(0xE0 | (c >> 12)), tail(6, c), tail(0, c)};
  return {byte(0xF0 | (c >> 18)), tail(12, c), tail(6, c), tail(0, c)};
}

}  // namespace

TEST_CASE("exactly the Unicode scalar values are well-formed UTF-8 characters") {
  size_t wrong = 0;
  for (uint32_t c = 0; c < 0x120000; ++c) {
    const bool scalar = c <= 0x10FFFF && !(c >= 0xD800 && c <= 0xDFFF);
    const std::string bytes = encode(c);
    wrong += utf8_character(bytes + "x", 0) != (scalar ? bytes.size() : 0);
    if (bytes.size() > 1) wrong += utf8_character(bytes.substr(0, bytes.size() - 1), 0) != 0;
  }
  CHECK(wrong == 0);
}

TEST_CASE("overlong forms and stray bytes are no UTF-8 characters") {
  for (const char* bytes :
       {"\xC0\x80", "\xC1\xBF", "\xE0\x9F\xBF", "\xF0\x8F\xBF\xBF", "\x80", "\xBF", "\xF8\x88\x80\x80\x80", "\xFF"}) {
    CHECK(utf8_character(bytes, 0) == 0);
  }
}

TEST_CASE("a boundary is the last character start at or before a position, and no further back than 3 bytes") {
  const std::string text = "aé€😀b";  // characters start at 0, 1, 3, 6, 10
  const size_t expected[] = {0, 1, 1, 3, 3, 3, 6, 6, 6, 6, 10, 11};
  for (size_t i = 0; i < std::size(expected); ++i) CHECK(utf8_boundary(text, i) == expected[i]);
  CHECK(utf8_boundary(text, 99) == text.size());
  CHECK(utf8_boundary(std::string(10, '\x80'), 7) == 4);
}

TEST_CASE("an excerpt is never cut inside a character") {
  CHECK(models::excerpt("short", 5) == "short");
  CHECK(models::excerpt("ab€d", 3) == "ab…");
}
