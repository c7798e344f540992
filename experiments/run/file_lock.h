#pragma once
#include <filesystem>
#include <string>

namespace experiments {

/// A lock file, held by one process at a time until this goes; made if need be. The system lets go of it when its
/// holder dies.
class FileLock {
 public:
  enum class Wait { yes, no };
  /// Throws OutputError where the file cannot be written, and, without waiting, where another process holds it: `busy`
  /// is the message then.
  FileLock(const std::filesystem::path& file, Wait wait, const std::string& busy = "");
  ~FileLock();
  FileLock(const FileLock&) = delete;
  FileLock& operator=(const FileLock&) = delete;
  /// False on a file system without locks, where everybody goes on.
  bool held() const { return held_; }

 private:
  int file_;
  bool held_ = true;
};

}  // namespace experiments
