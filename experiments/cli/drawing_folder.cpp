#include "experiments/cli/drawing_folder.h"

#include <cstdlib>
#include <fstream>
#include <iterator>

#include "experiments/run/results_directory.h"

namespace experiments {

DrawingFolder::DrawingFolder() {
  std::string name = (std::filesystem::temp_directory_path() / "straggle-plot-XXXXXX").string();
  if (!mkdtemp(name.data())) throw OutputError(name + ": cannot be created");
  path_ = name;
}

DrawingFolder::~DrawingFolder() {
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

std::string DrawingFolder::read(const std::string& name) const {
  std::ifstream in(path_ / name, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

}  // namespace experiments
