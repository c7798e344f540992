#include "experiments/cli/drawing_folder.h"

#include <cerrno>
#include <cstdlib>
#include <cstring>

#include "experiments/run/output_error.h"

namespace experiments {

DrawingFolder::DrawingFolder() {
  std::error_code error;
  const std::filesystem::path place = std::filesystem::temp_directory_path(error);
  if (error) {
    const char* const named = std::getenv("TMPDIR");
    throw OutputError(std::string(named ? named : "/tmp") + ": is no place for temporary files: " + error.message());
  }
  std::string name = (place / "straggle-plot-XXXXXX").string();
  if (!mkdtemp(name.data())) throw OutputError(name + ": cannot be created: " + std::strerror(errno));
  path_ = name;
}

DrawingFolder::~DrawingFolder() {
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

}  // namespace experiments
