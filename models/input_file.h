#pragma once
#include <filesystem>
#include <string>

namespace models {

/// Why `file` cannot be read as a regular file: "does not exist", "is a directory", …; "" where nothing is known
/// against it. To be asked before a file is opened: opening a pipe waits for a writer, and a device may never end.
inline std::string not_a_file(const std::filesystem::path& file) {
  std::error_code error;
  switch (std::filesystem::status(file, error).type()) {
    case std::filesystem::file_type::regular:
      return "";
    case std::filesystem::file_type::not_found:
      return "does not exist";
    case std::filesystem::file_type::directory:
      return "is a directory";
    case std::filesystem::file_type::none:
      return "cannot be read: " + error.message();
    case std::filesystem::file_type::fifo:
      return "is not a regular file but a pipe";
    case std::filesystem::file_type::socket:
      return "is not a regular file but a socket";
    default:
      return "is not a regular file but a device";
  }
}

}  // namespace models
