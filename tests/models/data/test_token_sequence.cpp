#include "models/data/token_sequence.h"

#include <numeric>

#include "tests/support/catch.h"

using models::TokenSequence;

TEST_CASE("a token sequence in pieces is the pieces one after another, from any place for any length") {
  std::vector<int32_t> all(100);
  std::iota(all.begin(), all.end(), 0);
  const std::vector<int32_t> other{100, 101, 102};
  const std::span<const int32_t> tokens(all);
  TokenSequence sequence;
  std::vector<int32_t> whole;
  const auto append = [&](std::span<const int32_t> piece) {
    sequence.append(piece);
    whole.insert(whole.end(), piece.begin(), piece.end());
  };
  append(tokens.subspan(40, 10));
  append(tokens.subspan(50, 1));  // goes on where the one before ended
  append({});
  append(other);
  append(tokens.subspan(0, 40));
  append(tokens.subspan(39, 2));
  REQUIRE(sequence.size() == whole.size());
  for (size_t first = 0; first <= whole.size(); ++first)
    for (size_t count = 0; first + count <= whole.size(); ++count) {
      std::vector<int32_t> copy(count);
      sequence.copy(first, count, copy.data());
      REQUIRE(std::equal(copy.begin(), copy.end(), whole.begin() + static_cast<ptrdiff_t>(first)));
    }
  CHECK(TokenSequence().size() == 0);
  CHECK(TokenSequence(other).size() == 3);
}
