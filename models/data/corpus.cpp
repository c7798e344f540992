#include "models/data/corpus.h"

#include <algorithm>
#include <map>
#include <set>

#include "models/data/corpus_files.h"
#include "models/data/json_lines.h"
#include "models/data/repeats.h"
#include "models/data/text_file.h"
#include "models/data/utf8.h"

namespace models {
namespace {

namespace fs = std::filesystem;

using Domains = std::map<std::string, Domain>;

/// Text has no zeros, so a file with one is a picture, an archive or in another encoding.
void refuse_binary(const fs::path& path, std::string_view piece, size_t offset) {
  if (offset == 0 && (piece.starts_with("\xFF\xFE") || piece.starts_with("\xFE\xFF")))
    throw CorpusError(path.string() + ": is UTF-16; allowed: UTF-8, which iconv -f UTF-16 -t UTF-8 makes of it");
  const size_t zero = piece.find('\0');
  if (zero != std::string_view::npos)
    throw CorpusError(path.string() + ": is no text: byte " + std::to_string(offset + zero + 1) +
                      " is 0; allowed: text in UTF-8");
}

/// What there is to say about bytes that are not UTF-8, or "".
std::string utf8_remark(std::string_view text) {
  size_t bad = 0, first = 0;
  for (size_t at = 0; at < text.size();) {
    const size_t length = utf8_character(text, at);
    if (length == 0 && bad++ == 0) first = at;
    at += std::max<size_t>(length, 1);
  }
  return bad == 0 ? ""
                  : "is not UTF-8: " + std::to_string(bad) + (bad == 1 ? " byte" : " bytes") + ", the first at byte " +
                        std::to_string(first + 1);
}

void read_document(const CorpusFile& file, size_t index, Domains& domains, CorpusInventory& inventory) {
  std::string& text = domains[file.stem].begin_document(index, 0);
  const size_t start = text.size();
  std::error_code unknown;
  if (const auto size = fs::file_size(file.path, unknown); !unknown && compression_of(file.path) == Compression::none)
    text.reserve(start + size);
  for_each_piece(file.path, [&](std::string_view piece) {
    refuse_binary(file.path, piece, text.size() - start);
    text += piece;
  });
  if (text.size() == start)
    throw CorpusError(file.path.string() + ": the file is empty; allowed: at least one byte of text");
  if (std::string remark = utf8_remark(std::string_view(text).substr(start)); !remark.empty())
    inventory.remarks.push_back({inventory.files[index], std::move(remark)});
}

void read_lines(const CorpusFile& file, size_t index, Domains& domains, FirstTen& bad_lines) {
  const size_t bad_before = bad_lines.count;
  bool any = false;
  read_json_lines(file.path, bad_lines, [&](int64_t line, const std::string* domain, std::string_view text) {
    domains[domain ? *domain : file.stem].begin_document(index, line) += text;
    any = true;
  });
  if (!any && bad_lines.count == bad_before)
    throw CorpusError(file.path.string() + ": the file holds no documents; allowed: at least one JSON object a line");
}

void refuse_bad_lines(const CorpusInventory& inventory, OnBadLine on_bad_line) {
  const FirstTen& bad = inventory.bad_lines;
  const std::string remedy =
      on_bad_line == OnBadLine::refuse ? "\"on_bad_line\": \"skip\" leaves such lines out" : "no document is left";
  if (bad.count == 1) throw CorpusError(bad.first[0] + "; " + remedy);
  if (bad.count > 1)
    throw CorpusError(inventory.path + ": " + std::to_string(bad.count) + " lines cannot be read (" + remedy + ")" +
                      (bad.count > bad.first.size() ? ", the first ten:" : ":") + bad.lines());
}

/// Two files of one content would put the text of one's validation into the other's training.
void refuse_twins(const Corpus& corpus) {
  std::vector<size_t> documents(corpus.inventory.files.size(), 0);
  for (const Domain& domain : corpus.domains)
    for (const Document& document : domain.documents) ++documents[document.file];
  std::map<std::pair<size_t, size_t>, std::set<DocumentIndex>> shared;  // by two files
  const auto file_of = [&](const DocumentIndex& at) { return corpus.domains[at.domain].documents[at.document].file; };
  for (const Repeat& repeat : corpus.repeats) {
    const size_t a = file_of(repeat.document), b = file_of(repeat.first);
    if (a != b) shared[{std::min(a, b), std::max(a, b)}].insert(repeat.first);
  }
  FirstTen twins;
  for (const auto& [files, both] : shared)
    if (both.size() == documents[files.first] && both.size() == documents[files.second])
      twins.add(corpus.inventory.files[files.first] + " and " + corpus.inventory.files[files.second]);
  if (twins.count == 0) return;
  throw CorpusError(
      corpus.inventory.path + ": files have the same text; allowed: each once" +
      (twins.count > twins.first.size() ? " (the first ten of " + std::to_string(twins.count) + " pairs):" : ":") +
      twins.lines());
}

}  // namespace

Corpus load_corpus(const fs::path& path, OnBadLine on_bad_line) {
  Corpus corpus;
  CorpusInventory& inventory = corpus.inventory;
  inventory.path = path.string();
  Domains domains;
  for (const CorpusFile& file : corpus_files(path, inventory)) {
    const size_t index = inventory.files.size();
    inventory.files.push_back(file.path.filename().string());
    if (file.format == TextFormat::document)
      read_document(file, index, domains, inventory);
    else
      read_lines(file, index, domains, inventory.bad_lines);
  }
  if (on_bad_line == OnBadLine::refuse || domains.empty()) refuse_bad_lines(inventory, on_bad_line);
  for (auto& [name, domain] : domains) {
    for (size_t at = 0, length = 0; at < name.size(); at += length)
      if ((length = utf8_character(name, at)) == 0)
        throw CorpusError(inventory.path + ": a domain's name is not UTF-8; rename its file or \"domain\"");
    domain.name = name;
    corpus.domains.push_back(std::move(domain));
  }
  corpus.repeats = repeats_in(corpus.domains);
  if (on_bad_line == OnBadLine::skip) {
    inventory.repeats_left_out = corpus.repeats.size();
    leave_out_repeats(corpus);
  } else {
    refuse_twins(corpus);
    inventory.repeats = corpus.repeats.size();
  }
  inventory.domains = corpus.domains.size();
  for (const Domain& domain : corpus.domains) inventory.documents += domain.documents.size();
  inventory.bytes = corpus.bytes();
  return corpus;
}

}  // namespace models
