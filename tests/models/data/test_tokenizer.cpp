#include "models/data/tokenizer.h"

#include <algorithm>
#include <fstream>
#include <iterator>

#include "models/data/corpus.h"
#include "tests/support/catch.h"
#include "tests/support/error_message.h"
#include "tests/support/hash_random.h"
#include "tests/support/paths.h"
#include "tests/support/temp_directory.h"

using Catch::Matchers::Contains;
using Catch::Matchers::StartsWith;
using namespace models;

namespace {

std::string sample_text() {
  const Corpus corpus = load_corpus(source_dir() + "/experiments/data/kjv.txt");
  return corpus.domains[0].text.substr(0, 60000);
}

std::filesystem::path train(const TempDirectory& directory, std::string_view text, int64_t vocabulary,
                            const std::string& name = "t.model") {
  const std::string_view texts[] = {text};
  train_sentencepiece(texts, vocabulary, directory.path() / name);
  return directory.path() / name;
}

std::string random_bytes(size_t size, uint64_t seed) {
  const HashRandom random(seed);
  std::string bytes(size, '\0');
  for (size_t i = 0; i < size; ++i) bytes[i] = static_cast<char>(random.below(256, 0, i));
  return bytes;
}

std::string content(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

bool survives(const Tokenizer& tokenizer, const std::string& text) {
  const auto tokens = tokenizer.encode(text);
  for (const int32_t token : tokens) {
    if (token < 0 || token >= tokenizer.vocabulary()) return false;
  }
  return tokenizer.decode(tokens) == text;
}

}  // namespace

TEST_CASE("a byte token is the byte's value") {
  const auto tokenizer = make_byte_tokenizer();
  CHECK(tokenizer->vocabulary() == 256);
  CHECK(tokenizer->encode(std::string_view("a\0\xFF", 3)) == std::vector<int32_t>{97, 0, 255});
  CHECK(survives(*tokenizer, random_bytes(5000, 1)));
  CHECK(tokenizer->encode("").empty());
}

TEST_CASE("tokens outside the vocabulary are refused") {
  const TempDirectory directory;
  const auto byte = make_byte_tokenizer();
  const auto piece = load_sentencepiece(train(directory, sample_text(), 400));
  for (const Tokenizer* tokenizer : {byte.get(), piece.get()}) {
    for (const int32_t token : {-1, static_cast<int32_t>(tokenizer->vocabulary())}) {
      const int32_t tokens[] = {0, token};
      CHECK_THAT(error_message<TokenizerError>([&] { tokenizer->decode(tokens); }),
                 StartsWith("token " + std::to_string(token)));
    }
  }
}

TEST_CASE("a trained tokenizer has the wanted size, shortens text, and gives back the default corpus exactly") {
  const TempDirectory directory;
  const auto tokenizer = load_sentencepiece(train(directory, sample_text(), 700));
  CHECK(tokenizer->vocabulary() == 700);
  for (const Domain& domain : load_corpus(source_dir() + "/experiments/data").domains) {
    const auto tokens = tokenizer->encode(domain.text);
    CHECK((tokenizer->decode(tokens) == domain.text));
    CHECK(10 * tokens.size() < 8 * domain.text.size());
  }
}

TEST_CASE("any bytes survive a trained tokenizer") {
  const TempDirectory directory;
  const auto tokenizer = load_sentencepiece(train(directory, sample_text(), 400));
  for (const char* text : {"", " ", "  a  b ", "\n\n\t\r\n ", "tab\tend ", "▁", "a▁ b▁▁", "▅ ⁇ ", "<0x41><unk></s>",
                           "naïve € 😀", "e\u0301\u00A0\u3000x", "ﬁ½"}) {
    CAPTURE(text);
    CHECK(survives(*tokenizer, text));
  }
  CHECK(survives(*tokenizer, std::string("a\0b\0\0", 5)));
  for (uint64_t seed = 0; seed < 20; ++seed) CHECK(survives(*tokenizer, random_bytes(1000, seed)));
}

TEST_CASE("any bytes survive a tokenizer that was trained on text without spaces") {
  const TempDirectory directory;
  const auto tokenizer = load_sentencepiece(train(directory, "abababab\ncdcdcdcd\nabcd", 262));
  CHECK(survives(*tokenizer, "ab cd  ▁ "));
  CHECK(survives(*tokenizer, random_bytes(1000, 7)));
}

TEST_CASE("tokens do not depend on where a long text is cut for the threads") {
  const TempDirectory directory;
  const auto tokenizer = load_sentencepiece(train(directory, sample_text(), 400));
  std::string text;
  while (text.size() < 1'200'000) text += sample_text();  // some five stretches
  std::vector<int32_t> by_line;
  for (size_t start = 0; start < text.size();) {
    const size_t end = std::min(text.find('\n', start), text.size() - 1) + 1;
    const auto tokens = tokenizer->encode(std::string_view(text).substr(start, end - start));
    by_line.insert(by_line.end(), tokens.begin(), tokens.end());
    start = end;
  }
  CHECK((tokenizer->encode(text) == by_line));
  std::string one_line = text;
  std::replace(one_line.begin(), one_line.end(), '\n', ' ');
  CHECK(survives(*tokenizer, one_line));
  CHECK(survives(*tokenizer, random_bytes(600'000, 3)));
}

TEST_CASE("the same text trains the same tokenizer to the bit and leaves nothing beside it") {
  const TempDirectory directory;
  const std::string text = sample_text();
  const auto first = train(directory, text, 400, "first.model"), second = train(directory, text, 400, "second.model");
  CHECK((content(first) == content(second)));
  const std::filesystem::directory_iterator files(directory.path());
  CHECK(std::distance(begin(files), end(files)) == 2);
}

TEST_CASE("a vocabulary the text cannot give is refused with the limit, and the limit can be had") {
  const TempDirectory directory;
  const std::string text = sample_text().substr(0, 5000);
  const auto refusal = [&](int64_t vocabulary) {
    return error_message<TokenizerError>([&] { train(directory, text, vocabulary); });
  };
  const std::string high = refusal(30000), low = refusal(258);
  CHECK_THAT(high, Contains("of 30000 pieces cannot be trained: the text gives at most "));
  CHECK_THAT(low, Contains("of 258 pieces cannot be trained: the bytes and the text's characters alone are "));
  const auto number = [](const std::string& message, const std::string& mark) {
    return std::stoll(message.substr(message.find(mark) + mark.size()));
  };
  const int64_t highest = number(high, "at most "), lowest = number(low, "alone are ");
  CHECK(load_sentencepiece(train(directory, text, highest))->vocabulary() == highest);
  CHECK(load_sentencepiece(train(directory, text, lowest))->vocabulary() == lowest);
  CHECK_FALSE(refusal(highest + 1).empty());
  CHECK_FALSE(refusal(lowest - 1).empty());
  CHECK_THAT(refusal(256), Contains("allowed: 257"));
  CHECK_THAT(refusal(-5), Contains("allowed: 257"));
}

TEST_CASE("no text, and a model that cannot be written, are refused") {
  const TempDirectory directory;
  CHECK_THAT(error_message<TokenizerError>([&] { train(directory, "\n\n", 400); }), Contains("from no text"));
  CHECK_THAT(error_message<TokenizerError>([&] { train_sentencepiece({}, 400, directory.path() / "m"); }),
             Contains("from no text"));
  CHECK_THAT(error_message<TokenizerError>([&] { train(directory, sample_text(), 400, "no/such/t.model"); }),
             Contains("no/such/t.model: the tokenizer's model cannot be written"));
}

TEST_CASE("a file that is no SentencePiece model is refused by name") {
  const TempDirectory directory;
  const auto refusal = [](const std::filesystem::path& path) {
    return error_message<TokenizerError>([&] { load_sentencepiece(path); });
  };
  CHECK_THAT(refusal(directory.path() / "none"), Contains("none: cannot be opened"));
  CHECK_THAT(refusal(directory.path()), Contains("is not a regular file"));
  CHECK_THAT(refusal(directory.write("empty", "")), Contains("empty: not a SentencePiece model"));
  CHECK_THAT(refusal(directory.write("garbage", random_bytes(3000, 5))),
             Contains("garbage: not a SentencePiece model"));
  const std::string model = content(train(directory, sample_text(), 400));
  for (const size_t kept : {size_t{1}, size_t{20}, size_t{1001}, model.size() / 2, model.size() - 1}) {
    CAPTURE(kept);
    CHECK_THAT(refusal(directory.write("cut", model.substr(0, kept))), Contains("cut: not a SentencePiece model"));
  }
}
