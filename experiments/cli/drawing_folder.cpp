#include "experiments/cli/drawing_folder.h"

#include <cstdlib>
#include <utility>

#include "experiments/report/draw_figure.h"
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

Drawings draw_all(const std::map<std::string, Figure>& figures) {
  const DrawingFolder folder;
  Drawings made;
  for (const auto& [name, figure] : figures) {
    Drawing drawn = draw(folder.path(), draw_figure(figure, name, PictureFormat::svg));
    made.problem = std::move(drawn.problem);
    if (!made.problem.empty()) break;
    made.contents[name] = std::move(drawn.content);
  }
  return made;
}

}  // namespace experiments
