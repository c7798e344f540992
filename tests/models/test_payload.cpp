#include "models/payload/payload.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <limits>
#include <tuple>
#include <vector>

#include "tests/support/catch.h"
#include "tests/support/hash_random.h"

using namespace models;

namespace {

constexpr PayloadConfig kBfloat16{.kind = Bfloat16{}, .error_feedback = false};
constexpr PayloadConfig kInt8{.kind = Int8{}, .error_feedback = false, .block = 256};

/// Numbers of many magnitudes.
Params numbers(size_t n, uint64_t seed = 1) {
  const HashRandom random(seed);
  Params values(n);
  for (size_t i = 0; i < n; ++i)
    values[i] = static_cast<float>(random.normal(0, i) * std::exp(4.0 * random.normal(1, i)));
  return values;
}

/// A tensor of each of these sizes.
ParamLayout layout_of(const std::vector<int64_t>& sizes) {
  ParamLayout layout;
  for (const int64_t size : sizes)
    layout.add("t" + std::to_string(layout.tensors().size()), {size}, TensorRole::hidden);
  return layout;
}

/// One tensor.
void compress(const PayloadConfig& config, Params& values, Params& residual) {
  models::compress(config, layout_of({static_cast<int64_t>(values.size())}), values, residual);
}

uint64_t payload_bytes(const PayloadConfig& config, int64_t values) {
  return models::payload_bytes(config, layout_of({values}));
}

Params decoded(PayloadConfig config, Params values) {
  config.error_feedback = false;
  Params none;
  compress(config, values, none);
  CHECK(none.empty());
  return values;
}

void check_close(const Params& found, const std::vector<double>& expected) {
  REQUIRE(found.size() == expected.size());
  for (size_t i = 0; i < found.size(); ++i) {
    INFO(i);
    CHECK(found[i] == Approx(expected[i]).epsilon(1e-5).margin(1e-7));
  }
}

const Params kX{0.03f, -0.11f, 0.5f, -0.9f, 1.0f, 0.002f, -0.3f, 0.24f};
constexpr PayloadConfig kE3M0{.kind = E3M0{}}, kTwoBit{.kind = TwoBit{}}, kSign{.kind = Sign{}};
constexpr PayloadConfig kWholeInt8{.kind = Int8{}, .block = std::nullopt};
constexpr PayloadConfig kTopTwo{.top_k = TopK{.chunk = 8, .kept = 2}, .error_decay = 0.95};

}  // namespace

TEST_CASE("a payload costs 4, 2 or 1 bytes a value, and 4 for each int8 block begun") {
  CHECK(payload_bytes({}, 1000) == 4000);
  CHECK(payload_bytes(kBfloat16, 1000) == 2000);
  CHECK(payload_bytes(kInt8, 1000) == 1000 + 4 * 4);
  CHECK(payload_bytes(kInt8, 1024) == 1024 + 4 * 4);
  CHECK(payload_bytes(kInt8, 0) == 0);
  CHECK(payload_bytes({.kind = Int8{}, .block = 1 << 30}, 1000) == 1004);
  CHECK(models::payload_bytes(kInt8, layout_of({300, 300})) == 600 + 3 * 4);  // blocks go over the tensors' ends
}

TEST_CASE("float32 leaves every bit, and no residual") {
  const Params values = numbers(1000);
  CHECK(decoded({}, values) == values);
}

TEST_CASE("bfloat16 is the nearest of its neighbours, within 2^-8, ties to even") {
  const Params values = numbers(5000), sent = decoded(kBfloat16, values);
  for (size_t i = 0; i < values.size(); ++i) {
    const double error = std::fabs(static_cast<double>(sent[i]) - values[i]);
    CHECK((std::bit_cast<uint32_t>(sent[i]) & 0xffffu) == 0);
    REQUIRE(error <= std::fabs(values[i]) * 0x1p-8);
    // No other bfloat16 is nearer: those beside it are 2^16 patterns away.
    const auto bits = std::bit_cast<uint32_t>(sent[i]);
    for (const uint32_t other : {bits - 0x10000u, bits + 0x10000u})
      REQUIRE(std::fabs(static_cast<double>(std::bit_cast<float>(other)) - values[i]) >= error);
  }
  const Params ties{1.0f + 0x1p-8f, 1.0f + 3 * 0x1p-8f, -1.0f - 0x1p-8f, 0.0f};
  CHECK(decoded(kBfloat16, ties) == Params{1.0f, 1.0f + 4 * 0x1p-8f, -1.0f, 0.0f});
}

TEST_CASE("int8 is within half a step of each block's scale") {
  const Params values = numbers(1000), sent = decoded(kInt8, values);
  for (size_t begin = 0; begin < values.size(); begin += 256) {
    const size_t end = std::min(values.size(), begin + 256);
    float largest = 0.0f;
    for (size_t i = begin; i < end; ++i) largest = std::max(largest, std::fabs(values[i]));
    for (size_t i = begin; i < end; ++i) {
      // 1e-6: the float32 quotient and product.
      REQUIRE(std::fabs(sent[i] - values[i]) <= largest / 254.0 * (1.0 + 1e-6) + largest * 1e-6);
      const double steps = sent[i] / (largest / 127.0);
      REQUIRE(std::fabs(steps - std::round(steps)) < 1e-4);
    }
  }
  CHECK(decoded(kInt8, Params(300, 0.0f)) == Params(300, 0.0f));
}

TEST_CASE("a message of numbers that are none does not hide it") {
  const float nan = std::numeric_limits<float>::quiet_NaN(), infinity = std::numeric_limits<float>::infinity();
  for (const PayloadConfig& config : {kBfloat16, kInt8, kWholeInt8, kE3M0, kTwoBit, kSign, kTopTwo}) {
    const Params sent = decoded(config, {1.0f, nan, infinity, -infinity});
    CHECK(std::isnan(sent[1]));
    CHECK_FALSE(std::isfinite(sent[2]));
    CHECK_FALSE(std::isfinite(sent[3]));
  }
}

TEST_CASE("with error feedback all that was delivered is all that was given less the last residual") {
  const TopK tenth{.chunk = 100, .kept = 10};
  for (PayloadConfig config :
       {kBfloat16, kInt8, PayloadConfig{.top_k = tenth}, PayloadConfig{.kind = TwoBit{}, .top_k = tenth}}) {
    config.error_feedback = true;
    const size_t n = 500;
    Params residual;
    std::vector<double> given(n), delivered(n), magnitude(n);
    for (uint64_t message = 0; message < 50; ++message) {
      Params values = numbers(n, 100 + message);
      for (size_t i = 0; i < n; ++i) {
        given[i] += values[i];
        magnitude[i] += std::fabs(values[i]);
      }
      compress(config, values, residual);
      for (size_t i = 0; i < n; ++i) delivered[i] += values[i];
    }
    double largest = 0.0, residual_size = 0.0;
    for (size_t i = 0; i < n; ++i) {
      // The additions of values and residuals are float32, 2^-24 of the largest sum each.
      REQUIRE(std::fabs(delivered[i] + residual[i] - given[i]) <=
              100 * 0x1p-24 * (magnitude[i] + std::fabs(residual[i]) * 50));
      largest = std::max(largest, magnitude[i]);
      residual_size = std::max(residual_size, static_cast<double>(std::fabs(residual[i])));
    }
    CHECK(residual_size > 0.0);
    if (!config.top_k) CHECK(residual_size < 0.05 * largest);  // it does not pile up
  }
}

TEST_CASE("error feedback delivers in the end what is too small to be sent at once") {
  // One large value sets the scale; the small one, a tenth of a step, would be rounded away every time.
  PayloadConfig config{.kind = Int8{}};
  Params residual;
  double delivered = 0.0;
  for (int message = 0; message < 100; ++message) {
    Params values{127.0f, 0.1f};
    compress(config, values, residual);
    delivered += values[1];
  }
  CHECK(std::fabs(delivered - 10.0) <= 0.5 + 1e-4);  // at most half a step is still owed
  config.error_feedback = false;
  CHECK(decoded(config, {127.0f, 0.1f})[1] == 0.0f);
}

TEST_CASE("a tensor has a scale of its own, and its bytes are those of the table") {
  for (const auto& [config, bits, table] :
       {std::tuple{kWholeInt8, 8, 4}, {kE3M0, 4, 4}, {kTwoBit, 2, 16}, {kSign, 1, 4}}) {
    CHECK(payload_bytes(config, 4096) == static_cast<uint64_t>(4096 * bits / 8 + table));
    CHECK(payload_bytes(config, 1) == static_cast<uint64_t>(1 + table));
    CHECK(models::payload_bytes(config, layout_of({4096, 17})) ==
          payload_bytes(config, 4096) + payload_bytes(config, 17));
    const ParamLayout layout = layout_of({16, 8});
    Params both(layout.size()), residual;
    for (size_t i = 0; i < 16; ++i) both[i] = 1000.0f * kX[i % 8];
    std::copy(kX.begin(), kX.end(), both.begin() + 16);
    PayloadConfig plain = config;
    plain.error_feedback = false;
    models::compress(plain, layout, both, residual);
    CHECK(Params(both.begin() + 16, both.begin() + 24) == decoded(config, kX));
  }
  PayloadConfig sparse{.kind = TwoBit{}, .top_k = TopK{}};
  CHECK(payload_bytes(sparse, 10 * 4096) == 10 * 64 * 14 / 8 + 16);
  CHECK(payload_bytes(sparse, 4096 + 100) == 2 * 64 * 14 / 8 + 16);
  CHECK(payload_bytes(sparse, 4) == 4 * 14 / 8 + 16);
  sparse.kind = Float32{};
  CHECK(payload_bytes(sparse, 4096) == 64 * 44 / 8);
}

// The numbers of the tests below: reference/ref_methods.py, in double precision.

TEST_CASE("E3M0, 2 bits, int8 of a tensor and the sign are the reference's") {
  check_close(decoded(kE3M0, kX), {0.03125, -0.125, 0.5, -1, 1, 0, -0.25, 0.25});
  check_close(decoded(kTwoBit, kX), {-0.0276, -0.0276, 0.75, -0.9, 0.75, -0.0276, -0.0276, -0.0276});
  check_close(decoded(kWholeInt8, kX),
              {0.031496063, -0.11023622, 0.503937008, -0.897637795, 1, 0, -0.299212598, 0.236220472});
  const double c = 0.38525;
  check_close(decoded(kSign, kX), {c, -c, c, -c, c, c, -c, c});
  CHECK(decoded(kSign, {0.0f, -2.0f, 4.0f}) == Params{2.0f, -2.0f, 2.0f});  // sign(0) = +
}

TEST_CASE("a tensor of one value survives E3M0 and 2 bits exactly, and ties of E3M0 go to the smaller") {
  for (const float x : {0.3f, -7e-20f, 1e30f, 0.0f}) {
    CHECK(decoded(kE3M0, {x}) == Params{x});
    CHECK(decoded(kTwoBit, {x}) == Params{x});
  }
  CHECK(decoded(kE3M0, {16.0f, 12.0f, 6.0f, -3.0f, 1.5f, 0.75f, 0.375f, -0.125f}) ==
        Params{16.0f, 8.0f, 4.0f, -2.0f, 1.0f, 0.5f, 0.25f, 0.0f});
}

TEST_CASE("int8 of a tensor errs by max/254 at most, and the sign by what its magnitude leaves, the best there is") {
  const Params values = numbers(1000);
  const auto distance = [&](const Params& other, double factor) {
    double squares = 0.0;
    for (size_t i = 0; i < values.size(); ++i) squares += std::pow(values[i] - factor * other[i], 2);
    return squares;
  };
  double largest = 0.0;
  for (const float x : values) largest = std::max(largest, std::fabs(static_cast<double>(x)));
  const Params eight = decoded(kWholeInt8, values), sign = decoded(kSign, values);
  for (size_t i = 0; i < values.size(); ++i) REQUIRE(std::fabs(eight[i] - values[i]) <= largest / 254.0 * (1.0 + 1e-5));
  const double c = std::fabs(sign[0]), n = static_cast<double>(values.size());
  CHECK(distance(sign, 1.0) == Approx(distance(sign, 0.0) - n * c * c).epsilon(1e-6));
  for (const double factor : {0.9, 1.1}) CHECK(distance(sign, factor) > distance(sign, 1.0));
}

TEST_CASE("the largest of a chunk are kept, of equal ones the first, and what is kept back decays") {
  CHECK(decoded({.top_k = TopK{.chunk = 3, .kept = 1}}, {1.0f, -2.0f, 2.0f, 0.5f, 0.5f, 0.0f, -3.0f, 4.0f}) ==
        Params{0.0f, -2.0f, 0.0f, 0.5f, 0.0f, 0.0f, 0.0f, 4.0f});
  Params residual, sent = kX;
  compress(kTopTwo, sent, residual);
  check_close(residual, {0.03, -0.11, 0.5, 0, 0, 0.002, -0.3, 0.24});
  check_close(sent, {0, 0, 0, -0.9, 1, 0, 0, 0});
  sent = kX;
  compress(kTopTwo, sent, residual);
  check_close(residual, {0.0585, -0.2145, 0, -0.9, 0, 0.0039, -0.585, 0.468});
  check_close(sent, {0, 0, 0.975, 0, 1, 0, 0, 0});
}

TEST_CASE("with everything kept and no code nothing is kept back and nothing changes") {
  Params residual, sent = numbers(64);
  compress({.top_k = TopK{.chunk = 16, .kept = 16}, .error_decay = 0.95}, sent, residual);
  CHECK(sent == numbers(64));
  CHECK(residual == Params(64, 0.0f));
}

TEST_CASE("two workers of SparseLoCo go the way of the reference") {
  const PayloadConfig config{.kind = TwoBit{}, .top_k = TopK{.chunk = 8, .kept = 3}, .error_decay = 0.95};
  std::array<Params, 2> residuals, sent;
  Params theta(8, 0.0f);
  const auto round = [&] {
    sent = {kX, Params(kX.rbegin(), kX.rend())};
    for (size_t w = 0; w < 2; ++w) compress(config, sent[w], residuals[w]);
    for (size_t i = 0; i < theta.size(); ++i) theta[i] -= (sent[0][i] + sent[1][i]) / 2;
  };
  round();
  check_close(theta, {0, 0, -0.25, -0.05, -0.05, -0.25, 0, 0});
  check_close(sent[0], {0, 0, 0.5, -0.9, 1, 0, 0, 0});
  check_close(residuals[0], {0.03, -0.11, 0, 0, 0, 0.002, -0.3, 0.24});
  round();
  check_close(theta, {0, 0.37125, -0.25, -0.17875, -0.17875, -0.25, 0.37125, 0});
  check_close(sent[0], {0, 0, 0, -0.7425, 1, 0, -0.7425, 0});
  check_close(residuals[0], {0.0585, -0.2145, 0.5, -0.1575, 0, 0.0039, 0.1575, 0.468});
}
