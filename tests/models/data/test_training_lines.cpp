#include "models/data/training_lines.h"

#include <string>
#include <vector>

#include "tests/support/catch.h"

using models::TrainingLines;

namespace {

std::vector<std::string> all(std::vector<std::string_view> texts, size_t longest, size_t enough) {
  TrainingLines lines(texts, longest, enough);
  std::vector<std::string> found;
  while (const auto line = lines.next()) found.emplace_back(*line);
  return found;
}

}  // namespace

TEST_CASE("a tokenizer is trained on the non-empty lines of all texts in order") {
  CHECK(all({"\n\nab \nc", "", "\n", "d\n"}, 100, 100) == std::vector<std::string>{"ab ", "c", "d"});
  CHECK(all({}, 100, 100).empty());
  CHECK(all({"\n\n"}, 100, 100).empty());
}

TEST_CASE("a long line is trained on in parts that join to the line, cut before spaces or between characters") {
  CHECK(all({"aaa bbb cc d\ne"}, 7, 100) == std::vector<std::string>{"aaa bbb", " cc d", "e"});
  CHECK(all({"€€€€€"}, 7, 100) == std::vector<std::string>{"€€", "€€", "€"});
  CHECK(all({" bbbbbbbbb"}, 4, 100) == std::vector<std::string>{" bbb", "bbbb", "bb"});
}

TEST_CASE("of more text than enough every n-th line is trained on, so that no more than enough is") {
  std::string text;
  for (int i = 100; i < 200; ++i) text += std::to_string(i) + "\n";  // 400 bytes
  CHECK(all({text}, 100, 400).size() == 100);
  const auto third = all({text}, 100, 150);  // ⌈400 / 150⌉ = 3
  REQUIRE(third.size() == 34);
  for (size_t i = 0; i < third.size(); ++i) CHECK(third[i] == std::to_string(100 + 3 * i));
}
