#pragma once
#include <filesystem>
#include <string>
#include <vector>

#include "models/data/inventory.h"

namespace models {

enum class TextFormat { document, json_lines };

struct CorpusFile {
  std::filesystem::path path;
  TextFormat format;
  std::string stem;  ///< the name without the endings of compression and format: the domain's name
};

/// The files that make the corpus `path`, in the order of their names; what of a directory is left out goes into the
/// inventory. Throws CorpusError if there is none, or if two are one text, plain and compressed.
std::vector<CorpusFile> corpus_files(const std::filesystem::path& path, CorpusInventory& inventory);

}  // namespace models
