#include "models/data/repeats.h"

#include <algorithm>
#include <functional>

namespace models {

std::vector<Repeat> repeats_in(const std::vector<Domain>& domains) {
  struct Hashed {
    size_t hash;
    DocumentIndex index;
    auto operator<=>(const Hashed&) const = default;
  };
  std::vector<Hashed> all;
  for (size_t d = 0; d < domains.size(); ++d)
    for (size_t i = 0; i < domains[d].document_count(); ++i)
      all.push_back({std::hash<std::string_view>()(domains[d].document(i)), {d, i}});
  std::sort(all.begin(), all.end());
  const auto text = [&](const DocumentIndex& at) { return domains[at.domain].document(at.document); };
  std::vector<Repeat> repeats;
  for (size_t begin = 0, end = 0; begin < all.size(); begin = end) {
    std::vector<DocumentIndex> different;  // of one hash: nearly always one
    for (end = begin; end < all.size() && all[end].hash == all[begin].hash; ++end) {
      const DocumentIndex& here = all[end].index;
      const auto first = std::find_if(different.begin(), different.end(),
                                      [&](const DocumentIndex& other) { return text(other) == text(here); });
      if (first == different.end())
        different.push_back(here);
      else
        repeats.push_back({here, *first});
    }
  }
  std::sort(repeats.begin(), repeats.end(), [](const Repeat& a, const Repeat& b) { return a.document < b.document; });
  return repeats;
}

void leave_out_repeats(Corpus& corpus) {
  auto next = corpus.repeats.begin();
  const auto repeats = [&](const DocumentIndex& at) {
    if (next == corpus.repeats.end() || next->document != at) return false;
    ++next;
    return true;
  };
  for (size_t d = 0; d < corpus.domains.size(); ++d) {
    if (next == corpus.repeats.end() || next->document.domain != d) continue;
    Domain& domain = corpus.domains[d];
    Domain kept{domain.name, {}, {}};
    for (size_t i = 0; i < domain.documents.size(); ++i) {
      if (repeats({d, i})) continue;
      kept.begin_document(domain.documents[i].file, domain.documents[i].line) += domain.document(i);
    }
    domain = std::move(kept);
  }
  corpus.repeats.clear();
  std::erase_if(corpus.domains, [](const Domain& domain) { return domain.text.empty(); });
}

}  // namespace models
