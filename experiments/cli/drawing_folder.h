#pragma once
#include <filesystem>
#include <string>

#include "experiments/run/temporary_directory.h"

namespace experiments {

/// A folder of our own for gnuplot to draw in, so that what stands in its place is whole. Removed at the end. Throws
/// OutputError.
class DrawingFolder {
 public:
  DrawingFolder();
  const std::filesystem::path& path() const { return folder_.path(); }
  std::string read(const std::string& name) const;

 private:
  TemporaryDirectory folder_;
};

}  // namespace experiments
