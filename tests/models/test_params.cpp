#include "models/params.h"

#include <cstdint>

#include "tests/support/catch.h"

using namespace models;

TEST_CASE("tensors of a layout start on multiples of sixteen elements and do not overlap") {
  ParamLayout layout;
  CHECK(layout.size() == 0);
  CHECK(layout.add("a", {3, 5}, TensorRole::hidden) == 0);
  CHECK(layout.add("b", {16}, TensorRole::bias) == 16);
  CHECK(layout.add("c", {1}, TensorRole::bias) == 32);
  CHECK(layout.size() == 48);
  CHECK(layout.parameters() == 15 + 16 + 1);
  CHECK(layout.tensors()[0].size == 15);
  CHECK(layout.tensors()[0].is_matrix());
}

TEST_CASE("a layout finds tensors by name and nothing else") {
  ParamLayout layout;
  layout.add("embed.weight", {2, 2}, TensorRole::embedding);
  REQUIRE(layout.find("embed.weight"));
  CHECK(layout.find("embed.weight")->shape == std::vector<int64_t>{2, 2});
  CHECK(layout.find("embed") == nullptr);
}

TEST_CASE("parameters lie on cache lines") {
  for (size_t n : {1, 17, 1000}) {
    const Params params(n);
    CHECK(reinterpret_cast<std::uintptr_t>(params.data()) % 64 == 0);
  }
}
