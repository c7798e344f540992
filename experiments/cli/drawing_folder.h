#pragma once
#include <filesystem>
#include <string>

#include "experiments/run/temporary_directory.h"

namespace experiments {

/// A folder of our own for gnuplot to draw in, removed at the end. Throws OutputError.
class DrawingFolder {
 public:
  DrawingFolder();
  const std::filesystem::path& path() const { return folder_.path(); }

 private:
  TemporaryDirectory folder_;
};

}  // namespace experiments
