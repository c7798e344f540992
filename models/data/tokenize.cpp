#include "models/data/shards.h"

namespace models {

std::vector<TokenizedDomain> tokenize(std::vector<SplitDomain> domains, const Tokenizer& tokenizer) {
  std::vector<TokenizedDomain> tokenized;
  tokenized.reserve(domains.size());
  for (SplitDomain& domain : domains) {
    tokenized.push_back({domain.name, tokenizer.encode(domain.training), tokenizer.encode(domain.validation),
                         domain.validation.size(), domain.pooled});
    domain = {};
  }
  return tokenized;
}

}  // namespace models
