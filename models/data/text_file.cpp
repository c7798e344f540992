#include "models/data/text_file.h"

#include <zlib.h>
#include <zstd.h>
#include <zstd_errors.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <fstream>
#include <system_error>
#include <vector>

#include "models/data/corpus_error.h"
#include "models/input_file.h"

namespace models {
namespace {

namespace fs = std::filesystem;

constexpr size_t chunk_bytes = size_t{1} << 20;
constexpr std::string_view zstd_magic = "\x28\xB5\x2F\xFD";

[[noreturn]] void fail(const fs::path& path, const std::string& what) {
  throw CorpusError(path.string() + ": " + what);
}

[[noreturn]] void fail_to_open(const fs::path& path) {
  fail(path, "cannot be opened: " + std::generic_category().message(errno != 0 ? errno : ENOMEM));
}

[[noreturn]] void fail_to_read(const fs::path& path) {
  fail(path, "cannot be read: " + std::generic_category().message(errno));
}

/// Through zlib, which also reads plain files.
class GzipSource final : public TextFile::Source {
 public:
  explicit GzipSource(const fs::path& path) : path_(path) {
    errno = 0;
    file_ = gzopen(path.c_str(), "rb");
    if (file_ == nullptr) fail_to_open(path);
    gzbuffer(file_, 1 << 18);
  }
  ~GzipSource() override { gzclose(file_); }
  GzipSource(const GzipSource&) = delete;
  GzipSource& operator=(const GzipSource&) = delete;

  size_t read(std::span<char> buffer) override {
    size_t filled = 0;
    while (filled < buffer.size()) {
      const size_t wanted = std::min(buffer.size() - filled, chunk_bytes);
      errno = 0;
      const int got = gzread(file_, buffer.data() + filled, static_cast<unsigned>(wanted));
      int code = Z_OK;
      std::string message = gzerror(file_, &code);
      if (message.starts_with(path_.string() + ": ")) message.erase(0, path_.string().size() + 2);
      if (code == Z_ERRNO) fail_to_read(path_);
      if (code == Z_BUF_ERROR) fail(path_, "the gzip data end too early: the file is truncated");
      if (got < 0 || code != Z_OK) fail(path_, "the gzip data are corrupt (zlib: " + message + ")");
      const bool compressed = gzdirect(file_) == 0;
      const bool named_so = compression_of(path_) == Compression::gzip;
      if (named_so && !compressed) fail(path_, "is named .gz and holds no gzip data");
      if (compressed && !named_so) fail(path_, "holds gzip data; give its name the ending .gz");
      if (got == 0) break;
      const std::string_view piece(buffer.data() + filled, static_cast<size_t>(got));
      if (at_start_ && piece.starts_with(zstd_magic)) fail(path_, "holds zstd data; give its name the ending .zst");
      at_start_ = false;
      filled += piece.size();
    }
    return filled;
  }

 private:
  fs::path path_;
  gzFile file_;
  bool at_start_ = true;
};

class ZstdSource final : public TextFile::Source {
 public:
  explicit ZstdSource(const fs::path& path) : path_(path), packed_(ZSTD_DStreamInSize()) {
    errno = 0;
    file_.reset(std::fopen(path.c_str(), "rb"));
    if (!file_) fail_to_open(path);
    stream_.reset(ZSTD_createDStream());
    if (!stream_) throw std::bad_alloc();
  }

  size_t read(std::span<char> buffer) override {
    ZSTD_outBuffer out{buffer.data(), buffer.size(), 0};
    while (out.pos < out.size) {
      if (in_.pos == in_.size && !at_end_) {
        errno = 0;
        in_ = {packed_.data(), std::fread(packed_.data(), 1, packed_.size(), file_.get()), 0};
        if (std::ferror(file_.get())) fail_to_read(path_);
        at_end_ = in_.size == 0;
        if (at_end_ && at_start_) fail(path_, "is named .zst and holds no zstd data");
      }
      if (at_end_ && frame_is_whole_) break;
      const size_t before = out.pos;
      const size_t left = ZSTD_decompressStream(stream_.get(), &out, &in_);
      if (ZSTD_isError(left)) {
        if (at_start_ && ZSTD_getErrorCode(left) == ZSTD_error_prefix_unknown)
          fail(path_, "is named .zst and holds no zstd data");
        fail(path_, std::string("the zstd data are corrupt (zstd: ") + ZSTD_getErrorName(left) + ")");
      }
      at_start_ = false;
      frame_is_whole_ = left == 0;
      if (at_end_ && !frame_is_whole_ && out.pos == before)
        fail(path_, "the zstd data end too early: the file is truncated");
    }
    return out.pos;
  }

 private:
  struct Close {
    void operator()(std::FILE* file) const { std::fclose(file); }
    void operator()(ZSTD_DStream* stream) const { ZSTD_freeDStream(stream); }
  };

  fs::path path_;
  std::vector<char> packed_;
  std::unique_ptr<std::FILE, Close> file_;
  std::unique_ptr<ZSTD_DStream, Close> stream_;
  ZSTD_inBuffer in_{nullptr, 0, 0};
  bool at_start_ = true, at_end_ = false, frame_is_whole_ = false;
};

}  // namespace

std::string lower_ending(const fs::path& path) {
  std::string ending = path.extension().string();
  for (char& c : ending)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  return ending;
}

Compression compression_of(const fs::path& path) {
  const std::string ending = lower_ending(path);
  return ending == ".gz" ? Compression::gzip : ending == ".zst" ? Compression::zstd : Compression::none;
}

TextFile::TextFile(const fs::path& path) {
  std::error_code error;
  const auto status = fs::status(path, error);
  if (fs::is_directory(status)) fail(path, "is not a regular file but a directory");
  if (fs::exists(status) && !fs::is_regular_file(status)) fail(path, not_a_file(path));
  if (compression_of(path) == Compression::zstd)
    source_ = std::make_unique<ZstdSource>(path);
  else
    source_ = std::make_unique<GzipSource>(path);
}

void for_each_piece(const fs::path& path, const std::function<void(std::string_view)>& found) {
  TextFile file(path);
  std::vector<char> buffer(chunk_bytes);
  size_t got = chunk_bytes;
  while (got == chunk_bytes) {
    got = file.read(buffer);
    if (got > 0) found(std::string_view(buffer.data(), got));
  }
}

uint64_t text_size(const fs::path& path) {
  std::error_code unknown;
  const uint64_t stored = fs::file_size(path, unknown);
  if (unknown) return 0;
  std::ifstream in(path, std::ios::binary);
  std::array<unsigned char, 18> bytes{};  // as much as a header of zstd has
  const auto read = [&] { in.read(reinterpret_cast<char*>(bytes.data()), bytes.size()); };
  if (compression_of(path) == Compression::gzip) {
    in.seekg(-4, std::ios::end);
    read();
    uint64_t length = 0;
    for (size_t i = 4; i-- > 0;) length = length << 8 | bytes[i];  // little-endian, RFC 1952
    return std::max(stored, length);
  }
  if (compression_of(path) == Compression::zstd) {
    read();
    const unsigned long long length = ZSTD_getFrameContentSize(bytes.data(), bytes.size());
    if (length < ZSTD_CONTENTSIZE_ERROR) return std::max<uint64_t>(stored, length);
  }
  return stored;
}

std::string read_all(const fs::path& path) {
  std::string text;
  for_each_piece(path, [&](std::string_view piece) { text += piece; });
  return text;
}

void for_each_line(const std::filesystem::path& path, size_t longest,
                   const std::function<void(int64_t, std::string_view)>& line_found) {
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
  for_each_piece(path, [&](std::string_view rest) {
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
  });
  if (!begun.empty()) finish(begun);
}

}  // namespace models
