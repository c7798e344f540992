#include "models/outer/reductions.h"

#include <cmath>
#include <vector>

#include "models/outer/anomaly_gate.h"
#include "models/outer/nesterov.h"
#include "tests/support/catch.h"

using namespace models;

namespace {

ParamLayout layout_of(const std::vector<int64_t>& sizes) {
  ParamLayout layout;
  for (const int64_t size : sizes) layout.add("t" + std::to_string(size), {size}, TensorRole::hidden);
  return layout;
}

struct Given {
  Params gradient;
  int64_t steps = 1;
  int64_t tokens = 0;  // 0: 16 per step
};

Params reduced(Reduction& reduction, std::vector<Given> given) {
  std::vector<Contribution> batch;
  for (Given& g : given) batch.push_back({g.gradient, static_cast<int64_t>(batch.size()), g.steps, g.tokens ? g.tokens : g.steps * 16});
  const auto result = reduction.reduce(batch);
  return Params(result.begin(), result.end());
}

template <class Config>
Params reduced(const Config& config, std::vector<Given> given) {
  const ParamLayout layout = layout_of({static_cast<int64_t>(given[0].gradient.size())});
  return reduced(*make(config, layout), std::move(given));
}

void check_close(const Params& found, const std::vector<double>& expected) {
  REQUIRE(found.size() == expected.size());
  for (size_t i = 0; i < found.size(); ++i) CHECK(found[i] == Approx(expected[i]).epsilon(1e-5).margin(1e-7));
}

const std::vector<Given> kThree{{{0.1f, -0.2f, 0.3f}}, {{-0.3f, 0.1f, 0.2f}}, {{0.05f, 0.4f, -0.1f}}};
const std::vector<Given> kTwo{{{3.0f, 4.0f}}, {{0.0f, 1.0f}}};

}  // namespace

TEST_CASE("the mean by tokens is the mean to the bit where all are as many, and leans to who did more") {
  std::vector<Given> given = kThree;
  for (const int64_t steps : {1, 7, 20}) {
    for (Given& g : given) g.steps = steps;
    CHECK(reduced(ByTokensConfig{}, given) == reduced(MeanConfig{}, kThree));
  }
  given[1].steps = 60;  // of 20, 60, 20
  check_close(reduced(ByTokensConfig{}, given),
              {(0.1 - 0.9 + 0.05) / 5, (-0.2 + 0.3 + 0.4) / 5, (0.3 + 0.6 - 0.1) / 5});
}

TEST_CASE("the contributors' mean divides each coordinate by those who sent it") {
  check_close(reduced(ContributorsConfig{}, {{{1.0f, 0.0f, 0.0f, -4.0f}}, {{2.0f, 6.0f, 0.0f, 0.0f}}}),
              {1.5, 6.0, 0.0, -4.0});
  check_close(reduced(ContributorsConfig{}, kThree),
              {(0.1 - 0.3 + 0.05) / 3, (-0.2 + 0.1 + 0.4) / 3, (0.3 + 0.2 - 0.1) / 3});
}

// Numbers: reference/ref_methods.py, in double precision.
TEST_CASE("EDiT weighs by norms, clips and steps as the reference") {
  const auto step_of = [](const Params& g) {
    Params theta(2, 0.0f);
    make(NesterovConfig{.rate = 0.7, .momentum = 0.8})->apply(theta, g);
    return theta;
  };
  const Params g = reduced(EditConfig{}, kTwo);
  check_close(g, {0.0539586299, 1.05395863});
  check_close(step_of(g), {-0.0679878737, -1.32798787});
  const Params clipped = reduced(EditConfig{.clip = 1.0}, kTwo);
  check_close(clipped, {0.0511291933, 0.998692047});
  check_close(step_of(clipped), {-0.0644227836, -1.25835198});
  // The weights themselves: of (1, 0) and (0, 1) scaled to norms 5 and 1.
  const Params weights = reduced(EditConfig{}, {{{5.0f, 0.0f}}, {{0.0f, 1.0f}}});
  check_close({weights[0] / 5.0f, weights[1]}, {0.01798621, 0.98201379});
}

TEST_CASE("EDiT with equal norms or without end of temperature is the mean, with little of it the smallest alone") {
  check_close(reduced(EditConfig{}, {{{3.0f, 4.0f}}, {{-5.0f, 0.0f}}, {{0.0f, 5.0f}}}), {-2.0 / 3, 3.0});
  const Params mean = reduced(MeanConfig{}, kTwo);
  check_close(reduced(EditConfig{.temperature = 1e9}, kTwo), {mean[0], mean[1]});
  check_close(reduced(EditConfig{.temperature = 1e-3}, kTwo), {0.0, 1.0});
  // Half the norms give other weights.
  CHECK(std::fabs(2 * reduced(EditConfig{}, {{{1.5f, 2.0f}}, {{0.0f, 0.5f}}})[0] - reduced(EditConfig{}, kTwo)[0]) >
        0.1f);
}

TEST_CASE("EDiT can lean to who did more steps, and weighs every tensor by itself") {
  std::vector<Given> given = kTwo;
  given[0].steps = 3;
  check_close(reduced(EditConfig{.clip = std::nullopt, .steps_share = 1.0}, given), {2.25, 3.25});
  check_close(reduced(EditConfig{.clip = std::nullopt, .steps_share = 0.5}, given),
              {(0.0539586299 + 2.25) / 2, (1.05395863 + 3.25) / 2});
  const ParamLayout layout = layout_of({2, 1});
  Params one(layout.size()), other(layout.size());
  one[0] = 3.0f, one[1] = 4.0f, one[16] = 1.0f;
  other[1] = 1.0f, other[16] = -1.0f;
  const Params both = reduced(*make(EditConfig{}, layout), {{one}, {other}});
  check_close({both[0], both[1], both[16]}, {0.0539586299, 1.05395863, 0.0});
}

TEST_CASE("the anomaly gate passes steady norms, has the reference's statistics, and stops a triple norm") {
  AnomalyGate gate(3.0, 120);
  for (int i = 0; i < 200; ++i) REQUIRE_FALSE(gate.fires(1, 1.0 + 0.1 * std::sin(i)));
  CHECK(gate.mean(1) == Approx(0.999975222).epsilon(1e-5));
  CHECK(std::sqrt(gate.variance(1)) == Approx(0.0700901458).epsilon(1e-5));
  const double mean = gate.mean(1), variance = gate.variance(1);
  CHECK(gate.fires(1, 3.0));
  CHECK(gate.mean(1) == mean);  // it leaves no trace
  CHECK(gate.variance(1) == variance);
  CHECK_FALSE(gate.fires(1, 1.05));
  CHECK_FALSE(gate.fires(0, 3.0));  // another series
  AnomalyGate early(3.0, 120);
  for (int i = 0; i < 119; ++i) early.fires(0, 1.0 + 0.1 * std::sin(i));
  CHECK_FALSE(early.fires(0, 3.0));  // still warming up
}

TEST_CASE("what EDiT's gate stops counts as nothing, worker by worker, and the weight goes to the others") {
  const ParamLayout layout = layout_of({2});
  const auto steady = [&](const EditConfig& config) {
    auto edit = make(config, layout);
    for (int i = 0; i < 200; ++i)
      reduced(*edit, {{{1.0f + (i % 2 ? 0.1f : -0.1f), 0.0f}}, {{0.0f, 5.0f}}});  // two workers of other norms
    return edit;
  };
  const std::vector<Given> triple{{{3.0f, 0.0f}}, {{0.0f, 5.0f}}}, usual{{{1.0f, 0.0f}}, {{0.0f, 5.0f}}};
  const auto edit = steady({.anomaly_warmup = 100});
  check_close(reduced(*edit, triple), {0.0, 5.0});
  CHECK(reduced(*edit, usual)[0] > 0.4f);
  // Where all weigh alike whatever their norms, its share is lost.
  check_close(reduced(*steady({.steps_share = 1.0, .anomaly_warmup = 100}), triple), {0.0, 2.5});
  CHECK(reduced(*steady({.anomaly_threshold = std::nullopt}), triple)[0] > 0.3f);
}

TEST_CASE("radius and direction apart: the reference's vector, and one or equal or opposite ones") {
  const std::vector<Given> four{{.gradient = {0.1f, -0.2f, 0.3f}, .steps = 1, .tokens = 1},
                                {.gradient = {-0.3f, 0.1f, 0.2f}, .steps = 2, .tokens = 2},
                                {.gradient = {0.05f, 0.4f, -0.1f}, .steps = 1, .tokens = 1},
                                {.gradient = {0.2f, 0.2f, 0.2f}, .steps = 1, .tokens = 1}};
  check_close(reduced(RadialDirectionalConfig{}, four), {-0.0869857763, 0.209837759, 0.300692183});
  // The merge's learners: anchored at (1, 2, 0), tokens and steps of their own.
  check_close(reduced(RadialDirectionalConfig{}, {{.gradient = {0.1f, 0.2f, -0.2f}, .steps = 10, .tokens = 1000},
                                                  {.gradient = {-0.2f, 0.1f, 0.1f}, .steps = 5, .tokens = 600},
                                                  {.gradient = {0.5f, -0.2f, 0.0f}, .steps = 10, .tokens = 300}}),
              {-0.0489022814, 0.265182391, -0.106603729});
  check_close(reduced(RadialDirectionalConfig{}, {{{3.0f, 4.0f}}, {{3.0f, 4.0f}}}), {3.0, 4.0});
  check_close(reduced(RadialDirectionalConfig{}, {{{3.0f, 4.0f}}, {{-3.0f, -4.0f}}}), {0.0, 0.0});
  CHECK(reduced(RadialDirectionalConfig{}, {{{3.0f, 4.0f}}})[0] == 3.0f);
}
