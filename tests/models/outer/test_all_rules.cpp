#include <cmath>
#include <map>
#include <string>
#include <utility>

#include "models/outer/rules.h"
#include "tests/support/catch.h"

// What holds for every outer rule of the list, whatever its formula.

using namespace models;

namespace {

ParamLayout three_tensors() {
  ParamLayout layout;
  layout.add("matrix", {5, 7}, TensorRole::hidden);
  layout.add("bias", {5}, TensorRole::bias);
  layout.add("matrix.2", {3, 40}, TensorRole::hidden);
  return layout;
}

/// Calls f(config) with the defaults of every rule.
template <class F, size_t... i>
void for_each_rule(F&& f, std::index_sequence<i...>) {
  (f(std::variant_alternative_t<i, OuterConfig>{}), ...);
}
template <class F>
void for_each_rule(F&& f) {
  for_each_rule(f, std::make_index_sequence<std::variant_size_v<OuterConfig>>());
}

struct State : StateVisitor {
  void count(const std::string& name, int64_t& value) override {
    if (restoring) value = counts.at(name);
    CHECK((restoring || counts.emplace(name, value).second));  // no name twice
  }
  void vector(const std::string& name, Params& values) override {
    if (restoring) values = vectors.at(name);
    CHECK((restoring || vectors.emplace(name, values).second));
  }
  bool restoring = false;
  std::map<std::string, int64_t> counts;
  std::map<std::string, Params> vectors;
};

/// A gradient that is another at every step.
Params gradient_at(int step, size_t size) {
  Params g(size);
  for (size_t i = 0; i < size; ++i) g[i] = std::sin(static_cast<float>(step) + 0.37f * static_cast<float>(i));
  return g;
}

}  // namespace

TEST_CASE("every outer rule goes on to the bit from what it shows of itself, after any update") {
  const ParamLayout layout = three_tensors();
  const RuleContext context{&layout, 3, 20};
  for_each_rule([&](const auto& config) {
    INFO(std::string(config.kind));
    for (int cut = 0; cut < 8; ++cut) {
      const auto whole = make(config, context), restored = make(config, context);
      Params theta(layout.size(), 1.0f);
      for (int step = 0; step < cut; ++step) whole->apply(theta, gradient_at(step, theta.size()));
      State state;
      whole->visit(state);
      state.restoring = true;
      restored->visit(state);
      Params other = theta;
      for (int step = cut; step < cut + 7; ++step) {
        whole->apply(theta, gradient_at(step, theta.size()));
        restored->apply(other, gradient_at(step, theta.size()));
        CHECK(whole->dispatched(theta) == restored->dispatched(other));
      }
      CHECK(theta == other);
    }
  });
}

TEST_CASE("every outer rule goes down a parabola at its default rate") {
  const ParamLayout layout = three_tensors();
  for_each_rule([&](const auto& config) {
    INFO(std::string(config.kind));
    const auto rule = make(config, RuleContext{&layout, 3, 1000});
    Params theta(layout.size(), 1.0f);
    CHECK(rule->dispatched(theta).empty());  // of a fresh rule it is θ
    for (int step = 0; step < 1000; ++step) {
      const Params other = rule->dispatched(theta);
      rule->apply(theta, other.empty() ? Params(theta) : other);  // the gradient of ½‖x‖² at x is x
    }
    for (const TensorSpec& tensor : layout.tensors())
      for (size_t i = 0; i < tensor.size; ++i) REQUIRE(std::abs(theta[tensor.offset + i]) < 0.9f);
  });
}
