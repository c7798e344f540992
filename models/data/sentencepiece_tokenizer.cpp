#include <sentencepiece_processor.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <functional>
#include <future>
#include <thread>

#include "models/data/corpus_error.h"
#include "models/data/text_file.h"
#include "models/data/tokenizer.h"
#include "models/data/utf8.h"

namespace models {
namespace {

constexpr std::string_view space_mark = "\xE2\x96\x81";  // U+2581: what SentencePiece writes for a space inside a piece
constexpr size_t stretch_bytes = size_t{1} << 18;        // what a thread takes at once
// What is handed to SentencePiece at once: it adds up a sentence's scores in float32, and in a long text their rounding
// would decide between the ways to cut it into pieces.
constexpr size_t longest_sentence = size_t{1} << 14;

/// Calls `work(0)` … `work(count − 1)`, each once, on all cores; rethrows the first exception.
void for_each_index(size_t count, const std::function<void(size_t)>& work) {
  std::atomic<size_t> next = 0;
  const auto take = [&] {
    for (size_t i = next++; i < count; i = next++) work(i);
  };
  const size_t helpers = std::min<size_t>(std::max(std::thread::hardware_concurrency(), 1u), count);
  std::vector<std::future<void>> running;
  for (size_t i = 1; i < helpers; ++i) running.push_back(std::async(std::launch::async, take));
  take();
  for (auto& helper : running) helper.get();
}

/// SentencePiece alone would not give back all text: bytes that are not UTF-8 become U+FFFD, U+2581 becomes a space,
/// and a space that has no piece becomes U+2581. Where the model has a piece for every byte, those few bytes are
/// encoded one by one here instead, so that any text survives the way there and back. SentencePiece encodes
/// some 7 MB a second and thread, so threads share long texts, in stretches whose ends do not depend on their number.
class SentencePieceTokenizer final : public Tokenizer {
 public:
  explicit SentencePieceTokenizer(const std::filesystem::path& model) {
    std::string content;
    try {
      content = read_all(model);
    } catch (const CorpusError& error) {
      throw TokenizerError(error.what());
    }
    const auto status = content.empty()
                            ? sentencepiece::util::Status(sentencepiece::util::StatusCode::kDataLoss, "empty")
                            : processor_.LoadFromSerializedProto(content);
    if (!status.ok() || processor_.GetPieceSize() == 0) {
      throw TokenizerError(model.string() + ": not a SentencePiece model (" + status.ToString() + ")");
    }
    list_surfaces();
    std::vector<int32_t> letter;
    append_encoded("a", letter);
    adds_space_in_front_ = !letter.empty() && surfaces_[letter.front()].starts_with(' ');
  }

  int64_t vocabulary() const override { return static_cast<int64_t>(surfaces_.size()); }

  std::vector<int32_t> encode(std::string_view text) const override {
    std::vector<std::string_view> stretches;
    while (!text.empty()) {
      stretches.push_back(text.substr(0, cut(text, stretch_bytes)));
      text.remove_prefix(stretches.back().size());
    }
    std::vector<std::vector<int32_t>> parts(stretches.size());
    for_each_index(stretches.size(), [&](size_t i) { append_sentences(stretches[i], parts[i]); });

    size_t size = 0;
    for (const auto& part : parts) size += part.size();
    std::vector<int32_t> tokens;
    tokens.reserve(size);
    for (const auto& part : parts) tokens.insert(tokens.end(), part.begin(), part.end());
    return tokens;
  }

  std::string decode(std::span<const int32_t> tokens) const override {
    std::string text;
    for (const int32_t token : tokens) {
      if (token < 0 || token >= vocabulary()) {
        throw TokenizerError("token " + std::to_string(token) + " is not in the vocabulary; allowed: 0 to " +
                             std::to_string(vocabulary() - 1));
      }
      text += surfaces_[token];
    }
    if (adds_space_in_front_ && text.starts_with(' ')) text.erase(0, 1);
    return text;
  }

 private:
  void list_surfaces() {
    surfaces_.resize(processor_.GetPieceSize());
    byte_ids_.fill(-1);
    for (int id = 0; id < processor_.GetPieceSize(); ++id) {
      const std::string& piece = processor_.IdToPiece(id);
      if (processor_.IsByte(id)) {
        const int byte = std::stoi(piece.substr(3, 2), nullptr, 16);  // "<0xNN>"
        byte_ids_[byte] = id;
        surfaces_[id] = std::string(1, static_cast<char>(byte));
      } else if (processor_.IsUnknown(id)) {
        surfaces_[id] = "\xEF\xBF\xBD";  // U+FFFD, the replacement character
      } else if (!processor_.IsControl(id)) {
        surfaces_[id] = with_spaces(piece);
      }
    }
    has_space_ = !processor_.IsUnknown(processor_.PieceToId(space_mark));
    has_all_bytes_ = std::find(byte_ids_.begin(), byte_ids_.end(), -1) == byte_ids_.end();
  }

  static std::string with_spaces(std::string piece) {
    for (size_t at = piece.find(space_mark); at != std::string::npos; at = piece.find(space_mark, at + 1)) {
      piece.replace(at, space_mark.size(), " ");
    }
    return piece;
  }

  /// Where to cut a text longer than `limit`: behind a line end, else in front of a space, else between characters. The
  /// pieces trained here cross neither of the first two.
  static size_t cut(std::string_view text, size_t limit) {
    if (text.size() <= limit) return text.size();
    const std::string_view head = text.substr(0, limit);
    if (const size_t end = head.rfind('\n'); end != std::string_view::npos) return end + 1;
    if (const size_t space = head.rfind(' '); space != std::string_view::npos && space > 0) return space;
    return utf8_boundary(text, limit);
  }

  /// A line with all line ends behind it; where a model puts a space in front of each sentence, as much as one can be.
  size_t sentence_length(std::string_view text) const {
    if (adds_space_in_front_) return cut(text, longest_sentence);
    const size_t end = text.find_first_not_of('\n', std::min(text.find('\n'), text.size()));
    return cut(text.substr(0, end), longest_sentence);
  }

  void append_sentences(std::string_view text, std::vector<int32_t>& tokens) const {
    while (!text.empty()) {
      const size_t length = sentence_length(text);
      append_exactly(text.substr(0, length), tokens);
      text.remove_prefix(length);
    }
  }

  void append_exactly(std::string_view text, std::vector<int32_t>& tokens) const {
    if (!has_all_bytes_) return append_encoded(text, tokens);
    size_t clean = 0;  // start of the bytes SentencePiece keeps
    for (size_t at = 0; at < text.size();) {
      const size_t length = utf8_character(text, at);
      if (length != 0 && text.substr(at, length) != space_mark && (text[at] != ' ' || has_space_)) {
        at += length;
        continue;
      }
      append_encoded(text.substr(clean, at - clean), tokens);
      const size_t end = at + std::max<size_t>(length, 1);
      for (; at < end; ++at) tokens.push_back(byte_ids_[static_cast<uint8_t>(text[at])]);
      clean = end;
    }
    append_encoded(text.substr(clean), tokens);
  }

  void append_encoded(std::string_view text, std::vector<int32_t>& tokens) const {
    if (text.empty()) return;
    std::vector<int> ids;
    const auto status = processor_.Encode(text, &ids);
    if (!status.ok()) throw TokenizerError("SentencePiece cannot encode a text: " + status.ToString());
    tokens.insert(tokens.end(), ids.begin(), ids.end());
  }

  sentencepiece::SentencePieceProcessor processor_;
  std::vector<std::string> surfaces_;  ///< by id: the text it stands for
  std::array<int32_t, 256> byte_ids_{};
  bool has_all_bytes_ = false;
  bool has_space_ = false;  ///< as a piece of its own
  bool adds_space_in_front_ = false;
};

}  // namespace

std::unique_ptr<Tokenizer> load_sentencepiece(const std::filesystem::path& model) {
  return std::make_unique<SentencePieceTokenizer>(model);
}

}  // namespace models
