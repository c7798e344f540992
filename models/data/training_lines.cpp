#include "models/data/training_lines.h"

#include "models/data/utf8.h"

namespace models {

TrainingLines::TrainingLines(std::span<const std::string_view> texts, size_t longest, size_t enough)
    : texts_(texts), longest_(longest) {
  size_t bytes = 0;
  for (const std::string_view text : texts) bytes += text.size();
  stride_ = bytes <= enough ? 1 : (bytes + enough - 1) / enough;
}

std::optional<std::string_view> TrainingLines::next() {
  const auto line = next_part();
  for (size_t skipped = 1; skipped < stride_; ++skipped) next_part();
  return line;
}

std::optional<std::string_view> TrainingLines::next_part() {
  while (true) {
    const size_t start = rest_.find_first_not_of('\n');
    if (start != std::string_view::npos) {
      rest_.remove_prefix(start);
      const size_t length = part_length(rest_.substr(0, rest_.find('\n')));
      const std::string_view part = rest_.substr(0, length);
      rest_.remove_prefix(length);
      return part;
    }
    if (texts_.empty()) return std::nullopt;
    rest_ = texts_.front();
    texts_ = texts_.subspan(1);
  }
}

size_t TrainingLines::part_length(std::string_view line) const {
  if (line.size() <= longest_) return line.size();
  const size_t space = line.rfind(' ', longest_);
  return space != std::string_view::npos && space > 0 ? space : utf8_boundary(line, longest_);
}

}  // namespace models
