#include "models/durable.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <string>

namespace models {
namespace fs = std::filesystem;
namespace {

std::error_code last_error() { return {errno, std::generic_category()}; }

fs::path directory_of(const fs::path& place) { return place.has_parent_path() ? place.parent_path() : fs::path("."); }

/// An open file; closing it is part of writing it.
class Descriptor {
 public:
  Descriptor(const fs::path& file, int flags) : number_(open(file.c_str(), flags | O_CLOEXEC, 0666)) {}
  ~Descriptor() {
    if (number_ >= 0) close(number_);
  }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;

  int number() const { return number_; }
  std::error_code write(const Pieces& pieces) {
    for (std::span<const std::byte> rest : pieces) {
      while (!rest.empty()) {
        const ssize_t written = ::write(number_, rest.data(), rest.size());
        if (written >= 0)
          rest = rest.subspan(static_cast<size_t>(written));
        else if (errno != EINTR)
          return last_error();
      }
    }
    return {};
  }
  /// Until it is closed. False where another has it, or the file system has no locks.
  bool lock() const { return flock(number_, LOCK_EX | LOCK_NB) == 0; }
  bool gone() const {
    struct stat status {};
    return fstat(number_, &status) == 0 && status.st_nlink == 0;
  }
  std::error_code finish() {
    const int closed = close(number_);
    number_ = -1;
    return closed == 0 ? std::error_code() : last_error();
  }

 private:
  int number_;
};

std::error_code sync_path(const fs::path& path, int flags) {
  const Descriptor opened(path, O_RDONLY | flags);
  if (opened.number() < 0 || fsync(opened.number()) != 0) return last_error();
  return {};
}

/// Everything in the directory, and itself.
std::error_code sync_tree(const fs::path& directory) {
  std::vector<fs::path> files, directories{directory};
  std::error_code error;
  for (fs::recursive_directory_iterator it(directory, error), end; !error && it != end; it.increment(error)) {
    if (it->is_symlink(error)) continue;
    if (it->is_directory(error)) directories.push_back(it->path());
    if (it->is_regular_file(error)) files.push_back(it->path());
  }
  if (error) return error;
  for (const fs::path& file : files) {  // all on their way before the first is waited for, which takes a tenth as long
    const Descriptor opened(file, O_RDONLY);
    if (opened.number() >= 0) sync_file_range(opened.number(), 0, 0, SYNC_FILE_RANGE_WRITE);
  }
  for (const fs::path& file : files)
    if ((error = sync_path(file, 0))) return error;
  for (const fs::path& inner : directories)
    if ((error = sync_directory(inner))) return error;
  return {};
}

std::error_code move_to(const fs::path& from, const fs::path& to) {
  return ::rename(from.c_str(), to.c_str()) == 0 ? std::error_code() : last_error();
}

std::error_code exchange(const fs::path& made, const fs::path& place) {
  if (renameat2(AT_FDCWD, made.c_str(), AT_FDCWD, place.c_str(), RENAME_EXCHANGE) == 0) return {};
  if (errno != EINVAL && errno != ENOSYS && errno != EOPNOTSUPP) return last_error();
  if (const auto error = move_to(place, moved_aside(made))) return error;
  if (const auto error = move_to(made, place)) {
    move_to(moved_aside(made), place);
    return error;
  }
  return move_to(moved_aside(made), made);
}

/// Removes the files that processes which were killed have left in the directory, of names that begin so.
void remove_left_alone(const fs::path& directory, const std::string& beginning) {
  std::vector<fs::path> found;
  std::error_code error;
  for (fs::directory_iterator it(directory, error), end; !error && it != end; it.increment(error))
    if (it->path().filename().string().starts_with(beginning)) found.push_back(it->path());
  for (const fs::path& file : found) {
    const Descriptor opened(file, O_WRONLY);
    if (opened.number() >= 0 && opened.lock()) unlink(file.c_str());
  }
}

}  // namespace

std::error_code write_file(const fs::path& file, const Pieces& pieces) {
  Descriptor out(file, O_CREAT | O_WRONLY | O_TRUNC);
  if (out.number() < 0) return last_error();
  if (const auto error = out.write(pieces)) return error;
  return out.finish();
}

std::error_code replace_file(const fs::path& file, const Pieces& pieces) {
  static std::atomic<int> made = 0;
  const std::string beginning = "." + file.filename().string() + ".partial-";
  remove_left_alone(directory_of(file), beginning);
  for (;;) {
    const fs::path aside = directory_of(file) / (beginning + std::to_string(getpid()) + "-" + std::to_string(made++));
    Descriptor out(aside, O_CREAT | O_EXCL | O_WRONLY);
    if (out.number() < 0 && errno == EEXIST) continue;  // of a process of the same number on another machine
    if (out.number() < 0) return last_error();
    if ((!out.lock() && errno == EWOULDBLOCK) || out.gone()) continue;  // taken for one left alone
    std::error_code error = out.write(pieces);
    if (!error && fsync(out.number()) != 0) error = last_error();
    if (!error) error = move_to(aside, file);
    if (!error) error = out.finish();
    if (!error) return sync_directory(directory_of(file));
    unlink(aside.c_str());
    return error;
  }
}

std::error_code put_directory(const fs::path& made, const fs::path& place) {
  std::error_code error = sync_tree(made), ignored;
  if (error) return error;
  const bool replaced = fs::exists(fs::symlink_status(place, ignored));
  if ((error = replaced ? exchange(made, place) : move_to(made, place))) return error;
  if ((error = sync_directory(directory_of(place)))) replaced ? exchange(made, place) : move_to(place, made);
  return error;
}

fs::path moved_aside(const fs::path& made) { return made.string() + ".old"; }

std::error_code make_directories(const fs::path& directory) {
  std::error_code error;
  if (directory.empty() || fs::is_directory(directory, error)) return {};
  if ((error = make_directories(directory.parent_path()))) return error;
  fs::create_directory(directory, error);
  if (error) return error;
  return sync_directory(directory_of(directory));
}

std::error_code sync_directory(const fs::path& directory) {
  const std::error_code error = sync_path(directory, O_DIRECTORY);
  // Some file systems cannot do that to a directory, and promise nothing.
  return error == std::errc::invalid_argument || error == std::errc::not_supported ? std::error_code() : error;
}

}  // namespace models
