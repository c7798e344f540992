#include "sim/fingerprint.h"

#include <bit>

namespace sim {

void Fingerprint::add(std::span<const float> numbers) {
  for (const float number : numbers) add(std::bit_cast<uint32_t>(number));
}

std::string fingerprint_text(uint64_t fingerprint) {
  std::string text(16, '0');
  for (size_t i = text.size(); i-- > 0; fingerprint >>= 4) text[i] = "0123456789abcdef"[fingerprint & 15];
  return text;
}

}  // namespace sim
