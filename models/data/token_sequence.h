#pragma once
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace models {

/// Tokens one after another that lie elsewhere, in pieces: text is kept once, however it is divided. What it is made of
/// must outlive it.
class TokenSequence {
 public:
  TokenSequence() = default;
  TokenSequence(const std::vector<int32_t>& tokens) { append(tokens); }

  void append(std::span<const int32_t> piece);
  size_t size() const { return ends_.empty() ? 0 : ends_.back(); }
  /// Writes tokens `first` … `first` + `count` − 1 to `to`.
  void copy(size_t first, size_t count, int32_t* to) const;

 private:
  std::vector<std::span<const int32_t>> pieces_;
  std::vector<size_t> ends_;  ///< of each piece in the sequence
};

}  // namespace models
