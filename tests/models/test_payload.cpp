#include "models/payload.h"

#include <bit>
#include <cmath>
#include <limits>

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

Params decoded(const PayloadConfig& config, Params values) {
  Params none;
  compress(config, values, none);
  CHECK(none.empty());
  return values;
}

}  // namespace

TEST_CASE("a payload costs 4, 2 or 1 bytes a value, and 4 for each int8 block begun") {
  CHECK(payload_bytes({}, 1000) == 4000);
  CHECK(payload_bytes(kBfloat16, 1000) == 2000);
  CHECK(payload_bytes(kInt8, 1000) == 1000 + 4 * 4);
  CHECK(payload_bytes(kInt8, 1024) == 1024 + 4 * 4);
  CHECK(payload_bytes(kInt8, 0) == 0);
  CHECK(payload_bytes({.kind = Int8{}, .block = 1 << 30}, 1000) == 1004);
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
  for (const PayloadConfig& config : {kBfloat16, kInt8}) {
    const Params sent = decoded(config, {1.0f, nan, infinity, -infinity});
    CHECK(std::isnan(sent[1]));
    CHECK_FALSE(std::isfinite(sent[2]));
    CHECK_FALSE(std::isfinite(sent[3]));
  }
}

TEST_CASE("with error feedback all that was delivered is all that was given less the last residual") {
  for (PayloadConfig config : {kBfloat16, kInt8}) {
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
    CHECK(residual_size < 0.05 * largest);  // it does not pile up
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
