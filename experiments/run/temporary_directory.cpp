#include "experiments/run/temporary_directory.h"

#include <sys/stat.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>

#include "experiments/run/output_error.h"

namespace experiments {
namespace fs = std::filesystem;

TemporaryDirectory::TemporaryDirectory(const fs::path& beginning, const fs::path& what) {
  std::string name = beginning.string() + "XXXXXX";
  if (!mkdtemp(name.data())) throw OutputError(what.string() + ": cannot be created: " + std::strerror(errno));
  path_ = name;
  chmod(name.c_str(), 0755);  // of those who may read what it becomes
}

TemporaryDirectory::~TemporaryDirectory() {
  std::error_code ignored;
  fs::remove_all(path_, ignored);
}

fs::path name_in_the_making(const fs::path& place) {
  return place.parent_path() / ("." + place.filename().string() + ".partial-");
}

bool is_in_the_making(const fs::path& path) {
  const std::string name = path.filename().string();
  return name[0] == '.' && name.find(".partial-") != std::string::npos;
}

}  // namespace experiments
