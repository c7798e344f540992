#pragma once
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <span>
#include <string>
#include <string_view>

namespace models {

/// The bytes of a file, decompressed if its name ends in .gz. All members throw CorpusError naming the file.
class TextFile {
 public:
  explicit TextFile(const std::filesystem::path& path);
  ~TextFile();
  TextFile(const TextFile&) = delete;
  TextFile& operator=(const TextFile&) = delete;
  /// Fills `buffer` from the front and returns how many bytes it holds; fewer than its size only at the end of the
  /// file.
  size_t read(std::span<char> buffer);

 private:
  std::filesystem::path path_;
  void* file_;  // zlib's gzFile, which also reads plain files; zlib stays out of this header
};

std::string read_all(const std::filesystem::path& path);

/// Calls `line_found(number from 1, line without its '\n')` for each line. A line longer than `longest` bytes is a
/// CorpusError, so that a file that is not made of lines cannot fill the memory.
void for_each_line(const std::filesystem::path& path, size_t longest,
                   const std::function<void(int64_t, std::string_view)>& line_found);

}  // namespace models
