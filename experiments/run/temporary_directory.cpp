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

}  // namespace experiments
