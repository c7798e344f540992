#include "models/data/documents.h"

#include <cstdio>

namespace models {
namespace {

/// 64-bit FNV-1a. Source: Fowler, Noll, Vo; draft-eastlake-fnv.
class Fnv1a {
 public:
  void add(std::string_view bytes) {
    for (const char byte : bytes) state_ = (state_ ^ static_cast<uint8_t>(byte)) * 0x100000001b3u;
  }
  uint64_t value() const { return state_; }

 private:
  uint64_t state_ = 0xcbf29ce484222325u;
};

}  // namespace

std::string Corpus::hash() const {
  Fnv1a hash;
  for (const Domain& domain : domains) {
    // Lengths in front, so that moving bytes between names, texts, domains and documents changes the hash.
    hash.add(std::to_string(domain.name.size()) + " " + std::to_string(domain.text.size()) + " ");
    for (size_t i = 1; i < domain.documents.size(); ++i) hash.add(std::to_string(domain.documents[i].start) + " ");
    hash.add(domain.name);
    hash.add(domain.text);
  }
  char hex[17];
  std::snprintf(hex, sizeof hex, "%016llx", static_cast<unsigned long long>(hash.value()));
  return hex;
}

size_t Corpus::bytes() const {
  size_t sum = 0;
  for (const Domain& domain : domains) sum += domain.text.size();
  return sum;
}

std::string Corpus::place(const DocumentIndex& at) const {
  const Document& document = domains[at.domain].documents[at.document];
  return inventory.files.at(document.file) + (document.line > 0 ? ":" + std::to_string(document.line) : "");
}

}  // namespace models
