#pragma once
#include <filesystem>
#include <stdexcept>
#include <vector>

namespace experiments {

/// A results directory that cannot be made: names it and says why.
struct OutputError : std::runtime_error {
  using std::runtime_error::runtime_error;
};

/// What to do with what is already there.
enum class Existing {
  refuse,
  replace_result,  ///< only an earlier result (it has an experiment.json and a manifest.json) or an empty directory, and not one that
                   ///< the working directory lies in: the place was named by a user, who may err
  replace          ///< the place is the program's own
};

/// A directory that comes into being whole or not at all: files are written beside it, under a temporary name, which commit()
/// renames into place. Without a commit the temporary directory goes.
class ResultsDirectory {
 public:
  /// Throws OutputError if `target` exists and may not be replaced, or cannot be created.
  ResultsDirectory(std::filesystem::path target, Existing existing);
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
  void remove_made();
  bool committed_ = false;
};

}  // namespace experiments
