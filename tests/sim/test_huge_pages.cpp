#include "sim/huge_pages.h"

#include <cstdint>

#include "tests/support/catch.h"

using namespace sim;

TEST_CASE("large arrays begin where a huge page can, all others where a cache line does") {
  const auto misplaced = [](const auto& array, uintptr_t boundary) {
    return reinterpret_cast<uintptr_t>(array.data()) % boundary;
  };
  for (const size_t bytes : {1u, 100u, (2u << 20) - 1}) CHECK(misplaced(LargeVector<char>(bytes), 64) == 0);
  for (const size_t bytes : {2u << 20, (2u << 20) + 1, 9u << 20})
    CHECK(misplaced(LargeVector<char>(bytes), 2u << 20) == 0);
}
