#include "experiments/run/compare_files.h"

#include "tests/support/catch.h"

using namespace experiments;
using Catch::Contains;

TEST_CASE("the first difference of two records is named with its line and field") {
  const std::string stored = "{\"a\":1,\"b\":{\"c\":2.5}}\n{\"a\":2,\"b\":{\"c\":null}}\n";
  CHECK_FALSE(first_difference(stored, stored, false));
  CHECK(*first_difference(stored, "{\"a\":1,\"b\":{\"c\":2.25}}\n{\"a\":9}\n", false) ==
        "line 1, /b/c: 2.5 is stored, 2.25 was found");
  CHECK(*first_difference(stored, "{\"a\":1,\"b\":{\"c\":2.5}}\n{\"a\":2,\"b\":{\"c\":0.0}}\n", false) ==
        "line 2, /b/c: null is stored, 0.0 was found");
  CHECK(*first_difference(stored, "{\"b\":{\"c\":2.5}}\n", true) == "line 1, /a: 1 is stored, nothing was found");
}

TEST_CASE("a file that begins like another is its prefix and not the same") {
  const std::string stored = "{\"a\":1}\n{\"a\":2}\n", begun = "{\"a\":1}\n";
  CHECK_FALSE(first_difference(stored, begun, true));
  CHECK_FALSE(first_difference(stored, "", true));
  CHECK(*first_difference(stored, begun, false) == "line 2 is stored, but was not found");
  CHECK(*first_difference(begun, stored, true) == "line 2 is not stored, but was found");
  CHECK(*first_difference(stored, "{\"a\":7}\n", true) == "line 1, /a: 1 is stored, 7 was found");
}

TEST_CASE("what an older program did not store is not compared, all else is, to the type of a number") {
  CHECK_FALSE(first_difference(Json::parse(R"({"a": 1})"), Json::parse(R"({"a": 1, "new": 2})")));
  CHECK(*first_difference(Json::parse(R"({"a/b": [1, 2]})"), Json::parse(R"({"a/b": [1, 3]})")) ==
        "/a~1b/1: 2 is stored, 3 was found");
  CHECK(*first_difference(Json::parse("[1, 2]"), Json::parse("[1]")) == "2 items is stored, 1 was found");
  CHECK(first_difference(Json::parse("1"), Json::parse("1.0")));
}
