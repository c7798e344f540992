#include <sentencepiece_trainer.h>

#include <charconv>
#include <span>
#include <unordered_map>

#include "models/data/tokenizer.h"
#include "models/data/training_lines.h"
#include "models/durable.h"

namespace models {
namespace {

constexpr size_t longest_sentence = 4096;                 // bytes; SentencePiece leaves out those longer than 4192
constexpr size_t enough_training_text = size_t{1} << 24;  // bytes; training takes seconds and tens of MB per MB

class SentencePieceLines final : public sentencepiece::SentenceIterator {
 public:
  explicit SentencePieceLines(std::span<const std::string_view> texts)
      : lines_(texts, longest_sentence, enough_training_text) {
    Next();
  }
  bool done() const override { return done_; }
  const std::string& value() const override { return line_; }
  sentencepiece::util::Status status() const override { return {}; }
  void Next() override {
    const auto line = lines_.next();
    done_ = !line;
    line_ = line.value_or("");
  }

 private:
  TrainingLines lines_;
  std::string line_;
  bool done_ = false;
};

std::unordered_map<std::string, std::string> training_options(int64_t vocabulary) {
  return {
      {"model_type", "unigram"},
      {"vocab_size", std::to_string(vocabulary)},
      {"byte_fallback", "true"},
      {"character_coverage", "0.9995"},
      // Text is taken as it is, so that decoding gives it back.
      {"normalization_rule_name", "identity"},
      {"remove_extra_whitespaces", "false"},
      {"add_dummy_prefix", "false"},
      // Windows are cut wherever documents begin and end: no pieces for either.
      {"bos_id", "-1"},
      {"eos_id", "-1"},
      {"pad_id", "-1"},
      // Same text, same model: sums in one order, no sampling.
      {"num_threads", "1"},
      {"input_sentence_size", "0"},
      {"shuffle_input_sentence", "false"},
      // Problems come back as a status; nothing is to be printed.
      {"minloglevel", "3"},
  };
}

/// The number behind `mark` in SentencePiece's message, which is the only place where it tells its limits; 0 where
/// there is none.
int64_t number_after(const std::string& message, const std::string& mark) {
  int64_t number = 0;
  if (const size_t at = message.find(mark); at != std::string::npos) {
    std::from_chars(message.data() + at + mark.size(), message.data() + message.size(), number);
  }
  return number;
}

std::string explanation(const std::string& message, int64_t vocabulary) {
  if (const int64_t highest = number_after(message, "to a value <= "); highest > 0) {
    return "the text gives at most " + std::to_string(highest) + " pieces; allowed: up to that, or more text";
  }
  if (const int64_t lowest = number_after(message, std::to_string(vocabulary) + " vs "); lowest > 0) {
    return "the bytes and the text's characters alone are " + std::to_string(lowest) + " pieces; allowed: from that up";
  }
  return message;
}

}  // namespace

void train_sentencepiece(std::span<const std::string_view> texts, int64_t vocabulary,
                         const std::filesystem::path& model) {
  const std::string wanted = "a SentencePiece vocabulary of " + std::to_string(vocabulary) + " pieces";
  if (vocabulary < 257 || vocabulary > 1'000'000) {
    throw TokenizerError(wanted + "; allowed: 257 (every byte, and unknown) to 1000000");
  }
  SentencePieceLines lines(texts);
  if (lines.done()) throw TokenizerError(wanted + " from no text; allowed: at least one character that is no line end");
  std::string serialized;
  const auto status = sentencepiece::SentencePieceTrainer::Train(training_options(vocabulary), &lines, &serialized);
  if (!status.ok()) throw TokenizerError(wanted + " cannot be trained: " + explanation(status.ToString(), vocabulary));
  if (const auto error = replace_file(model, {std::as_bytes(std::span(serialized))}))
    throw TokenizerError(model.string() + ": the tokenizer's model cannot be written there: " + error.message());
}

}  // namespace models
