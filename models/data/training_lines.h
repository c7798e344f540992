#pragma once
#include <cstddef>
#include <optional>
#include <span>
#include <string_view>

namespace models {

/// What a tokenizer is trained on: the non-empty lines of the texts in order, without line ends, lines longer than
/// `longest` bytes in parts (cut in front of a space where there is one). Of texts of more than `enough` bytes together
/// only every n-th, evenly spread, so that all of a large corpus is seen.
class TrainingLines {
 public:
  TrainingLines(std::span<const std::string_view> texts, size_t longest, size_t enough);
  /// The next line, or nothing at the end.
  std::optional<std::string_view> next();

 private:
  std::optional<std::string_view> next_part();
  size_t part_length(std::string_view line) const;

  std::span<const std::string_view> texts_;
  size_t longest_;
  size_t stride_;
  std::string_view rest_;  // of the text before texts_.front()
};

}  // namespace models
