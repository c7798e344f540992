#include "experiments/run/cache.h"

#include <unistd.h>

#include <boost/uuid/name_generator_sha1.hpp>
#include <boost/uuid/uuid.hpp>
#include <boost/uuid/uuid_io.hpp>
#include <cstdlib>
#include <fstream>
#include <sstream>

#include "experiments/run/output_error.h"
#include "models/input_file.h"
#include "models/nn/products.h"

namespace experiments {

std::string content_key(const std::string& content) {
  static const boost::uuids::name_generator_sha1 generate(boost::uuids::ns::oid());
  return boost::uuids::to_string(generate(content));
}

namespace {

/// Nothing where it cannot be read.
std::optional<std::string> bytes_of(const std::filesystem::path& file) {
  std::ifstream in(file, std::ios::binary);
  std::ostringstream bytes;
  bytes << in.rdbuf();
  return in && bytes ? std::optional(bytes.str()) : std::nullopt;
}

}  // namespace

std::string file_key(const std::filesystem::path& file) {
  if (const std::string reason = models::not_a_file(file); !reason.empty())
    throw OutputError(file.string() + ": " + reason);
  const std::optional<std::string> bytes = bytes_of(file);
  if (!bytes) throw OutputError(file.string() + ": cannot be read");
  return content_key(*bytes);
}

const std::string& binary_key() {
  static const std::string key = content_key(bytes_of("/proc/self/exe").value_or(""));
  return key;
}

const std::string& arithmetic_key() {
  static const std::string key = [] {
    std::string text = binary_key();
    for (const auto& [name, value] : models::product_facts()) text += "\n" + name + "=" + value;
    return content_key(text);
  }();
  return key;
}

std::optional<std::filesystem::path> cache_directory() {
  std::filesystem::path directory;
  if (const char* own = std::getenv("STRAGGLE_CACHE"); own && *own)
    directory = own;
  else if (const char* xdg = std::getenv("XDG_CACHE_HOME"); xdg && *xdg)
    directory = std::filesystem::path(xdg) / "straggle";
  else if (const char* home = std::getenv("HOME"); home && *home)
    directory = std::filesystem::path(home) / ".cache" / "straggle";
  else
    return std::nullopt;
  std::error_code error;
  std::filesystem::create_directories(directory, error);
  if (error || access(directory.c_str(), W_OK) != 0) return std::nullopt;
  return directory;
}

}  // namespace experiments
