#include "models/data/token_sequence.h"

#include <algorithm>
#include <cassert>

namespace models {

void TokenSequence::append(std::span<const int32_t> piece) {
  if (piece.empty()) return;
  const size_t end = size() + piece.size();
  if (!pieces_.empty() && pieces_.back().data() + pieces_.back().size() == piece.data()) {  // goes on where it ended
    pieces_.back() = {pieces_.back().data(), pieces_.back().size() + piece.size()};
    ends_.back() = end;
    return;
  }
  pieces_.push_back(piece);
  ends_.push_back(end);
}

void TokenSequence::copy(size_t first, size_t count, int32_t* to) const {
  assert(first + count <= size());
  auto i = static_cast<size_t>(std::upper_bound(ends_.begin(), ends_.end(), first) - ends_.begin());
  for (; count > 0; ++i) {
    const std::span piece = pieces_[i];
    const size_t skipped = first - (ends_[i] - piece.size());
    const size_t taken = std::min(count, piece.size() - skipped);
    to = std::copy_n(piece.data() + skipped, taken, to);
    first += taken;
    count -= taken;
  }
}

}  // namespace models
