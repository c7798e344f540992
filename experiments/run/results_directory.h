#pragma once
#include <filesystem>
#include <optional>
#include <vector>

#include "experiments/run/file_lock.h"
#include "experiments/run/output_error.h"

namespace experiments {

/// A directory that comes into being whole or not at all: files are written to <target>.partial, which one process at
/// a time may have, and commit() puts it in place, on the disk, with a list of its files. Without a commit it goes,
/// unless it holds checkpoints.
class ResultsDirectory {
 public:
  /// Throws OutputError if `target` exists or cannot be created, or checkpoints of an interrupted run lie at
  /// <target>.partial. With `replace` they are dropped, and `target` may exist, provided it is an earlier result or
  /// empty, and the working directory does not lie in it.
  ResultsDirectory(std::filesystem::path target, bool replace);
  /// Takes over what an interrupted run left at <target>.partial; that name may be given as well. Throws OutputError
  /// if nothing is there, or another process has it.
  static ResultsDirectory resume(std::filesystem::path target, bool replace);
  ~ResultsDirectory();
  ResultsDirectory(const ResultsDirectory&) = delete;
  ResultsDirectory& operator=(const ResultsDirectory&) = delete;

  /// Where to write until commit().
  const std::filesystem::path& path() const { return temporary_; }
  const std::filesystem::path& target() const { return target_; }
  /// Checkpoints go only after all else is safe. Throws OutputError, and then all is as before.
  void commit();

 private:
  ResultsDirectory(std::filesystem::path target, bool replace, bool resumes);
  void refuse_existing(bool resumes) const;
  void make_parents();
  void make_partial();
  void lock();
  void keep_what_resumes();
  void remove_made();

  std::filesystem::path target_, temporary_;
  std::vector<std::filesystem::path> made_;  // parents that were not there, innermost first
  bool replace_;
  bool committed_ = false;
  std::optional<FileLock> lock_;
};

/// What an interrupted run goes on from, beside its checkpoints.
inline constexpr const char* kExperimentFile = "experiment.json";
inline constexpr const char* kManifestFile = "manifest.json";
inline constexpr const char* kIdentityFile = "identity.json";  ///< RunKeys::identity

/// Whether straggle has left results there.
bool is_results(const std::filesystem::path& directory);

/// Removes in and beside the results `target` what only their making needed; a process that was killed in the moment
/// they were put in place leaves that.
void clear_leftovers(const std::filesystem::path& target);

/// Where resumable work for `target` lies until it is whole.
std::filesystem::path partial_directory(const std::filesystem::path& target);

}  // namespace experiments
