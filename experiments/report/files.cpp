#include "experiments/report/files.h"

#include <cmath>

#include "experiments/run/file_list.h"
#include "experiments/run/output_error.h"
#include "models/durable.h"

namespace experiments {
namespace fs = std::filesystem;

namespace {

models::Pieces pieces(std::string_view content) { return {std::as_bytes(std::span(content))}; }

void require_written(const std::error_code& error, const fs::path& file) {
  if (error) throw OutputError(file.string() + ": cannot be written: " + error.message());
}

}  // namespace

void write_file(const fs::path& file, std::string_view content) {
  require_written(models::write_file(file, pieces(content)), file);
}

void replace_file(const fs::path& file, std::string_view content) {
  std::error_code error;
  if (fs::is_directory(file, error)) throw OutputError(file.string() + ": is a directory; expected a file's name");
  if ((error = models::make_directories(file.parent_path())))
    throw OutputError(file.string() + ": cannot be created: " + error.message());
  require_written(models::replace_file(file, pieces(content)), file);
  list_again(file);
}

nlohmann::ordered_json number(double value) {
  return std::isfinite(value) ? nlohmann::ordered_json(value) : nlohmann::ordered_json(nullptr);
}

nlohmann::ordered_json number(const std::optional<double>& value) {
  return value ? number(*value) : nlohmann::ordered_json(nullptr);
}

}  // namespace experiments
