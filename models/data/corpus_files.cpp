#include "models/data/corpus_files.h"

#include <algorithm>
#include <map>
#include <optional>

#include "models/data/corpus_error.h"
#include "models/data/text_file.h"

namespace models {
namespace {

namespace fs = std::filesystem;

constexpr const char* allowed_names = ".txt, .text, .json, .jsonl, and these with .gz or .zst";

/// The name without the ending of its compression.
fs::path uncompressed_name(const fs::path& path) {
  return compression_of(path) == Compression::none ? path.filename() : path.stem();
}

/// The file, if its name is one of text.
std::optional<CorpusFile> text_of_name(const fs::path& path) {
  const fs::path inner = uncompressed_name(path);
  const std::string ending = lower_ending(inner);
  if (ending == ".txt" || ending == ".text") return CorpusFile{path, TextFormat::document, inner.stem().string()};
  if (ending == ".json" || ending == ".jsonl") return CorpusFile{path, TextFormat::json_lines, inner.stem().string()};
  return std::nullopt;
}

/// Why a file of this name is not read.
std::string why_not(const fs::path& path) {
  const std::string ending = lower_ending(uncompressed_name(path));
  if (ending == ".parquet") {
    const std::string stem = path.stem().string();
    return "is a Parquet file; python3 -c \"import pandas; pandas.read_parquet('" + stem +
           ".parquet')[['text']].to_json('" + stem + ".jsonl', orient='records', lines=True)\" converts it";
  }
  if (ending == ".md") return "a .md is taken for a note about the text; named .txt it is read";
  return std::string("not ") + allowed_names;
}

std::vector<CorpusFile> text_files(const fs::path& directory, CorpusInventory& inventory) {
  std::vector<CorpusFile> files;
  const auto leave_out = [&](const fs::path& path, const std::string& why) {
    inventory.left_out.push_back({path.filename().string(), why});
  };
  std::error_code error;
  for (fs::directory_iterator entry(directory, error), end; !error && entry != end; entry.increment(error)) {
    const fs::path& path = entry->path();
    std::error_code broken_link;  // is kept: that it cannot be opened should be said, not passed over
    if (path.filename().string().starts_with('.')) {
      leave_out(path, "hidden");
    } else if (entry->is_directory(broken_link)) {
      leave_out(path, "a directory");
    } else if (auto file = text_of_name(path)) {
      files.push_back(std::move(*file));
    } else {
      leave_out(path, why_not(path));
    }
  }
  if (error) throw CorpusError(directory.string() + ": the directory cannot be read: " + error.message());
  std::sort(files.begin(), files.end(), [](const CorpusFile& a, const CorpusFile& b) { return a.path < b.path; });
  std::sort(inventory.left_out.begin(), inventory.left_out.end(),
            [](const auto& a, const auto& b) { return a.file < b.file; });
  return files;
}

/// A text beside its compressed copy would stand in training and in validation.
void refuse_copies(const fs::path& directory, const std::vector<CorpusFile>& files) {
  std::map<fs::path, fs::path> names;
  for (const CorpusFile& file : files) {
    const auto [other, fresh] = names.try_emplace(uncompressed_name(file.path), file.path.filename());
    if (fresh) continue;
    throw CorpusError(directory.string() + ": " + other->second.string() + " and " + file.path.filename().string() +
                      " are one text, plain or compressed; allowed: one of them");
  }
}

}  // namespace

std::vector<CorpusFile> corpus_files(const fs::path& path, CorpusInventory& inventory) {
  std::error_code error;
  const fs::file_status status = fs::status(path, error);
  if (status.type() == fs::file_type::not_found) throw CorpusError(path.string() + ": no such file or directory");
  if (status.type() == fs::file_type::none) throw CorpusError(path.string() + ": cannot be read: " + error.message());
  if (!fs::is_directory(status)) {
    auto file = text_of_name(path);
    if (!file)
      throw CorpusError(path.string() + ": not a known kind of text (" + why_not(path) + "); allowed: a directory or " +
                        allowed_names);
    return {std::move(*file)};
  }
  std::vector<CorpusFile> files = text_files(path, inventory);
  if (files.empty()) {
    FirstTen found;
    for (const auto& [file, why] : inventory.left_out) found.add(std::string(file).append(": ").append(why));
    throw CorpusError(path.string() + ": the directory holds no text; allowed: " + allowed_names +
                      (found.count > 0 ? "; it holds" + found.lines() : ""));
  }
  refuse_copies(path, files);
  return files;
}

}  // namespace models
