#pragma once
#include <array>
#include <filesystem>
#include <utility>

#include "models/data/corpus_error.h"
#include "models/data/documents.h"

namespace models {

/// What is done with lines of JSON that cannot be read.
enum class OnBadLine { refuse, skip };
constexpr auto names_of(OnBadLine) {
  return std::array{std::pair{OnBadLine::refuse, "refuse"}, std::pair{OnBadLine::skip, "skip"}};
}

/// Reads one file or the text files of a directory (not of its sub-directories), each plain, .gz or .zst: .txt, .text:
/// a file is a document of the domain named by its stem; .json, .jsonl: one JSON object a line, a document each, with
/// "text" and optionally "domain" (default the file's stem). Endings in any case. The documents of a domain follow one
/// another in the order of file names and lines, two line ends between them. Files are decompressed in pieces straight
/// into the domain's text. What is left out stands in the inventory. Throws CorpusError for whatever cannot be read, is
/// empty or no text, and for two files with one content; bad lines are refused all together, or skipped, and with them
/// every document that stands in the corpus before.
Corpus load_corpus(const std::filesystem::path& path, OnBadLine on_bad_line = OnBadLine::refuse);

}  // namespace models
