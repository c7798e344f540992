#pragma once
#include <filesystem>
#include <optional>
#include <string>

#include "experiments/config/json_reader.h"
#include "experiments/run/file_lock.h"
#include "experiments/run/run_log.h"

namespace experiments {

enum class RunState { absent, failed, finished };

/// The runs below <out>/runs, a directory each, named by key and put in place whole:
///   metrics.jsonl updates.jsonl summary.json  what the run left (report/writers.h)
///   point.json                                what it was: settings, method, seed, resolved configuration
///   host.json                                 how long it took on which host; nothing compares it
///   initial.safetensors final.safetensors     with save_weights
/// or, of one that failed, point.json and error.json. Several processes may share a store.
class RunStore {
 public:
  explicit RunStore(std::filesystem::path out) : out_(std::move(out)) {}
  const std::filesystem::path& out() const { return out_; }
  std::filesystem::path directory(const std::string& key) const { return out_ / "runs" / key; }
  /// Where a run that has not ended keeps its checkpoints; they go when it is saved, finished or failed.
  std::filesystem::path checkpoints(const std::string& key) const { return out_ / "checkpoints" / key; }

  /// Throws OutputError where <out> holds anything but a sweep's results: they would be mixed, and a file of the same
  /// name be lost.
  void require_ours() const;

  /// With `weights`, a finished run without its parameters counts as absent.
  RunState state(const std::string& key, bool weights = false) const;
  /// Keeps a finished run, if no one else has meanwhile. `weights`: where the run's parameters lie, to be moved along.
  void save(const std::string& key, const Json& point, const RunLog&, const Json& host,
            const std::optional<std::filesystem::path>& weights) const;
  void save_failure(const std::string& key, const Json& point, const std::string& message) const;
  /// Why a failed run failed.
  std::string failure(const std::string& key) const;
  /// A finished run's host.json; null where it has none.
  Json host(const std::string& key) const;

 private:
  void drop_checkpoints(const std::string& key) const;

  std::filesystem::path out_;
};

/// A run's directory in the making, beside its place under a name with a dot; goes with this object unless put().
class StagedRun {
 public:
  /// `place`: the run's directory. Throws OutputError when it cannot be made.
  explicit StagedRun(const std::filesystem::path& place);
  ~StagedRun();
  StagedRun(const StagedRun&) = delete;
  StagedRun& operator=(const StagedRun&) = delete;
  const std::filesystem::path& path() const { return temporary_; }
  /// Puts it in its place, instead of what may be there. The store's lock must be held.
  void put();

 private:
  std::filesystem::path place_, temporary_;
};

/// Held by one process at a time, on whatever file system <out> lies. Throws OutputError when <out> cannot be written.
class StoreLock {
 public:
  explicit StoreLock(const std::filesystem::path& out);

 private:
  FileLock lock_;
};

}  // namespace experiments
