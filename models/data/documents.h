#pragma once
#include <compare>
#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "models/data/inventory.h"

namespace models {

/// Where a document begins in its domain's text, and where it was read.
struct Document {
  size_t start = 0;
  size_t file = 0;   ///< index of the inventory's files
  int64_t line = 0;  ///< in a file of JSON lines; 0: the whole file
};

/// What stands between two documents of a domain.
constexpr std::string_view document_separator = "\n\n";

struct Domain {
  std::string name;
  std::string text;
  std::vector<Document> documents;  ///< in order; none listed: the text is one

  size_t document_count() const { return documents.empty() ? 1 : documents.size(); }
  size_t start(size_t document) const { return documents.empty() ? 0 : documents[document].start; }
  /// Behind the document's last byte, before what separates it from the next.
  size_t end(size_t document) const {
    return document + 1 < documents.size() ? documents[document + 1].start - document_separator.size() : text.size();
  }
  /// The text, for that of a new document to be put behind.
  std::string& begin_document(size_t file, int64_t line) {
    if (!documents.empty()) text += document_separator;
    documents.push_back({text.size(), file, line});
    return text;
  }
  std::string_view document(size_t i) const { return std::string_view(text).substr(start(i), end(i) - start(i)); }
};

/// A document by its domain and its place there.
struct DocumentIndex {
  size_t domain = 0, document = 0;
  friend auto operator<=>(const DocumentIndex&, const DocumentIndex&) = default;
};

/// A document whose text stands in the corpus before, byte for byte, and where for the first time.
struct Repeat {
  DocumentIndex document, first;
};

/// Raw text by domain, domains sorted by name.
struct Corpus {
  std::vector<Domain> domains;
  std::vector<Repeat> repeats;
  CorpusInventory inventory;
  /// 64-bit content hash over names, texts and where documents begin (hex), for manifests and cache keys.
  std::string hash() const;
  size_t bytes() const;
  /// The document's "file" or "file:line", for messages.
  std::string place(const DocumentIndex&) const;
};

}  // namespace models
