#include <filesystem>
#include <fstream>
#include <string>

#include "tests/support/catch.h"
#include "tests/support/paths.h"

TEST_CASE(
    "includes point downward: sim and models know neither each other nor experiments, and what is common none of "
    "them") {
  namespace fs = std::filesystem;
  int files = 0;
  for (const std::string folder : {"common", "sim", "models"}) {
    for (const auto& entry : fs::recursive_directory_iterator(fs::path(source_dir()) / folder)) {
      if (entry.path().extension() != ".h" && entry.path().extension() != ".cpp") continue;
      ++files;
      std::ifstream in(entry.path());
      for (std::string line; std::getline(in, line);) {
        for (const std::string above : {"sim", "models", "experiments", "tests"}) {
          if (above == folder) continue;
          CAPTURE(entry.path().string(), line);
          CHECK(line.rfind("#include \"" + above + "/", 0) != 0);
        }
      }
    }
  }
  CHECK(files > 20);
}
