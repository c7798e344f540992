#pragma once
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <stdexcept>
#include <string>

namespace tests {

/// A folder of a test's own, gone with it.
struct ScratchFolder {
  ScratchFolder() {
    std::string name = (std::filesystem::temp_directory_path() / "straggle-XXXXXX").string();
    if (!mkdtemp(name.data())) throw std::runtime_error("no temporary folder");
    path = name;
  }
  ~ScratchFolder() { std::filesystem::remove_all(path); }
  ScratchFolder(const ScratchFolder&) = delete;
  ScratchFolder& operator=(const ScratchFolder&) = delete;

  std::string read(const std::string& name) const {
    std::ifstream in(path / name, std::ios::binary);
    if (!in) throw std::runtime_error("no file " + name);
    std::ostringstream text;
    text << in.rdbuf();
    return text.str();
  }

  std::filesystem::path path;
};

}  // namespace tests
