#pragma once
#include <array>
#include <cstdint>
#include <memory>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "models/data/batch_source.h"
#include "models/data/split.h"
#include "models/data/token_sequence.h"
#include "models/data/tokenizer.h"
#include "models/objective.h"
#include "models/random_source.h"

namespace models {

/// One domain as token ids.
struct TokenizedDomain {
  std::string name;
  std::vector<int32_t> training;
  std::vector<int32_t> validation;
  size_t validation_bytes = 0;  ///< bytes of the validation text, for bits per byte
  bool pooled = false;          ///< as in SplitDomain
};
/// Lets go of each text once it is tokens, four times as large.
std::vector<TokenizedDomain> tokenize(std::vector<SplitDomain>, const Tokenizer&);

enum class Sharding { iid, contiguous, by_domain, dirichlet };
constexpr auto names_of(Sharding) {
  return std::array{std::pair{Sharding::iid, "iid"}, std::pair{Sharding::contiguous, "contiguous"},
                    std::pair{Sharding::by_domain, "by-domain"}, std::pair{Sharding::dirichlet, "dirichlet"}};
}
struct ShardConfig {
  int64_t count = 4;
  Sharding kind = Sharding::iid;
  int64_t block = 4096;        ///< iid, dirichlet: tokens a dealt block
  double concentration = 0.5;  ///< dirichlet: α over domains
};
template <class V>
void fields(V& v, ShardConfig& c) {
  v.field("count", c.count, V::between(1, 1 << 20), "shards", "Number of data shards");
  v.field(
      "kind", c.kind, V::any(), "",
      "How the training text is divided: blocks dealt at random, equal cuts, whole domains, Dirichlet over domains");
  v.field("block", c.block, V::at_least(1), "tokens", "Size of a dealt block (iid, dirichlet)");
  v.field("concentration", c.concentration, V::above(0), "", "Dirichlet's α: small is strongly non-i.i.d. (dirichlet)");
}

/// A shard is a token sequence of its own, made of the domains' training tokens, which must outlive it. Throws
/// CorpusError when a shard would be shorter than one window of T + 1 tokens (says which, how long, how many are
/// needed), or by_domain has more shards than domains. iid: blocks of all domains dealt out at random, sizes equal to
/// within one block. contiguous: the concatenation of all domains cut into equal parts. by_domain: whole domains, the
/// i-th with training text to shard i mod count. dirichlet: each domain's blocks dealt by proportions drawn from
/// Dirichlet(α) over shards.
std::vector<TokenSequence> make_shards(const std::vector<TokenizedDomain>&, const ShardConfig&, int64_t context,
                                       const RandomSource& random);

enum class BatchOrder { shuffled, sequential };
constexpr auto names_of(BatchOrder) {
  return std::array{std::pair{BatchOrder::shuffled, "shuffled"}, std::pair{BatchOrder::sequential, "sequential"}};
}

/// The batches of one shard. The n-th sequence in order is window π(n mod W) of the ⌊(size − 1)/T⌋ = W windows
/// [wT, wT + T], π the identity (sequential) or a permutation drawn afresh each epoch (shuffled).
class ShardBatches final : public BatchSource {
 public:
  /// Sequences of T = context tokens. `random` and what `tokens` are made of must outlive this; `entity` names the
  /// shard in the random source. Throws CorpusError if size < T + 1.
  ShardBatches(TokenSequence tokens, int64_t context, BatchOrder order, const RandomSource& random, uint64_t entity);
  void fill(int64_t first, int64_t count, Batch& batch) const override;
  int64_t windows() const { return windows_; }

 private:
  TokenSequence tokens_;
  int64_t context_, windows_;
  BatchOrder order_;
  const RandomSource& random_;
  uint64_t entity_;
};

/// Up to `windows` evenly spaced validation windows of T + 1 tokens of a domain (all of them when 0), in batches of at
/// most `sequences`; of n windows, m are numbers ⌊jn/m⌋. None of a domain shorter than one window.
std::vector<Batch> validation_batches(const TokenizedDomain&, int64_t sequences, int64_t context, int64_t windows);

}  // namespace models
