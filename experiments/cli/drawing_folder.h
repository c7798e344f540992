#pragma once
#include <filesystem>
#include <map>
#include <string>

#include "experiments/report/figure.h"
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

/// What gnuplot made of figures, by their names, and why it made no more.
struct Drawings {
  std::map<std::string, std::string> contents;
  std::string problem;
};
/// As SVG, up to the first that there is a problem with. Throws OutputError.
Drawings draw_all(const std::map<std::string, Figure>&);

}  // namespace experiments
