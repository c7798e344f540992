#include "models/data/split.h"

#include <algorithm>

#include "models/data/utf8.h"

namespace models {
namespace {

/// Where the domain's own validation text begins.
size_t cut_of(const Domain& domain, double fraction) {
  const size_t size = domain.text.size();
  const auto wanted = static_cast<size_t>(static_cast<double>(size) * fraction);
  const size_t even = size - wanted;
  const auto distance = [&](size_t start) { return start > even ? start - even : even - start; };
  size_t nearest = 0;  // the beginning of a document but the first
  for (size_t i = 1; i < domain.document_count(); ++i)
    if (nearest == 0 || distance(domain.start(i)) < distance(nearest)) nearest = domain.start(i);
  const size_t held_out = size - nearest;
  if (nearest > 0 && 2 * held_out >= wanted && held_out <= 2 * wanted) return nearest;
  return utf8_boundary(domain.text, even);
}

/// The documents that are held out of all those of the domains `small`: of those so far as many bytes as the fraction
/// asks for, to the nearest document, which spreads them evenly. One at least is left for training.
std::vector<DocumentIndex> held_out_of(const Corpus& corpus, const std::vector<size_t>& small, double fraction) {
  std::vector<DocumentIndex> held_out;
  double seen = 0, held = 0;
  size_t documents = 0;
  for (const size_t d : small)
    for (size_t i = 0; i < corpus.domains[d].document_count(); ++i, ++documents) {
      const auto size = static_cast<double>(corpus.domains[d].document(i).size());
      seen += size;
      if (fraction * seen - held <= size / 2) continue;
      held += size;
      held_out.push_back({d, i});
    }
  if (!held_out.empty() && held_out.size() == documents) held_out.pop_back();
  return held_out;
}

void add_document(std::string& text, std::string_view document) {
  if (!text.empty()) text += document_separator;
  text += document;
}

std::string pool_name(const Corpus& corpus) {
  std::string name = "(small domains)";
  const auto taken = [&](const Domain& domain) { return domain.name == name; };
  while (std::any_of(corpus.domains.begin(), corpus.domains.end(), taken)) name += "'";
  return name;
}

/// How a corpus is divided, before any text is.
struct Division {
  std::vector<size_t> cuts;             ///< by domain: where its own validation text begins
  std::vector<bool> pooled;             ///< by domain
  std::vector<DocumentIndex> held_out;  ///< of the pooled domains, in order
  std::string pool;                     ///< the validation text of the pooled

  bool holds_out(const DocumentIndex& at) const { return std::binary_search(held_out.begin(), held_out.end(), at); }
};

Division divide(const Corpus& corpus, double fraction, size_t smallest) {
  Division division;
  std::vector<size_t> small;
  for (size_t d = 0; d < corpus.domains.size(); ++d) {
    division.cuts.push_back(cut_of(corpus.domains[d], fraction));
    if (corpus.domains[d].text.size() - division.cuts.back() < smallest) small.push_back(d);
  }
  division.pooled.resize(corpus.domains.size(), false);
  division.held_out = held_out_of(corpus, small, fraction);
  for (const DocumentIndex& at : division.held_out)
    add_document(division.pool, corpus.domains[at.domain].document(at.document));
  if (division.pool.empty() || division.pool.size() < smallest) {
    division.held_out.clear();
    division.pool.clear();
  } else {
    for (const size_t d : small) division.pooled[d] = true;
  }
  return division;
}

/// Two copies of a document do no harm where they are cut alike; else text of the one's validation part is in the
/// other's training part.
void refuse_shared(const Corpus& corpus, const Division& division) {
  const auto training_bytes = [&](const DocumentIndex& at) {
    const Domain& domain = corpus.domains[at.domain];
    const size_t start = domain.start(at.document), size = domain.document(at.document).size();
    if (division.pooled[at.domain]) return division.holds_out(at) ? 0 : size;
    const size_t cut = division.cuts[at.domain];
    return cut <= start ? 0 : std::min(cut - start, size);
  };
  FirstTen shared;
  for (const Repeat& repeat : corpus.repeats) {
    if (training_bytes(repeat.document) == training_bytes(repeat.first)) continue;
    shared.add(corpus.place(repeat.first) + " and " + corpus.place(repeat.document));
  }
  if (shared.count == 0) return;
  throw CorpusError(corpus.inventory.path + ": " + std::to_string(shared.count) +
                    (shared.count == 1 ? " document stands" : " documents stand") +
                    " both in training and in validation; allowed: each once, and \"on_bad_line\": \"skip\" leaves "
                    "repeats out" +
                    (shared.count > shared.first.size() ? "; the first ten:" : ":") + shared.lines());
}

}  // namespace

SplitCorpus split(Corpus corpus, double validation_fraction, size_t smallest) {
  if (!(validation_fraction > 0 && validation_fraction < 1)) {
    throw CorpusError("the validation fraction is " + std::to_string(validation_fraction) +
                      "; allowed: more than 0, less than 1");
  }
  Division division = divide(corpus, validation_fraction, smallest);
  refuse_shared(corpus, division);
  SplitCorpus split{.domains = {}, .inventory = corpus.inventory};
  for (size_t d = 0; d < corpus.domains.size(); ++d) {
    Domain& domain = corpus.domains[d];
    SplitDomain& part = split.domains.emplace_back();
    part.name = domain.name;
    part.pooled = division.pooled[d];
    if (part.pooled) {
      ++split.inventory.pooled;
      for (size_t i = 0; i < domain.document_count(); ++i)
        if (!division.holds_out({d, i})) add_document(part.training, domain.document(i));
      domain.text = {};
    } else {
      part.validation = domain.text.substr(division.cuts[d]);
      part.training = std::move(domain.text);  // in place: a corpus may be as large as half the memory
      part.training.resize(division.cuts[d]);
    }
    split.inventory.validation_bytes += part.validation.size();
  }
  split.inventory.pooled_held_out = division.held_out.size();
  split.inventory.validation_bytes += division.pool.size();
  if (!division.pool.empty()) split.domains.push_back({pool_name(corpus), {}, std::move(division.pool), false});
  return split;
}

}  // namespace models
