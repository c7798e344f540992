#include "models/data/json_lines.h"

#include "models/data/corpus.h"
#include "tests/support/catch.h"
#include "tests/support/error_message.h"
#include "tests/support/gzip.h"
#include "tests/support/temp_directory.h"

using Catch::Matchers::Contains;
using Catch::Matchers::StartsWith;
using namespace models;

namespace {

/// What is said of `line` as the third of its file.
std::string refusal(const std::string& line) {
  const TempDirectory directory;
  const auto file = directory.write("d.jsonl", "{\"text\":\"fine\"}\n\n" + line + "\n{\"text\":\"fine too\"}\n");
  const std::string message = error_message<CorpusError>([&] { load_corpus(file); });
  CHECK_THAT(message, StartsWith(file.string() + ":3: "));
  return message;
}

/// Reads up to `longest` bytes a line; returns the bytes of all texts.
size_t text_bytes(const std::filesystem::path& file, size_t longest) {
  size_t bytes = 0;
  FirstTen bad;
  read_json_lines(
      file, bad, [&](int64_t, const std::string*, std::string_view text) { bytes += text.size(); }, longest);
  CHECK(bad.count == 0);
  return bytes;
}

}  // namespace

TEST_CASE("a broken JSON line is refused by file, line and what it begins with") {
  CHECK_THAT(refusal(R"({"text": "cut)"), Contains("broken JSON") && Contains(R"({"text": "cut)"));
  CHECK_THAT(refusal("{"), Contains("broken JSON"));
  CHECK_THAT(refusal(R"({"text": 1e400})"), Contains("broken JSON (number overflow parsing '1e400')"));
  CHECK_THAT(refusal("{\"text\":\"\xFF\"}"), Contains("broken JSON") && Contains("UTF-8"));
  CHECK_THAT(refusal(R"({"text":"a"} {"text":"b"})"), Contains("broken JSON"));
  CHECK(refusal("{\"text\":\"" + std::string(1 << 20, 'x')).size() < 600);
}

TEST_CASE("a JSON line must be an object with a text that is a string of at least one character") {
  CHECK_THAT(refusal("[1]"), Contains("found a JSON array"));
  CHECK_THAT(refusal("\"text\""), Contains("found a JSON string"));
  CHECK_THAT(refusal(R"({"body":"x"})"), Contains("\"text\" is missing"));
  CHECK_THAT(refusal(R"({"text":5})"), Contains("\"text\" is a JSON number"));
  CHECK_THAT(refusal(R"({"text":null})"), Contains("\"text\" is a JSON null"));
  CHECK_THAT(refusal(R"({"text":""})"), Contains("\"text\" is empty"));
  CHECK_THAT(refusal(R"({"text":"x","domain":3})"), Contains("\"domain\" is a JSON number"));
  CHECK_THAT(refusal(R"({"text":"x","domain":""})"), Contains("\"domain\" is empty"));
}

TEST_CASE("a line longer than the limit is refused, one of just the limit is read") {
  const auto line = [](size_t bytes) { return R"({"text":")" + std::string(bytes - 11, 'x') + "\"}"; };
  const TempDirectory directory;
  const auto file = directory.write("d.jsonl", line(100) + "\n" + line(100));
  CHECK(text_bytes(file, 100) == 89 + 89);
  CHECK_THAT(error_message<CorpusError>([&] { text_bytes(file, 99); }),
             Contains("d.jsonl:1: the line is longer than 99"));
}

TEST_CASE("a line without end is refused before it fills the memory") {
  const TempDirectory directory;
  const auto file = directory.write("d.jsonl.gz", gzip(std::string(64 << 20, ' ')));
  CHECK_THAT(error_message<CorpusError>([&] { text_bytes(file, 2 << 20); }), Contains("d.jsonl.gz:1: "));
}
