#include "experiments/cli/drawing_folder.h"

#include <fstream>
#include <iterator>

namespace experiments {

DrawingFolder::DrawingFolder()
    : folder_(std::filesystem::temp_directory_path() / "straggle-plot-", "a folder to draw in") {}

std::string DrawingFolder::read(const std::string& name) const {
  std::ifstream in(path() / name, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

}  // namespace experiments
