#include "experiments/run/staged.h"

#include "experiments/run/file_list.h"
#include "experiments/run/output_error.h"
#include "models/durable.h"

namespace experiments {
namespace fs = std::filesystem;

void put_whole(const fs::path& made, const fs::path& place) {
  std::error_code error;
  if (!fs::exists(made / kFileList, error)) write_file_list(made);
  if ((error = models::put_directory(made, place)))
    throw OutputError(place.string() + ": cannot be put in place: " + error.message());
}

void if_left_alone(const fs::path& directory, const std::function<void()>& tidy) {
  try {
    const FileLock lock(directory / kLockFile, FileLock::Wait::no);
    if (lock.held()) tidy();
  } catch (const OutputError&) {  // somebody has it
  }
}

Staged::Staged(const fs::path& place)
    : directory_(place.parent_path() / ("." + place.filename().string() + ".partial-"), place),
      lock_(path() / kLockFile, FileLock::Wait::no) {}

void Staged::put(const fs::path& place) {
  std::error_code ignored;
  fs::remove(path() / kLockFile, ignored);
  put_whole(path(), place);
}

bool is_in_the_making(const fs::path& path) {
  const std::string name = path.filename().string();
  return name[0] == '.' && name.find(".partial-") != std::string::npos;
}

}  // namespace experiments
