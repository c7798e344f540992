#include "models/data/shards.h"

#include <algorithm>
#include <cmath>
#include <functional>
#include <queue>

#include "models/data/batch_windows.h"
#include "models/data/dirichlet.h"

namespace models {
namespace {

using Shards = std::vector<TokenSequence>;
using Block = std::span<const int32_t>;

// Entities of the random source: 0 … for shuffles (of a domain's blocks, or of all), from here up for the Dirichlet's
// gamma draws.
constexpr uint64_t first_gamma_entity = uint64_t{1} << 32;

size_t count_tokens(const std::vector<TokenizedDomain>& domains) {
  size_t total = 0;
  for (const TokenizedDomain& domain : domains) total += domain.training.size();
  return total;
}

/// The domain cut every `length` tokens; the last block is what remains.
void cut(const TokenizedDomain& domain, int64_t length, std::vector<Block>& blocks) {
  const Block tokens(domain.training);
  const auto step = static_cast<size_t>(length);
  for (size_t start = 0; start < tokens.size(); start += step) {
    blocks.push_back(tokens.subspan(start, std::min(step, tokens.size() - start)));
  }
}

/// Fisher–Yates.
void shuffle(std::vector<Block>& blocks, const RandomSource& random, uint64_t entity) {
  for (size_t i = blocks.size(); i > 1; --i) std::swap(blocks[i - 1], blocks[random.below(i, entity, i)]);
}

/// Each block goes to the shard that is the smallest so far, which keeps the sizes within one block of each other.
void deal_iid(const std::vector<TokenizedDomain>& domains, const ShardConfig& config, const RandomSource& random,
              Shards& shards) {
  std::vector<Block> blocks;
  for (const TokenizedDomain& domain : domains) cut(domain, config.block, blocks);
  shuffle(blocks, random, 0);
  using Size = std::pair<size_t, size_t>;  // tokens, shard
  std::priority_queue<Size, std::vector<Size>, std::greater<>> smallest;
  for (size_t i = 0; i < shards.size(); ++i) smallest.emplace(0, i);
  for (const Block block : blocks) {
    const size_t shard = smallest.top().second;
    smallest.pop();
    shards[shard].append(block);
    smallest.emplace(shards[shard].size(), shard);
  }
}

void cut_contiguous(const std::vector<TokenizedDomain>& domains, Shards& shards) {
  const size_t total = count_tokens(domains);
  const auto end_of = [&](size_t shard) { return total * (shard + 1) / shards.size(); };
  size_t shard = 0, taken = 0;
  for (const TokenizedDomain& domain : domains) {
    for (Block rest(domain.training); !rest.empty();) {
      while (taken == end_of(shard)) ++shard;
      const size_t length = std::min(rest.size(), end_of(shard) - taken);
      shards[shard].append(rest.first(length));
      rest = rest.subspan(length);
      taken += length;
    }
  }
}

void deal_by_domain(const std::vector<TokenizedDomain>& domains, Shards& shards) {
  size_t dealt = 0;
  for (const TokenizedDomain& domain : domains) {
    if (domain.training.empty()) continue;  // all of it is held out
    shards[dealt++ % shards.size()].append(domain.training);
  }
  if (shards.size() > dealt) {
    throw CorpusError("by-domain sharding into " + std::to_string(shards.size()) + " shards of a corpus with " +
                      std::to_string(dealt) + " domains that have training text; allowed: as many shards, or fewer");
  }
}

void deal_dirichlet(const std::vector<TokenizedDomain>& domains, const ShardConfig& config, const RandomSource& random,
                    Shards& shards) {
  std::vector<Block> blocks;
  for (size_t d = 0; d < domains.size(); ++d) {
    blocks.clear();
    cut(domains[d], config.block, blocks);
    shuffle(blocks, random, d);
    const auto proportions =
        dirichlet_draw(config.concentration, config.count, random, first_gamma_entity + d * shards.size());
    const auto counts = apportion(static_cast<int64_t>(blocks.size()), proportions);
    auto next = blocks.begin();
    for (size_t shard = 0; shard < shards.size(); ++shard) {
      for (int64_t i = 0; i < counts[shard]; ++i) shards[shard].append(*next++);
    }
  }
}

void check_config(const ShardConfig& config, int64_t context) {
  check_batch_shape(1, context);
  if (config.count < 1) throw CorpusError(std::to_string(config.count) + " shards; allowed: at least 1");
  if (config.block < 1) {
    throw CorpusError("shards dealt in blocks of " + std::to_string(config.block) + " tokens; allowed: at least 1");
  }
  if (config.kind == Sharding::dirichlet && !(config.concentration > 0 && std::isfinite(config.concentration))) {
    throw CorpusError("a Dirichlet concentration of " + std::to_string(config.concentration) +
                      "; allowed: finite, more than 0");
  }
}

std::string remedy(const ShardConfig& config) {
  std::string common = "fewer shards, a shorter context or more text";
  switch (config.kind) {
    case Sharding::iid:
      return "blocks shorter than " + std::to_string(config.block) + " tokens, " + common;
    case Sharding::dirichlet:
      return "a concentration above " + std::to_string(config.concentration) + ", blocks shorter than " +
             std::to_string(config.block) + " tokens, " + common;
    case Sharding::contiguous:
    case Sharding::by_domain:
      break;
  }
  return common;
}

void check_sizes(const Shards& shards, const ShardConfig& config, int64_t context) {
  for (size_t i = 0; i < shards.size(); ++i) {
    if (count_windows(shards[i].size(), context) >= 1) continue;
    throw CorpusError("shard " + std::to_string(i) + " of " + std::to_string(shards.size()) + " has " +
                      std::to_string(shards[i].size()) + " tokens, one window needs " + std::to_string(context + 1) +
                      " (context + 1); what helps: " + remedy(config));
  }
}

}  // namespace

Shards make_shards(const std::vector<TokenizedDomain>& domains, const ShardConfig& config, int64_t context,
                   const RandomSource& random) {
  check_config(config, context);
  Shards shards(static_cast<size_t>(config.count));
  switch (config.kind) {
    case Sharding::iid:
      deal_iid(domains, config, random, shards);
      break;
    case Sharding::contiguous:
      cut_contiguous(domains, shards);
      break;
    case Sharding::by_domain:
      deal_by_domain(domains, shards);
      break;
    case Sharding::dirichlet:
      deal_dirichlet(domains, config, random, shards);
      break;
  }
  check_sizes(shards, config, context);
  return shards;
}

std::vector<Batch> validation_batches(const TokenizedDomain& domain, int64_t sequences, int64_t context,
                                      int64_t windows) {
  check_batch_shape(sequences, context);
  if (windows < 0) {
    throw CorpusError(std::to_string(windows) + " validation windows; allowed: 0 (all of them) or more");
  }
  const int64_t there = count_windows(domain.validation.size(), context);
  const int64_t taken = windows == 0 ? there : std::min(windows, there);
  const TokenSequence tokens(domain.validation);
  std::vector<Batch> batches;
  for (int64_t first = 0; first < taken; first += sequences) {
    Batch& batch = batches.emplace_back();
    shape_batch(batch, std::min(sequences, taken - first), context);
    for (int64_t row = 0; row < batch.sequences; ++row) {
      copy_window(tokens, (first + row) * there / taken, batch, row);
    }
  }
  return batches;
}

}  // namespace models
