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

/// Reads a directory of .txt (a file is a domain, named by its stem; other files are ignored), one .txt, or JSON lines
/// (.json .jsonl, plain or .gz, one file or a directory of them): field "text", optional "domain" (default the file's stem).
Corpus load_corpus(const std::filesystem::path& path);

/// A domain split once into a leading training part and a trailing validation part of `validation_fraction` of its bytes,
/// cut at a UTF-8 character boundary.
struct SplitDomain {
  std::string name;
  std::string training;
  std::string validation;
};
std::vector<SplitDomain> split(const Corpus&, double validation_fraction);

}  // namespace models
