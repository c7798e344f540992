#include "models/outer/heloco.h"
#include "models/outer/mla.h"
#include "tests/support/outer_vectors.h"

using namespace models;

namespace {

ParamLayout tensors(const std::vector<int64_t>& sizes) {
  ParamLayout layout;
  for (const int64_t size : sizes) layout.add("t" + std::to_string(layout.size()), {size}, TensorRole::hidden);
  return layout;
}

/// θ after the four gradients as one tensor of three elements.
std::pair<std::unique_ptr<OuterRule>, Params> after_four(const HelocoConfig& config, const ParamLayout& layout) {
  auto rule = make(config, {.layout = &layout});
  Params theta = tests::kStart;
  theta.resize(layout.size());
  for (Params g : tests::kGradients) {
    g.resize(layout.size());
    rule->apply(theta, g);
  }
  return {std::move(rule), theta};
}

Params corrected(const HelocoConfig& config, Params g) {
  heloco_correct(config, Params{1.0f, 0.0f, 0.0f}, g);
  return g;
}

double length(const Params& v) {
  double sum = 0;
  for (const float x : v) sum += static_cast<double>(x) * x;
  return std::sqrt(sum);
}

const HelocoConfig kPaper{.form = HelocoForm::paper};

}  // namespace

TEST_CASE("HeLoCo follows the values of an independent implementation, in both forms, and so does its look-ahead") {
  const ParamLayout layout = tensors({3});
  const auto [code, theta] = after_four({}, layout);
  tests::check_close(theta, {0.939194694, -2.31749539, -0.115087717});
  tests::check_close(code->momentum(), {0.0107770428, 0.0431878141, 0.058398949});
  tests::check_close(code->dispatched(theta), {0.932405157, -2.34470371, -0.151879055});
  const auto [paper, other] = after_four(kPaper, layout);
  tests::check_close(other, {0.725660027, -2.14882635, -0.187211071});
  tests::check_close(paper->momentum(), {0.0308567702, 0.0272525874, 0.0653448296});
}

TEST_CASE("HeLoCo's correction by the table: kept, turned and lessened") {
  for (const auto& [g, code, paper] : std::vector<std::array<Params, 3>>{
           {Params{0.5f, 1, 0}, {0.5f, 1, 0}, {0.5f, 1, 0}},
           {Params{0.1f, 1, 0}, {0.16614067f, 0.991159562f, 0}, {0.367905732f, 0.935224771f, 0}},
           {Params{-0.5f, 1, 0}, {-0.46964571f, 1, 0}, {-0.46964571f, 1, 0}},
           {Params{-3, 0.1f, 0}, {-2.25020822f, 0.1f, 0}, {-2.25020822f, 0.1f, 0}}}) {
    tests::check_close(corrected({}, g), {code.begin(), code.end()});
    tests::check_close(corrected(kPaper, g), {paper.begin(), paper.end()});
  }
}

TEST_CASE("HeLoCo keeps to the bit what goes the momentum's way, and what has no direction") {
  for (const Params& g : {Params{0.7f, 0, 0}, Params{0.3f, 1, 0.1f}, Params{-1e-9f, 1e-9f, 0}, Params{0, 0, 0}})
    CHECK(corrected({}, g) == g);
  Params first{-1.0f, 2.0f};  // an arrival before there is momentum
  heloco_correct({}, Params{0, 0}, first);
  CHECK(first == Params{-1.0f, 2.0f});
}

TEST_CASE("HeLoCo's turn keeps the length, its subtraction takes at most a_max of the opposing part") {
  for (const HelocoConfig& config : {HelocoConfig{}, kPaper, HelocoConfig{.turn = 50, .kappa = 0}})
    for (const float along : {0.0f, 0.05f, 0.15f, 0.19f}) {
      const Params g{along, 1, -0.3f};
      CHECK(length(corrected(config, g)) == Approx(length(g)).epsilon(1e-6));
    }
  CHECK(corrected({.turn = 1e6, .kappa = 0}, {0, 3, 4})[0] == Approx(5));  // no further than to the momentum
  for (const float along : {-0.01f, -0.5f, -20.0f}) {
    const Params g{along, 1, -0.3f}, left = corrected({.subtraction = 100, .kappa = 0}, g);
    CHECK(left[0] == Approx(0.5 * along));
    CHECK(left[1] == g[1]);
    CHECK(left[2] == g[2]);
  }
}

TEST_CASE("at c_ok the code's form is continuous, the paper's jumps") {
  const Params below{0.2041f, 1, 0};  // cosine 0.19998
  CHECK(corrected({}, below)[0] == Approx(below[0]).epsilon(1e-3));
  CHECK(corrected(kPaper, below)[0] > 1.5f * below[0]);
}

TEST_CASE("HeLoCo that finds every direction right, and sends out θ, is MLA, to the bit") {
  const ParamLayout layout = tensors({35, 5, 5000, 1});
  const auto rule = make(HelocoConfig{.ok_cosine = -2, .look_ahead = false}, {.layout = &layout});
  Params theta(layout.size(), 1.0f), expected = theta, g(layout.size(), 0.0f);
  const auto mla = make(MlaConfig{});
  for (int step = 0; step < 20; ++step) {
    for (const TensorSpec& tensor : layout.tensors())
      for (size_t i = 0; i < tensor.size; ++i) g[tensor.offset + i] = std::sin(static_cast<float>(step + 3 * i));
    rule->apply(theta, g);
    mla->apply(expected, g);
    REQUIRE(theta == expected);
    CHECK(rule->dispatched(theta).empty());
  }
}

TEST_CASE("HeLoCo corrects each tensor by itself") {
  // Two tensors together are each what it is alone; as one tensor of both they are not.
  const ParamLayout both = tensors({16, 16}), one = tensors({16}), joint = tensors({32});
  const auto whole = make(HelocoConfig{}, {.layout = &both}), mixed = make(HelocoConfig{}, {.layout = &joint});
  const auto first = make(HelocoConfig{}, {.layout = &one}), second = make(HelocoConfig{}, {.layout = &one});
  Params theta(32, 1.0f), other = theta, a(16, 1.0f), b(16, 1.0f);
  for (int step = 0; step < 9; ++step) {
    Params g(32);
    for (size_t i = 0; i < 32; ++i)
      g[i] = std::sin(static_cast<float>(step * (i < 16 ? 1 : 5)) + static_cast<float>(i));
    whole->apply(theta, g);
    mixed->apply(other, g);
    first->apply(a, std::span(g).first(16));
    second->apply(b, std::span(g).last(16));
  }
  CHECK(std::equal(a.begin(), a.end(), theta.begin()));
  CHECK(std::equal(b.begin(), b.end(), theta.begin() + 16));
  CHECK(theta != other);
}
