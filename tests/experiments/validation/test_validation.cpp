#include <fstream>
#include <sstream>

#include "experiments/report/markdown.h"
#include "experiments/validation/sources.h"
#include "tests/support/catch.h"
#include "tests/support/paths.h"

using namespace experiments;

namespace {

/// Computed once for all tests.
const std::vector<Validation>& all() {
  static const std::vector<Validation> made = [] {
    std::vector<Validation> list;
    for (const auto& source : validation_sources()) list.push_back(source());
    return list;
  }();
  return made;
}

}  // namespace

TEST_CASE("every rule that the published numbers give holds, and the page shows it", "[slow]") {
  size_t rules = 0;
  for (const Validation& v : all())
    for (const Rule& rule : v.rules) {
      INFO(v.title << ": " << rule.says << ": " << rule.measured);
      CHECK(rule.holds);
      CHECK_FALSE(rule.measured.empty());
      ++rules;
    }
  CHECK(rules >= 25);
  std::ifstream in(source_dir() + "/docs/validation.md");
  std::ostringstream page;
  page << in.rdbuf();
  CHECK(validation_page(all(), "./straggle validate", "validation") == page.str());
}

TEST_CASE("a validation that fails says so on its page") {
  Validation wrong{
      .title = "T", .source = "S", .set_up = "U", .fitted = {"one"}, .rules = {}, .tables = {}, .charts = {}};
  wrong.rules = {{"it is 1", "2", false}, {"it is 2", "2", true}};
  const std::string page = validation_page({wrong}, "command", "charts");
  CHECK_THAT(page, Catch::Contains("| T | **1 of 2 hold** | 1 |"));
  CHECK_THAT(page, Catch::Contains("| it is 1 | 2 | **fails** |"));
}

TEST_CASE("prose is wrapped at 120 columns, and no line that this makes begins a list or a heading") {
  const std::string word(9, 'w'), line = word + " " + word + " " + word + " " + word + " " + word + " " + word + " " +
                                         word + " " + word + " " + word + " " + word + " " + word;  // 109 columns
  CHECK(markdown_prose(line + " 45678 1234 x") == line + " 45678 1234\nx");
  CHECK(markdown_prose(line + " 12345678 -x y") == line + " 12345678 -x\ny");
  CHECK(markdown_prose("- a\n- b\n\nc") == "- a\n- b\n\nc");
}
