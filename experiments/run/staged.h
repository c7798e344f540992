#pragma once
#include <filesystem>
#include <functional>

#include "experiments/run/file_lock.h"
#include "experiments/run/temporary_directory.h"

namespace experiments {

// How directories of results come into being: made beside their place, under a lock, and put there whole.

/// In what is being made: held by who makes it, so that others can tell what nobody will finish.
inline constexpr const char* kLockFile = ".lock";

/// Puts the directory `made`, beside `place`, at `place`, on the disk, with a list of its files if it has none yet.
/// What stood there is at `made` afterwards. Throws OutputError, and then all is as before.
void put_whole(const std::filesystem::path& made, const std::filesystem::path& place);

/// Does `tidy` where a process that is no more has had the directory's lock, or nobody.
void if_left_alone(const std::filesystem::path& directory, const std::function<void()>& tidy);

/// A directory in the making, under a name of its own and locked as long as this lives; goes with this object unless
/// put().
class Staged {
 public:
  /// Beside `place`. Throws OutputError when it cannot be made.
  explicit Staged(const std::filesystem::path& place);
  const std::filesystem::path& path() const { return directory_.path(); }
  /// put_whole(), without the lock, in a place in the same directory.
  void put(const std::filesystem::path& place);

 private:
  TemporaryDirectory directory_;
  FileLock lock_;
};

/// Whether a file or directory has the name of a Staged. Whoever is killed leaves it.
bool is_in_the_making(const std::filesystem::path&);

}  // namespace experiments
