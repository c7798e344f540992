#include "models/data/text_file.h"

#include <zlib.h>

#include <cerrno>
#include <cstring>
#include <system_error>
#include <vector>

#include "models/data/corpus.h"

namespace models {
namespace {

constexpr size_t chunk_bytes = size_t{1} << 20;

gzFile handle(void* file) { return static_cast<gzFile>(file); }

[[noreturn]] void fail(const std::filesystem::path& path, const std::string& what) {
  throw CorpusError(path.string() + ": " + what);
}

std::string system_message(int code) { return std::generic_category().message(code); }

}  // namespace

TextFile::TextFile(const std::filesystem::path& path) : path_(path), file_(nullptr) {
  std::error_code error;
  const auto status = std::filesystem::status(path, error);
  if (std::filesystem::exists(status) && !std::filesystem::is_regular_file(status)) fail(path, "is not a regular file");
  errno = 0;
  file_ = gzopen(path.c_str(), "rb");
  if (file_ == nullptr) fail(path, "cannot be opened: " + system_message(errno != 0 ? errno : ENOMEM));
  gzbuffer(handle(file_), 1 << 18);
}

TextFile::~TextFile() { gzclose(handle(file_)); }

size_t TextFile::read(std::span<char> buffer) {
  size_t filled = 0;
  while (filled < buffer.size()) {
    const size_t wanted = std::min(buffer.size() - filled, chunk_bytes);
    errno = 0;
    const int got = gzread(handle(file_), buffer.data() + filled, static_cast<unsigned>(wanted));
    int code = Z_OK;
    std::string message = gzerror(handle(file_), &code);
    if (message.starts_with(path_.string() + ": ")) message.erase(0, path_.string().size() + 2);
    if (code == Z_ERRNO) fail(path_, "cannot be read: " + system_message(errno));
    if (code == Z_BUF_ERROR) fail(path_, "the gzip data end too early: the file is truncated");
    if (got < 0 || code != Z_OK) fail(path_, "the gzip data are corrupt (zlib: " + message + ")");
    const bool compressed = gzdirect(handle(file_)) == 0;
    const bool named_so = path_.extension() == ".gz";
    if (named_so && !compressed) fail(path_, "is named .gz and holds no gzip data");
    if (compressed && !named_so) fail(path_, "holds gzip data; give its name the ending .gz");
    if (got == 0) break;
    filled += static_cast<size_t>(got);
  }
  return filled;
}

std::string read_all(const std::filesystem::path& path) {
  TextFile file(path);
  std::error_code unknown;
  const auto stored = std::filesystem::file_size(path, unknown);
  std::string text;
  if (!unknown) text.reserve(static_cast<size_t>(stored) + chunk_bytes);
  size_t got = chunk_bytes;
  while (got == chunk_bytes) {
    const size_t before = text.size();
    text.resize(before + chunk_bytes);
    got = file.read(std::span(text).subspan(before));
    text.resize(before + got);
  }
  return text;
}

void for_each_line(const std::filesystem::path& path, size_t longest,
                   const std::function<void(int64_t, std::string_view)>& line_found) {
  TextFile file(path);
  std::vector<char> buffer(chunk_bytes);
  std::string begun;  // a line whose end is not in the buffer yet
  int64_t number = 0;
  const auto check_length = [&](size_t length) {
    if (length <= longest) return;
    throw CorpusError(path.string() + ":" + std::to_string(number + 1) + ": the line is longer than " +
                      std::to_string(longest) + " bytes; allowed: JSON lines, one document a line");
  };
  const auto finish = [&](std::string_view line) {
    check_length(line.size());
    line_found(++number, line);
  };
  size_t got = chunk_bytes;
  while (got == chunk_bytes) {
    got = file.read(buffer);
    std::string_view rest(buffer.data(), got);
    for (size_t end = rest.find('\n'); end != std::string_view::npos; end = rest.find('\n')) {
      if (begun.empty()) {
        finish(rest.substr(0, end));
      } else {
        begun.append(rest.substr(0, end));
        finish(begun);
        begun.clear();
      }
      rest.remove_prefix(end + 1);
    }
    begun.append(rest);
    check_length(begun.size());
  }
  if (!begun.empty()) finish(begun);
}

}  // namespace models
