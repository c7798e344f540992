#pragma once
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>

namespace models {

/// The last ending of a file's name, in lower case: ".txt".
std::string lower_ending(const std::filesystem::path& path);

enum class Compression { none, gzip, zstd };
/// By the file's name.
Compression compression_of(const std::filesystem::path& path);

/// How long a file's text is, as far as the file tells without being decompressed (gzip: of its last member, modulo 4
/// GiB): at least its size; 0 where there is no such file.
uint64_t text_size(const std::filesystem::path& path);

/// The bytes of a file, decompressed as its name says. All members throw CorpusError naming the file.
class TextFile {
 public:
  /// Bytes from somewhere.
  struct Source {
    virtual ~Source() = default;
    /// Fills `buffer` from the front and returns how many bytes it holds; fewer than its size only at the end.
    virtual size_t read(std::span<char> buffer) = 0;
  };

  explicit TextFile(const std::filesystem::path& path);
  size_t read(std::span<char> buffer) { return source_->read(buffer); }

 private:
  std::unique_ptr<Source> source_;
};

/// Calls `found` for the file's bytes, piece by piece.
void for_each_piece(const std::filesystem::path& path, const std::function<void(std::string_view)>& found);

std::string read_all(const std::filesystem::path& path);

/// Calls `line_found(number from 1, line without its '\n')` for each line. A line longer than `longest` bytes is a
/// CorpusError, so that a file that is not made of lines cannot fill the memory.
void for_each_line(const std::filesystem::path& path, size_t longest,
                   const std::function<void(int64_t, std::string_view)>& line_found);

}  // namespace models
