#pragma once
#include <filesystem>
#include <optional>
#include <vector>

#include "experiments/run/file_lock.h"
#include "experiments/run/output_error.h"

namespace experiments {

/// Whether a directory is an earlier result of straggle run: it has an experiment.json and a manifest.json.
bool is_run_result(const std::filesystem::path&);

/// A directory that comes into being whole or not at all: files are written beside it, under a temporary name, which
/// commit() renames into place. Without a commit the temporary directory goes, unless it holds checkpoints.
class ResultsDirectory {
 public:
  using IsEarlier = bool (*)(const std::filesystem::path&);
  /// Throws OutputError if `target` exists or cannot be created. With `replace` it may exist, provided it is an earlier
  /// result of the same kind or empty, and the working directory does not lie in it.
  ResultsDirectory(std::filesystem::path target, bool replace, IsEarlier is_earlier = is_run_result);
  /// The same for work that can be resumed: the temporary name is <target>.partial, and one process at a time may have
  /// it. If checkpoints of an interrupted run lie there, throws OutputError, or with `replace` drops them.
  static ResultsDirectory resumable(std::filesystem::path target, bool replace);
  /// Takes over what an interrupted run left at <target>.partial; that name may be given as well. Throws OutputError
  /// if nothing is there, or another process has it.
  static ResultsDirectory resume(std::filesystem::path target, bool replace);
  ~ResultsDirectory();
  ResultsDirectory(const ResultsDirectory&) = delete;
  ResultsDirectory& operator=(const ResultsDirectory&) = delete;

  /// Where to write until commit().
  const std::filesystem::path& path() const { return temporary_; }
  const std::filesystem::path& target() const { return target_; }
  void commit();

 private:
  enum class Mode { fresh, resumable, resume };
  ResultsDirectory(std::filesystem::path target, bool replace, Mode, IsEarlier = is_run_result);
  void make_parents();
  void make_temporary();
  void make_partial();
  void lock();
  void remove_torn_files();
  void remove_made();
  void finish(const std::filesystem::path& old);

  std::filesystem::path target_, temporary_;
  std::vector<std::filesystem::path> made_;  // parents that were not there, innermost first
  bool replace_;
  bool committed_ = false;
  std::optional<FileLock> lock_;  // of work that can be resumed
};

/// Removes from whole results what only their making needed; after a kill in just that moment it is still there.
void clear_leftovers(const std::filesystem::path& target);

/// Where resumable work for `target` lies until it is whole.
std::filesystem::path partial_directory(const std::filesystem::path& target);

}  // namespace experiments
