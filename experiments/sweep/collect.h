#pragma once
#include <filesystem>
#include <string>
#include <vector>

namespace experiments {

struct Collected {
  size_t added = 0;                  ///< runs new to the store
  size_t known = 0;                  ///< runs that it had, the same
  std::vector<std::string> damaged;  ///< what is wrong with runs that count for nothing
};

/// Merges the runs and designs of `sources` (each has a runs directory) into `out`, which may be one of them. Finished
/// runs go before failed ones, and damaged ones do not go at all. Throws OutputError, before anything is written, for a
/// source that is no sweep's directory, for two contents of one key and for two designs of one name.
Collected collect(const std::vector<std::filesystem::path>& sources, const std::filesystem::path& out);

}  // namespace experiments
