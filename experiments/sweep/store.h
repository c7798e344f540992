#pragma once
#include <filesystem>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "experiments/config/json_reader.h"
#include "experiments/run/run_log.h"
#include "experiments/run/staged.h"

namespace experiments {

/// Damaged: its files are not those of its list, so it counts for nothing and is run again.
enum class RunState { absent, damaged, failed, finished };

/// The runs below <out>/runs, a directory each, named by key and put in place whole:
///   metrics.jsonl updates.jsonl summary.json  what the run left (report/writers.h)
///   point.json                                what it was: settings, method, seed, resolved configuration
///   host.json                                 how long it took on which host; nothing compares it
///   initial.safetensors final.safetensors     with save_weights
///   files.json                                the list of all these (run/file_list.h)
/// or, of one that failed, point.json, error.json and files.json. Several processes may share a store.
class RunStore {
 public:
  explicit RunStore(std::filesystem::path out) : out_(std::move(out)) {}
  const std::filesystem::path& out() const { return out_; }
  std::filesystem::path directory(const std::string& key) const { return out_ / "runs" / key; }
  /// Where a run that has not ended keeps its checkpoints; they go when it is saved, finished or failed.
  std::filesystem::path checkpoints(const std::string& key) const { return out_ / "checkpoints" / key; }
  void drop_checkpoints(const std::string& key) const;

  /// Throws OutputError where <out> holds anything but a sweep's results: they would be mixed, and a file of the same
  /// name be lost.
  void require_ours() const;

  /// With `weights`, a finished run without its parameters counts as absent.
  RunState state(const std::string& key, bool weights = false) const;
  /// What is wrong with the files of a damaged run. Reads them all, but those of a run once: what was whole stays so.
  std::vector<std::string> damage(const std::string& key) const;
  /// The first of it, of a run whose state was `damaged`: also where a disk that failed to read it reads it now.
  std::string first_damage(const std::string& key) const;
  /// Removes what processes that were killed have left in the making.
  void clear_leftovers() const;
  /// Keeps a finished run, if no one else has meanwhile. `weights`: where the run's parameters lie, to be moved along.
  void save(const std::string& key, const Json& point, const RunLog&, const Json& host,
            const std::optional<std::filesystem::path>& weights) const;
  void save_failure(const std::string& key, const Json& point, const std::string& message) const;
  /// A directory in the making beside the runs, for one of that name. put() it while the store's lock is held.
  Staged stage(const std::string& name) const;
  /// Why a failed run failed.
  std::string failure(const std::string& key) const;
  /// A finished run's host.json; null where it has none.
  Json host(const std::string& key) const;

 private:
  std::filesystem::path out_;
  mutable std::mutex mutex_;
  mutable std::set<std::string> whole_;  ///< runs, by key
};

/// Held by one process at a time, on whatever file system <out> lies. Throws OutputError when <out> cannot be written.
FileLock lock_store(const std::filesystem::path& out);

}  // namespace experiments
