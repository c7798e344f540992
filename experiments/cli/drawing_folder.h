#pragma once
#include <filesystem>
#include <string>

namespace experiments {

/// A folder of our own for gnuplot to draw in, so that what stands in its place is whole. Removed at the end. Throws
/// OutputError.
class DrawingFolder {
 public:
  DrawingFolder();
  ~DrawingFolder();
  DrawingFolder(const DrawingFolder&) = delete;
  DrawingFolder& operator=(const DrawingFolder&) = delete;

  const std::filesystem::path& path() const { return path_; }
  std::string read(const std::string& name) const;

 private:
  std::filesystem::path path_;
};

}  // namespace experiments
