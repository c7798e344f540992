#pragma once
#include <filesystem>
#include <optional>
#include <string>

namespace experiments {

/// 128-bit name (hex) of some content, for files found again by what they were made from.
std::string content_key(const std::string& content);

/// That of a file's content. Throws OutputError for what cannot be read.
std::string file_key(const std::filesystem::path& file);

/// Hash of the running binary: results may differ in their last bits between builds, so nothing cached outlives its
/// binary.
const std::string& binary_key();

/// The same for what is trained: also the library of matrix products and its instruction set, which the environment
/// can change (models/nn/products.h).
const std::string& arithmetic_key();

/// Where things that can be made again are kept: $STRAGGLE_CACHE, else $XDG_CACHE_HOME/straggle, else
/// ~/.cache/straggle. Empty when none of them is set or the directory cannot be written; then nothing is cached.
std::optional<std::filesystem::path> cache_directory();

}  // namespace experiments
