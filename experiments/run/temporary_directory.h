#pragma once
#include <filesystem>
#include <string>

namespace experiments {

/// A directory of our own that goes at the end with everything in it. Put in a place (put_directory of
/// models/durable.h), it has left its name, and what goes is what stood in that place.
class TemporaryDirectory {
 public:
  /// Its name is `beginning` and six letters. Throws OutputError naming `what` when it cannot be made.
  TemporaryDirectory(const std::filesystem::path& beginning, const std::filesystem::path& what);
  ~TemporaryDirectory();
  TemporaryDirectory(const TemporaryDirectory&) = delete;
  TemporaryDirectory& operator=(const TemporaryDirectory&) = delete;

  const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

}  // namespace experiments
