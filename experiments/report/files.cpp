#include "experiments/report/files.h"

#include <cerrno>
#include <cmath>
#include <cstring>
#include <fstream>

#include "experiments/run/results_directory.h"

namespace experiments {

void write_file(const std::filesystem::path& file, std::string_view content) {
  errno = 0;
  std::ofstream out(file, std::ios::binary | std::ios::trunc);
  out.write(content.data(), static_cast<std::streamsize>(content.size()));
  out.close();
  if (!out)
    throw OutputError(file.string() + " cannot be written: " + (errno ? std::strerror(errno) : "unknown error"));
}

nlohmann::ordered_json number(double value) {
  return std::isfinite(value) ? nlohmann::ordered_json(value) : nlohmann::ordered_json(nullptr);
}

nlohmann::ordered_json number(const std::optional<double>& value) {
  return value ? number(*value) : nlohmann::ordered_json(nullptr);
}

}  // namespace experiments
