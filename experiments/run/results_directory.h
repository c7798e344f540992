#pragma once
#include <filesystem>
#include <stdexcept>
#include <vector>

namespace experiments {

/// A results directory that cannot be made: names it and says why.
struct OutputError : std::runtime_error {
  using std::runtime_error::runtime_error;
};

/// A directory that comes into being whole or not at all: files are written beside it, under a temporary name, which
/// commit() renames into place. Without a commit the temporary directory goes.
class ResultsDirectory {
 public:
  /// Throws OutputError if `target` exists or cannot be created. With `replace` it may exist, provided it is an earlier
  /// result (it has an experiment.json and a manifest.json) or empty, and the working directory does not lie in it.
  ResultsDirectory(std::filesystem::path target, bool replace);
  ~ResultsDirectory();
  ResultsDirectory(const ResultsDirectory&) = delete;
  ResultsDirectory& operator=(const ResultsDirectory&) = delete;

  /// Where to write until commit().
  const std::filesystem::path& path() const { return temporary_; }
  const std::filesystem::path& target() const { return target_; }
  void commit();

 private:
  std::filesystem::path target_, temporary_;
  std::vector<std::filesystem::path> made_;  // parents that were not there, innermost first
  bool replace_;
  void remove_made();
  bool committed_ = false;
};

}  // namespace experiments
