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

/// The refusal of `line` as the third of its file.
std::string refusal(const std::string& line, size_t longest = longest_json_line) {
  const TempDirectory directory;
  const auto file = directory.write("d.jsonl", "{\"text\":\"fine\"}\n\n" + line + "\n{\"text\":\"fine\"}\n");
  std::map<std::string, std::string> domains;
  const std::string message = error_message<CorpusError>([&] { read_json_lines(file, "d", domains, longest); });
  CHECK_THAT(message, StartsWith(file.string() + ":3: "));
  return message;
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
  CHECK_THAT(refusal(line(101), 100), Contains("longer than 100 bytes"));
  const TempDirectory directory;
  std::map<std::string, std::string> domains;
  read_json_lines(directory.write("d.jsonl", line(100) + "\n" + line(100)), "d", domains, 100);
  CHECK(domains.at("d").size() == 89 + 2 + 89);
}

TEST_CASE("a line without end is refused before it fills the memory") {
  const TempDirectory directory;
  const auto file = directory.write("d.jsonl.gz", gzip(std::string(64 << 20, ' ')));
  std::map<std::string, std::string> domains;
  const size_t limit = 2 << 20;
  CHECK_THAT(error_message<CorpusError>([&] { read_json_lines(file, "d", domains, limit); }),
             Contains("d.jsonl.gz:1: "));
}
