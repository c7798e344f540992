#pragma once
#include <filesystem>
#include <stdexcept>

namespace experiments {

/// A results directory that cannot be made: names it and says why.
struct OutputError : std::runtime_error {
  using std::runtime_error::runtime_error;
};

/// A directory that comes into being whole or not at all: files are written beside it, under a temporary name, which commit()
/// renames into place. Without a commit the temporary directory goes.
class ResultsDirectory {
 public:
  /// Throws OutputError if `target` exists (unless it may be replaced) or cannot be created.
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
  bool replace_;
  bool committed_ = false;
};

}  // namespace experiments
