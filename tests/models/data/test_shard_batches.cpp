#include <algorithm>
#include <numeric>
#include <set>

#include "models/data/shards.h"
#include "tests/support/catch.h"
#include "tests/support/error_message.h"
#include "tests/support/hash_random.h"

using Catch::Matchers::Contains;
using namespace models;

namespace {

/// Tokens whose value is their place, so that a window tells where it was taken.
std::vector<int32_t> places(size_t size) {
  std::vector<int32_t> tokens(size);
  std::iota(tokens.begin(), tokens.end(), 0);
  return tokens;
}

/// The windows of the first `count` sequences; checks that each is inputs and targets of one window.
std::vector<int64_t> windows_in_order(const ShardBatches& batches, int64_t sequences, int64_t context, int64_t count) {
  std::vector<int64_t> order;
  Batch batch;
  for (int64_t index = 0; static_cast<int64_t>(order.size()) < count; ++index) {
    batches.fill(index * sequences, sequences, batch);
    REQUIRE(batch.sequences == sequences);
    REQUIRE(batch.length == context);
    REQUIRE(static_cast<int64_t>(batch.inputs.size()) == sequences * context);
    REQUIRE(static_cast<int64_t>(batch.targets.size()) == sequences * context);
    for (int64_t b = 0; b < sequences; ++b) {
      const int32_t start = batch.inputs[b * context];
      bool whole = start % context == 0;
      for (int64_t t = 0; t < context; ++t) {
        whole &= batch.inputs[b * context + t] == start + t && batch.targets[b * context + t] == start + t + 1;
      }
      REQUIRE(whole);
      order.push_back(start / context);
    }
  }
  order.resize(count);
  return order;
}

}  // namespace

TEST_CASE(
    "the n-th sequence in sequential order is tokens nT to nT + T - 1, targets one to the right, wrapping around") {
  const HashRandom random;
  for (const int64_t context : {1, 3, 8}) {
    for (const int64_t size : {context + 1, 2 * context, 2 * context + 1, 5 * context + 2, 40 * context}) {
      const auto tokens = places(size);
      const int64_t windows = (size - 1) / context;
      for (const int64_t sequences : {1, 2, 7}) {
        const ShardBatches batches(tokens, context, BatchOrder::sequential, random, 0);
        REQUIRE(batches.windows() == windows);
        Batch batch;
        for (int64_t index = 0; index < 12; ++index) {
          batches.fill(index * sequences, sequences, batch);
          std::vector<int32_t> inputs, targets;
          for (int64_t b = 0; b < sequences; ++b) {
            const int64_t n = (index * sequences + b) % windows;
            inputs.insert(inputs.end(), tokens.begin() + n * context, tokens.begin() + n * context + context);
            targets.insert(targets.end(), tokens.begin() + n * context + 1, tokens.begin() + n * context + context + 1);
          }
          REQUIRE(batch.inputs == inputs);
          REQUIRE(batch.targets == targets);
        }
      }
    }
  }
}

TEST_CASE("an epoch in shuffled order takes every window once, whatever the batch size") {
  const HashRandom random;
  const int64_t context = 2;
  for (int64_t windows = 1; windows <= 200; ++windows) {
    const auto tokens = places(windows * context + 1);
    const ShardBatches batches(tokens, context, BatchOrder::shuffled, random, 3);
    for (const int64_t sequences : {1, 7, 300}) {
      auto order = windows_in_order(batches, sequences, context, 3 * windows);
      for (int64_t epoch = 0; epoch < 3; ++epoch) {
        std::sort(order.begin() + epoch * windows, order.begin() + (epoch + 1) * windows);
        for (int64_t w = 0; w < windows; ++w) REQUIRE(order[epoch * windows + w] == w);
      }
    }
  }
}

TEST_CASE("the order of windows does not depend on how many make a batch") {
  const HashRandom random;
  const auto tokens = places(4 * 53 + 2);
  const ShardBatches batches(tokens, 4, BatchOrder::shuffled, random, 0);
  CHECK(windows_in_order(batches, 1, 4, 200) == windows_in_order(batches, 10, 4, 200));
}

TEST_CASE("each epoch, shard and source has an order of its own, and no order is the sequential one") {
  const auto tokens = places(51);
  std::set<std::vector<int64_t>> orders;
  for (const uint64_t seed : {1, 2}) {
    const HashRandom random(seed);
    for (uint64_t entity = 0; entity < 5; ++entity) {
      const auto order = windows_in_order(ShardBatches(tokens, 1, BatchOrder::shuffled, random, entity), 5, 1, 500);
      for (int64_t epoch = 0; epoch < 10; ++epoch) {
        orders.emplace(order.begin() + epoch * 50, order.begin() + (epoch + 1) * 50);
      }
    }
  }
  CHECK(orders.size() == 2 * 5 * 10);
  std::vector<int64_t> identity(50);
  std::iota(identity.begin(), identity.end(), 0);
  CHECK(orders.count(identity) == 0);
}

TEST_CASE("a batch is a pure function of its place, however far, and fills the memory it is given") {
  const HashRandom random;
  const auto tokens = places(1000);
  const ShardBatches batches(tokens, 7, BatchOrder::shuffled, random, 1);
  Batch batch, again;
  batches.fill(6'000'000'000'000, 6, batch);
  const int32_t* memory = batch.inputs.data();
  batches.fill(0, 6, batch);
  batches.fill(6'000'000'000'000, 6, batch);
  CHECK(batch.inputs.data() == memory);
  ShardBatches(tokens, 7, BatchOrder::shuffled, HashRandom(1), 1).fill(6'000'000'000'000, 6, again);
  CHECK(batch.inputs == again.inputs);
  CHECK(batch.targets == again.targets);
}

TEST_CASE("a shard must hold one window of context + 1 tokens") {
  const HashRandom random;
  const auto enough = places(9), short_of_one = places(8), none = places(0);
  const auto refusal = [&](const std::vector<int32_t>& tokens, int64_t context) {
    return error_message<CorpusError>([&] { ShardBatches(tokens, context, BatchOrder::shuffled, random, 0); });
  };
  CHECK(refusal(enough, 8).empty());
  CHECK_THAT(refusal(short_of_one, 8), Contains("of 8 tokens") && Contains("window of 9"));
  CHECK_THAT(refusal(none, 8), Contains("of 0 tokens"));
  CHECK_THAT(refusal(enough, 0), Contains("context of 0 tokens; allowed: at least 1"));
}

TEST_CASE("validation windows are evenly spaced and come in batches of at most the given size") {
  TokenizedDomain domain;
  domain.validation = places(101);
  const auto starts = [&](int64_t sequences, int64_t windows) {
    std::vector<std::vector<int32_t>> batches;
    for (const Batch& batch : validation_batches(domain, sequences, 10, windows)) {
      auto& of_batch = batches.emplace_back();
      for (int64_t b = 0; b < batch.sequences; ++b) {
        of_batch.push_back(batch.inputs[b * 10]);
        for (int64_t t = 0; t < 10; ++t) {
          REQUIRE(batch.inputs[b * 10 + t] == of_batch.back() + t);
          REQUIRE(batch.targets[b * 10 + t] == of_batch.back() + t + 1);
        }
      }
    }
    return batches;
  };
  using Starts = std::vector<std::vector<int32_t>>;
  CHECK(starts(4, 0) == Starts{{0, 10, 20, 30}, {40, 50, 60, 70}, {80, 90}});
  CHECK(starts(4, 99) == starts(4, 0));
  CHECK(starts(10, 10) == Starts{{0, 10, 20, 30, 40, 50, 60, 70, 80, 90}});
  CHECK(starts(3, 5) == Starts{{0, 20, 40}, {60, 80}});
  CHECK(starts(9, 4) == Starts{{0, 20, 50, 70}});  // windows ⌊10 j / 4⌋
  domain.validation = places(10);
  CHECK(validation_batches(domain, 4, 10, 0).empty());
  CHECK_THAT(error_message<CorpusError>([&] { validation_batches(domain, 4, 10, -1); }),
             Contains("-1 validation windows"));
  CHECK_THAT(error_message<CorpusError>([&] { validation_batches(domain, 0, 10, 0); }), Contains("0 sequences"));
}
