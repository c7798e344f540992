#pragma once
#include <compare>
#include <cstdint>
#include <filesystem>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "models/data/inventory.h"

namespace models {

/// A corpus that cannot be used: names the file (and line), what was found, what is allowed.
struct CorpusError : std::runtime_error {
  using std::runtime_error::runtime_error;
};

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

/// What is done with lines of JSON that cannot be read.
enum class OnBadLine { refuse, skip };

/// Reads one file or the text files of a directory (not of its sub-directories), each plain, .gz or .zst: .txt, .text:
/// a file is a document of the domain named by its stem; .json, .jsonl: one JSON object a line, a document each, with
/// "text" and optionally "domain" (default the file's stem). Endings in any case. The documents of a domain follow one
/// another in the order of file names and lines, two line ends between them. Files are decompressed in pieces straight
/// into the domain's text. What is left out stands in the inventory. Throws CorpusError for whatever cannot be read, is
/// empty or no text, and for two files with one content; bad lines are refused all together, or skipped, and with them
/// every document that stands in the corpus before.
Corpus load_corpus(const std::filesystem::path& path, OnBadLine on_bad_line = OnBadLine::refuse);

}  // namespace models
