#include "models/data/shards.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <numeric>

#include "tests/support/catch.h"
#include "tests/support/error_message.h"
#include "tests/support/hash_random.h"

using Catch::Matchers::Contains;
using namespace models;

namespace {

using Tokens = std::vector<int32_t>;

/// Domains of these sizes; a token's value is its place in the whole corpus.
std::vector<TokenizedDomain> corpus_of(const std::vector<size_t>& sizes) {
  std::vector<TokenizedDomain> domains;
  int32_t next = 0;
  for (const size_t size : sizes) {
    TokenizedDomain& domain = domains.emplace_back();
    domain.training.resize(size);
    std::iota(domain.training.begin(), domain.training.end(), next);
    next += static_cast<int32_t>(size);
  }
  return domains;
}

Tokens joined(const std::vector<Tokens>& parts) {
  Tokens all;
  for (const Tokens& part : parts) all.insert(all.end(), part.begin(), part.end());
  return all;
}

/// Every domain cut every `block` tokens.
std::vector<Tokens> blocks_of(const std::vector<TokenizedDomain>& domains, size_t block) {
  std::vector<Tokens> blocks;
  for (const TokenizedDomain& domain : domains) {
    for (size_t start = 0; start < domain.training.size(); start += block) {
      const size_t end = std::min(start + block, domain.training.size());
      blocks.emplace_back(domain.training.begin() + start, domain.training.begin() + end);
    }
  }
  return blocks;
}

/// The blocks the shards are made of, found by their first tokens and sorted.
std::vector<Tokens> dealt_blocks(const std::vector<Tokens>& shards, const std::vector<Tokens>& blocks) {
  std::map<int32_t, size_t> length;
  for (const Tokens& block : blocks) length[block.front()] = block.size();
  std::vector<Tokens> found;
  for (const Tokens& shard : shards) {
    for (size_t start = 0; start < shard.size();) {
      REQUIRE(length.count(shard[start]) == 1);
      const size_t end = start + length[shard[start]];
      REQUIRE(end <= shard.size());
      found.emplace_back(shard.begin() + start, shard.begin() + end);
      start = end;
    }
  }
  std::sort(found.begin(), found.end());
  return found;
}

std::vector<Tokens> shards_of(const std::vector<TokenizedDomain>& domains, ShardConfig config, uint64_t seed = 1,
                              int64_t context = 4) {
  std::vector<Tokens> shards;
  for (const TokenSequence& shard : make_shards(domains, config, context, HashRandom(seed))) {
    shards.emplace_back(shard.size());
    shard.copy(0, shard.size(), shards.back().data());
  }
  return shards;
}

/// tokens [domain][shard]
std::vector<std::vector<double>> tokens_by_domain(const std::vector<TokenizedDomain>& domains,
                                                  const std::vector<Tokens>& shards) {
  std::vector<std::vector<double>> counts(domains.size(), std::vector<double>(shards.size()));
  for (size_t d = 0; d < domains.size(); ++d) {
    for (size_t s = 0; s < shards.size(); ++s) {
      counts[d][s] = static_cast<double>(std::count_if(shards[s].begin(), shards[s].end(), [&](int32_t token) {
        return token >= domains[d].training.front() && token <= domains[d].training.back();
      }));
    }
  }
  return counts;
}

const std::vector<size_t> uneven = {1000, 37, 64, 5000, 1, 333};

}  // namespace

TEST_CASE("iid and dirichlet shards together are exactly the blocks of all domains") {
  const auto domains = corpus_of(uneven);
  for (const Sharding kind : {Sharding::iid, Sharding::dirichlet}) {
    for (const int64_t block : {1, 16, 64}) {
      for (const int64_t count : {1, 3, 8}) {
        const auto shards = shards_of(domains, {count, kind, block, 5.0});
        REQUIRE(static_cast<int64_t>(shards.size()) == count);
        const auto blocks = blocks_of(domains, block);  // sorted already, as tokens grow
        CHECK((dealt_blocks(shards, blocks) == blocks));
      }
    }
  }
}

TEST_CASE("iid shards are equal to within one block") {
  for (uint64_t seed = 0; seed < 50; ++seed) {
    const auto shards = shards_of(corpus_of(uneven), {5, Sharding::iid, 64}, seed);
    const auto [least, most] = std::minmax_element(
        shards.begin(), shards.end(), [](const Tokens& a, const Tokens& b) { return a.size() < b.size(); });
    CHECK(most->size() - least->size() <= 64);
  }
}

TEST_CASE("iid shards take blocks of every domain at random: each block is in each shard equally often") {
  const auto domains = corpus_of({160, 320});
  std::vector<double> counts(4 * 30);
  const int seeds = 4000;
  for (uint64_t seed = 0; seed < seeds; ++seed) {
    const auto shards = shards_of(domains, {4, Sharding::iid, 16}, seed);
    for (size_t s = 0; s < 4; ++s) {
      for (size_t start = 0; start < shards[s].size(); start += 16) ++counts[s * 30 + shards[s][start] / 16];
    }
  }
  // 30 blocks over 4 shards: shards 0 and 1 take 8, the others 7. A count's deviation is below √(seeds/4).
  for (size_t i = 0; i < counts.size(); ++i) {
    const double expected = seeds * (i < 60 ? 8.0 : 7.0) / 30;
    CHECK(std::abs(counts[i] - expected) < 5 * std::sqrt(seeds / 4.0));
  }
}

TEST_CASE("contiguous shards are the corpus in equal parts, in order") {
  const auto domains = corpus_of(uneven);  // 6435 tokens
  for (const int64_t count : {1, 2, 7, 50}) {
    const auto shards = shards_of(domains, {count, Sharding::contiguous});
    REQUIRE(static_cast<int64_t>(shards.size()) == count);
    Tokens whole(6435);
    std::iota(whole.begin(), whole.end(), 0);
    CHECK((joined(shards) == whole));
    for (const Tokens& shard : shards) {
      CHECK(static_cast<int64_t>(shard.size()) >= 6435 / count);
      CHECK(static_cast<int64_t>(shard.size()) <= (6435 + count - 1) / count);
    }
  }
}

TEST_CASE("by-domain shards are whole domains, domain i in shard i mod count") {
  const auto domains = corpus_of({10, 20, 30, 40, 50});
  const auto shards = shards_of(domains, {2, Sharding::by_domain});
  const auto training = [&](size_t i) { return domains[i].training; };
  CHECK(shards ==
        std::vector<Tokens>{joined({training(0), training(2), training(4)}), joined({training(1), training(3)})});
  const auto own = shards_of(domains, {5, Sharding::by_domain});
  for (size_t i = 0; i < 5; ++i) CHECK(own[i] == domains[i].training);
}

TEST_CASE("a domain without training text, all of it held out, takes no by-domain shard and changes no other shards") {
  const auto domains = corpus_of({10, 0, 30, 40, 0});
  const auto shards = shards_of(domains, {3, Sharding::by_domain});
  CHECK(shards == std::vector<Tokens>{domains[0].training, domains[2].training, domains[3].training});
  CHECK_THAT(error_message<CorpusError>([&] {
               shards_of(domains, {4, Sharding::by_domain});
             }),
             Contains("4 shards of a corpus with 3 domains that have training text"));
  for (const Sharding kind : {Sharding::iid, Sharding::contiguous})
    CHECK(shards_of(domains, {2, kind, 4}) == shards_of(corpus_of({10, 30, 40}), {2, kind, 4}));
  CHECK(joined(shards_of(domains, {2, Sharding::dirichlet, 4, 1e8})).size() == 80);
}

TEST_CASE("dirichlet shards are equal parts of each domain at a large concentration") {
  const auto domains = corpus_of({16000, 32000});
  const auto shards = shards_of(domains, {4, Sharding::dirichlet, 16, 1e8});
  const auto counts = tokens_by_domain(domains, shards);
  for (size_t s = 0; s < 4; ++s) {
    CHECK(std::abs(counts[0][s] - 4000) <= 16);  // a block of rounding
    CHECK(std::abs(counts[1][s] - 8000) <= 16);
  }
}

TEST_CASE("a domain is almost all in one dirichlet shard at a small concentration") {
  const auto domains = corpus_of(std::vector<size_t>(64, 1600));
  const auto shards = shards_of(domains, {4, Sharding::dirichlet, 16, 0.001});
  int concentrated = 0;
  for (const auto& of_domain : tokens_by_domain(domains, shards)) {
    concentrated += *std::max_element(of_domain.begin(), of_domain.end()) > 0.95 * 1600;
  }
  CHECK(concentrated >= 60);  // P(largest share ≤ 0.95) is about 1 % a domain
}

TEST_CASE("a domain's share in a dirichlet shard varies by the distribution's variance") {
  const auto domains = corpus_of({8000});
  const double concentration = 2;
  double square = 0;
  const int seeds = 1500;
  for (uint64_t seed = 0; seed < seeds; ++seed) {
    const auto shards = shards_of(domains, {4, Sharding::dirichlet, 4, concentration}, seed, 1);
    const double share = static_cast<double>(shards[1].size()) / 8000;
    square += (share - 0.25) * (share - 0.25) / seeds;
  }
  CHECK(square == Approx(0.25 * 0.75 / (4 * concentration + 1)).epsilon(0.2));  // 5 σ of a variance over 1500 draws
}

TEST_CASE("the same source gives the same shards, another source others") {
  const auto domains = corpus_of(uneven);
  for (const Sharding kind : {Sharding::iid, Sharding::dirichlet}) {
    const ShardConfig config{4, kind, 64, 2.0};
    CHECK((shards_of(domains, config, 7) == shards_of(domains, config, 7)));
    CHECK((shards_of(domains, config, 7) != shards_of(domains, config, 8)));
  }
}

TEST_CASE("a shard without a window is refused with its size, the size needed and what helps") {
  const auto refusal = [](const std::vector<size_t>& sizes, const ShardConfig& config, int64_t context) {
    return error_message<CorpusError>([&] { shards_of(corpus_of(sizes), config, 1, context); });
  };
  CHECK_THAT(refusal({100, 100}, {4, Sharding::iid, 100}, 10),
             Contains("shard 2 of 4 has 0 tokens, one window needs 11") && Contains("blocks shorter than 100"));
  CHECK_THAT(refusal({1000}, {4, Sharding::dirichlet, 100, 0.001}, 10),
             Contains("one window needs 11") && Contains("a concentration above 0.001"));
  CHECK_THAT(refusal({40}, {4, Sharding::contiguous}, 10), Contains("shard 0 of 4 has 10 tokens, one window needs 11"));
  CHECK(refusal({44}, {4, Sharding::contiguous}, 10).empty());
  CHECK_THAT(refusal({40, 5}, {2, Sharding::by_domain}, 10), Contains("shard 1 of 2 has 5 tokens"));
  CHECK_THAT(refusal({}, {1, Sharding::contiguous}, 10), Contains("shard 0 of 1 has 0 tokens"));
  CHECK_THAT(refusal({40, 40}, {3, Sharding::by_domain}, 10), Contains("3 shards of a corpus with 2 domains"));
}

TEST_CASE("shard settings out of range are refused") {
  const auto refusal = [](const ShardConfig& config, int64_t context = 4) {
    return error_message<CorpusError>([&] { shards_of(corpus_of({1000}), config, 1, context); });
  };
  CHECK_THAT(refusal({0, Sharding::iid}), Contains("0 shards; allowed: at least 1"));
  CHECK_THAT(refusal({1, Sharding::iid, 0}), Contains("blocks of 0 tokens; allowed: at least 1"));
  CHECK_THAT(refusal({1, Sharding::iid, 16}, 0), Contains("context of 0 tokens; allowed: at least 1"));
  for (const double concentration : {0.0, -1.0, std::nan(""), HUGE_VAL}) {
    CHECK_THAT(refusal({1, Sharding::dirichlet, 16, concentration}), Contains("allowed: finite, more than 0"));
  }
}

TEST_CASE("a tokenized domain is its two parts' tokens and the bytes of the validation text") {
  const auto domains = tokenize({{"d", "ab", "€"}, {"e", "c", ""}}, *make_byte_tokenizer());
  REQUIRE(domains.size() == 2);
  CHECK(domains[0].name == "d");
  CHECK(domains[0].training == Tokens{'a', 'b'});
  CHECK(domains[0].validation == Tokens{0xE2, 0x82, 0xAC});
  CHECK(domains[0].validation_bytes == 3);
  CHECK(domains[1].validation_bytes == 0);
}
