#pragma once
#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace models {

struct TokenizerError : std::runtime_error {
  using std::runtime_error::runtime_error;
};

class Tokenizer {
 public:
  virtual ~Tokenizer() = default;
  /// V; every id is in [0, V).
  virtual int64_t vocabulary() const = 0;
  virtual std::vector<int32_t> encode(std::string_view text) const = 0;
  /// Throws TokenizerError for an id outside [0, V).
  virtual std::string decode(std::span<const int32_t> tokens) const = 0;
};

/// id = byte value, V = 256.
std::unique_ptr<Tokenizer> make_byte_tokenizer();
/// A given SentencePiece .model file. Where it has a piece for every byte and does not normalise, as those trained
/// here, decode(encode(x)) == x for any bytes x; otherwise the model's own rules decide what is kept. Encodes on all
/// cores.
std::unique_ptr<Tokenizer> load_sentencepiece(const std::filesystem::path& model);
/// Trains a SentencePiece unigram model of `vocabulary` pieces on `texts` (byte fallback, deterministic, one thread)
/// and writes it to `model` (aside, then renamed). No piece crosses a line end. Of more than 16 MiB of text only every
/// n-th line is used. Throws TokenizerError when the text cannot give that many pieces.
void train_sentencepiece(std::span<const std::string_view> texts, int64_t vocabulary,
                         const std::filesystem::path& model);

}  // namespace models
