#include "models/data/corpus.h"

#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <map>
#include <string_view>

#include "models/data/json_lines.h"
#include "models/data/text_file.h"
#include "models/data/utf8.h"

namespace models {
namespace {

namespace fs = std::filesystem;

constexpr const char* allowed_names = ".txt, .json, .jsonl, and these with .gz";

enum class Format { other, text, json_lines };

struct FileKind {
  Format format;
  std::string stem;  ///< the name without .gz and without the format's ending
};

FileKind kind_of(const fs::path& path) {
  const fs::path inner = path.extension() == ".gz" ? path.stem() : path.filename();
  const std::string ending = inner.extension().string();
  if (ending == ".txt") return {Format::text, inner.stem().string()};
  if (ending == ".json" || ending == ".jsonl") return {Format::json_lines, inner.stem().string()};
  return {Format::other, ""};
}

void read_file(const fs::path& path, std::map<std::string, std::string>& domains) {
  const FileKind kind = kind_of(path);
  if (kind.format == Format::other) {
    throw CorpusError(path.string() + ": not a known kind of text; allowed: a directory or " + allowed_names);
  }
  if (kind.format == Format::json_lines) return read_json_lines(path, kind.stem, domains);
  const std::string text = read_all(path);
  if (text.empty()) throw CorpusError(path.string() + ": the file is empty; allowed: at least one byte of text");
  add_document(domains, kind.stem, text);
}

/// The directory's text files in the order of their names; sub-directories and other files are left out.
std::vector<fs::path> text_files(const fs::path& directory) {
  std::vector<fs::path> files;
  std::error_code error;
  for (fs::directory_iterator entry(directory, error), end; !error && entry != end; entry.increment(error)) {
    std::error_code broken_link;  // is kept: that it cannot be opened should be said, not passed over
    const bool text = kind_of(entry->path()).format != Format::other;
    if (text && !entry->is_directory(broken_link)) files.push_back(entry->path());
  }
  if (error) throw CorpusError(directory.string() + ": the directory cannot be read: " + error.message());
  std::sort(files.begin(), files.end());
  return files;
}

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

std::vector<fs::path> corpus_files(const fs::path& path) {
  std::error_code error;  // what cannot be read is no directory: that it is none is said by whoever reads it
  return fs::is_directory(path, error) ? text_files(path) : std::vector{path};
}

Corpus load_corpus(const fs::path& path) {
  std::error_code error;
  const fs::file_status status = fs::status(path, error);
  if (status.type() == fs::file_type::not_found) throw CorpusError(path.string() + ": no such file or directory");
  if (status.type() == fs::file_type::none) throw CorpusError(path.string() + ": cannot be read: " + error.message());

  std::map<std::string, std::string> domains;
  const std::vector<fs::path> files = corpus_files(path);
  if (files.empty()) throw CorpusError(path.string() + ": the directory holds no text; allowed: " + allowed_names);
  for (const fs::path& file : files) read_file(file, domains);

  Corpus corpus;
  for (const auto& [name, text] : domains)
    for (size_t at = 0, length = 0; at < name.size(); at += length)
      if ((length = utf8_character(name, at)) == 0)
        throw CorpusError(path.string() + ": a domain's name is not UTF-8; rename its file or \"domain\"");
  for (auto& [name, text] : domains) corpus.domains.push_back({name, std::move(text)});
  return corpus;
}

std::string Corpus::hash() const {
  Fnv1a hash;
  for (const Domain& domain : domains) {
    // Lengths in front, so that moving bytes between names, texts and domains changes the hash.
    hash.add(std::to_string(domain.name.size()) + " " + std::to_string(domain.text.size()) + " ");
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

std::vector<SplitDomain> split(const Corpus& corpus, double validation_fraction) {
  if (!(validation_fraction > 0 && validation_fraction < 1)) {
    throw CorpusError("the validation fraction is " + std::to_string(validation_fraction) +
                      "; allowed: more than 0, less than 1");
  }
  std::vector<SplitDomain> parts;
  for (const Domain& domain : corpus.domains) {
    const size_t size = domain.text.size();
    const auto validation = static_cast<size_t>(static_cast<double>(size) * validation_fraction);
    const size_t cut = utf8_boundary(domain.text, size - validation);
    parts.push_back({domain.name, domain.text.substr(0, cut), domain.text.substr(cut)});
  }
  return parts;
}

}  // namespace models
