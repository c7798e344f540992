#pragma once
#include <filesystem>
#include <stdexcept>
#include <string>
#include <vector>

namespace models {

/// A corpus that cannot be used: names the file (and line), what was found, what is allowed.
struct CorpusError : std::runtime_error {
  using std::runtime_error::runtime_error;
};

struct Domain {
  std::string name;
  std::string text;
};

/// Raw text by domain, domains sorted by name.
struct Corpus {
  std::vector<Domain> domains;
  /// 64-bit content hash over names and texts (hex), for manifests and cache keys.
  std::string hash() const;
  size_t bytes() const;
};

/// The files that load_corpus() would read, in its order: the path itself, or the directory's text files. Throws
/// CorpusError for a directory that cannot be read.
std::vector<std::filesystem::path> corpus_files(const std::filesystem::path& path);

/// Reads one file or all text files of a directory (not of its sub-directories; other files are ignored), each plain or
/// .gz: .txt: a file is a document of the domain named by its stem; .json, .jsonl: one JSON object a line, a document
/// each, with "text" and optionally "domain" (default the file's stem). The documents of a domain follow one another in
/// the order of file names and lines, two line ends between them. Throws CorpusError for whatever cannot be read or is
/// empty.
Corpus load_corpus(const std::filesystem::path& path);

/// A domain split once into a leading training part and a trailing validation part of `validation_fraction` of its
/// bytes, cut at a UTF-8 character boundary (the validation part is up to 3 bytes longer for it). Throws CorpusError
/// unless 0 < validation_fraction < 1.
struct SplitDomain {
  std::string name;
  std::string training;
  std::string validation;
};
std::vector<SplitDomain> split(const Corpus&, double validation_fraction);

}  // namespace models
