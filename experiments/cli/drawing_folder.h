#pragma once
#include <filesystem>
#include <string>

namespace experiments {

/// A folder of our own for gnuplot to draw in, removed at the end. Throws OutputError.
class DrawingFolder {
 public:
  DrawingFolder();
  ~DrawingFolder();
  DrawingFolder(const DrawingFolder&) = delete;
  DrawingFolder& operator=(const DrawingFolder&) = delete;

  const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

}  // namespace experiments
