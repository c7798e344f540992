#include "experiments/report/files.h"

#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cmath>
#include <cstdlib>
#include <cstring>
#include <fstream>

#include "experiments/run/results_directory.h"

namespace experiments {
namespace fs = std::filesystem;

void write_file(const std::filesystem::path& file, std::string_view content) {
  errno = 0;
  std::ofstream out(file, std::ios::binary | std::ios::trunc);
  out.write(content.data(), static_cast<std::streamsize>(content.size()));
  out.close();
  if (!out)
    throw OutputError(file.string() + " cannot be written: " + (errno ? std::strerror(errno) : "unknown error"));
}

void replace_file(const fs::path& file, std::string_view content) {
  std::error_code error;
  if (fs::is_directory(file, error)) throw OutputError(file.string() + ": is a directory; expected a file's name");
  error.clear();
  if (file.has_parent_path()) fs::create_directories(file.parent_path(), error);
  if (error) throw OutputError(file.string() + ": cannot be created: " + error.message());
  std::string partial = (file.parent_path() / ("." + file.filename().string() + ".partial-XXXXXX")).string();
  const int descriptor = mkstemp(partial.data());
  if (descriptor < 0) throw OutputError(file.string() + ": cannot be written: " + std::strerror(errno));
  fchmod(descriptor, 0644);
  close(descriptor);
  try {
    write_file(partial, content);
    fs::rename(partial, file);
  } catch (const std::exception& failure) {
    fs::remove(partial, error);
    throw OutputError(file.string() + ": cannot be written: " + failure.what());
  }
}

nlohmann::ordered_json number(double value) {
  return std::isfinite(value) ? nlohmann::ordered_json(value) : nlohmann::ordered_json(nullptr);
}

nlohmann::ordered_json number(const std::optional<double>& value) {
  return value ? number(*value) : nlohmann::ordered_json(nullptr);
}

}  // namespace experiments
