#include "experiments/cli/drawing_folder.h"

#include <cstdlib>

#include "experiments/run/output_error.h"

namespace experiments {
namespace {

std::filesystem::path beginning() {
  std::error_code error;
  const std::filesystem::path place = std::filesystem::temp_directory_path(error);
  if (!error) return place / "straggle-plot-";
  const char* const named = std::getenv("TMPDIR");
  throw OutputError(std::string(named ? named : "/tmp") + ": is no place for temporary files: " + error.message());
}

}  // namespace

DrawingFolder::DrawingFolder() : folder_(beginning(), "a folder to draw in") {}

}  // namespace experiments
