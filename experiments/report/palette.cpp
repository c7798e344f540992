#include "experiments/report/palette.h"

#include <algorithm>
#include <cstdint>

namespace experiments {
namespace {

constexpr std::string_view kReserved[] = {"DiLoCo", "Async DiLoCo", "Async DN + DyLU"};

/// Fowler, Noll, Vo 1991 (FNV-1a): the same on every machine.
uint64_t hash(std::string_view text) {
  uint64_t value = 0xcbf29ce484222325;
  for (const char c : text) value = (value ^ static_cast<unsigned char>(c)) * 0x100000001b3;
  return value;
}

}  // namespace

std::vector<size_t> method_slots(const std::vector<std::string>& names) {
  constexpr size_t reserved = std::size(kReserved), open = kMethodSlots - reserved;
  std::vector<size_t> slots;
  std::array<bool, kMethodSlots> taken{};
  for (const std::string& name : names) {
    const auto known = std::find(std::begin(kReserved), std::end(kReserved), name);
    if (known != std::end(kReserved)) {
      slots.push_back(static_cast<size_t>(known - std::begin(kReserved)));
      continue;
    }
    const auto wanted = static_cast<size_t>(hash(name) % open);
    size_t slot = reserved + wanted;
    for (size_t i = 0; i < open && taken[slot]; ++i) slot = reserved + (wanted + i + 1) % open;
    taken[slot] = true;
    slots.push_back(slot);
  }
  return slots;
}

}  // namespace experiments
