#pragma once
#include <filesystem>
#include <string>
#include <vector>

namespace experiments {

// files.json says of what a directory of results consists: each file with its length and its CRC-32, the checksum of
// gzip and PNG. It is there to find what a disk has lost or spoiled, for which 32 bits are enough and cost nothing
// beside reading; it is no seal against people. Written last, so that what fits its list is whole.

inline constexpr const char* kFileList = "files.json";

/// Lists everything below the directory, but for what has a dot in front or only resuming needs (checkpoints), and for
/// directories with a list of their own. Throws OutputError.
void write_file_list(const std::filesystem::path& directory);

/// Keeps the list of the results in which `file` lies, if it lies in any, true to it. Throws OutputError.
void list_again(const std::filesystem::path& file);

/// How a directory differs from its list; each with its file, e.g. "a/b/summary.json: has 0 bytes; 512 are listed".
struct FileFaults {
  bool listed = true;                ///< false: there is no list, as in what older versions left
  std::vector<std::string> damaged;  ///< missing files too
  std::vector<std::string> extra;
};
FileFaults file_faults(const std::filesystem::path& directory);

/// The directories, `directory` or below it, that have a list.
std::vector<std::filesystem::path> listed_directories(const std::filesystem::path& directory);

}  // namespace experiments
