#include "models/data/shards.h"

namespace models {

std::vector<TokenizedDomain> tokenize(const std::vector<SplitDomain>& domains, const Tokenizer& tokenizer) {
  std::vector<TokenizedDomain> tokenized;
  tokenized.reserve(domains.size());
  for (const SplitDomain& domain : domains) {
    tokenized.push_back({domain.name, tokenizer.encode(domain.training), tokenizer.encode(domain.validation),
                         domain.validation.size()});
  }
  return tokenized;
}

}  // namespace models
