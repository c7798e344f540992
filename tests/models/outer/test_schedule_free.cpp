#include "models/outer/schedule_free.h"
#include "models/outer/sgd.h"
#include "tests/support/outer_vectors.h"

using namespace models;

TEST_CASE("schedule-free follows the values of an independent implementation: mean, what is sent out, newest point") {
  const auto rule = make(ScheduleFreeConfig{});
  CHECK(rule->dispatched(tests::kStart).empty());  // θ itself, before the first update
  const Params theta = tests::after_four(*rule);
  tests::check_close(theta, {1.1, -2.25, -0.4});
  tests::check_close(rule->dispatched(theta), {0.94, -2.85, -0.64});
  struct Z : StateVisitor {
    void count(const std::string&, int64_t& updates) override { CHECK(updates == 4); }
    void vector(const std::string&, Params& z) override { tests::check_close(z, {0.9, -3, -0.7}); }
  } z;
  rule->visit(z);
}

TEST_CASE("schedule-free with b = 0 sends out outer SGD's points, and evaluates their mean") {
  const auto rule = make(ScheduleFreeConfig{.rate = 0.3, .interpolation = 0});
  const auto sgd = make(OuterSgdConfig{.rate = 0.3});
  Params theta(2500, 1.0f), plain = theta, g(2500);
  std::vector<double> sum(theta.size(), 0.0);
  for (int t = 1; t <= 30; ++t) {
    for (size_t i = 0; i < g.size(); ++i) g[i] = std::sin(static_cast<float>(t) + static_cast<float>(i));
    rule->apply(theta, g);
    sgd->apply(plain, g);
    REQUIRE(rule->dispatched(theta) == plain);  // to the bit
    for (size_t i = 0; i < sum.size(); ++i) sum[i] += plain[i];
    for (size_t i = 0; i < sum.size(); i += 97) CHECK(theta[i] == Approx(sum[i] / t).epsilon(1e-5));
  }
}

TEST_CASE("schedule-free with b = 1 sends out what it evaluates, to the bit") {
  const auto rule = make(ScheduleFreeConfig{.interpolation = 1});
  Params theta = tests::kStart;
  for (const Params& g : tests::kGradients) {
    rule->apply(theta, g);
    CHECK(rule->dispatched(theta) == theta);
  }
}
