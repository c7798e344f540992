#include <algorithm>
#include <filesystem>
#include <fstream>
#include <functional>
#include <map>
#include <regex>
#include <set>
#include <string>
#include <vector>

#include "tests/support/catch.h"
#include "tests/support/paths.h"

namespace {

namespace fs = std::filesystem;

/// A file may include what stands above its folder here, and its own folder; models and sim nothing of each other.
const std::vector<std::string> kFloors = {"sim",
                                          "sim/workers",
                                          "sim/network",
                                          "sim/rounds",
                                          "sim/clock",
                                          "models",
                                          "models/data",
                                          "models/nn",
                                          "models/train",
                                          "models/payload",
                                          "models/outer",
                                          "experiments/config",
                                          "experiments/run",
                                          "experiments/report",
                                          "experiments/import",
                                          "experiments/sweep",
                                          "experiments/paper",
                                          "experiments/validation",
                                          "experiments/cli"};

/// A header and its source together, without their extension, and what each includes of ours.
std::map<std::string, std::set<std::string>> includes() {
  const std::regex include("#include \"((?:sim|models|experiments)/[^\"]+)\\.h\".*");
  std::map<std::string, std::set<std::string>> found;
  for (const std::string top : {"sim", "models", "experiments"})
    for (const auto& entry : fs::recursive_directory_iterator(fs::path(source_dir()) / top)) {
      if (entry.path().extension() != ".h" && entry.path().extension() != ".cpp") continue;
      const fs::path relative = entry.path().lexically_relative(source_dir());
      const std::string unit = (relative.parent_path() / relative.stem()).generic_string();
      std::set<std::string>& below = found[unit];
      std::ifstream in(entry.path());
      std::smatch match;
      for (std::string line; std::getline(in, line);)
        if (std::regex_match(line, match, include) && match[1] != unit) below.insert(match[1]);
    }
  return found;
}

std::string folder_of(const std::string& unit) { return unit.substr(0, unit.rfind('/')); }

}  // namespace

TEST_CASE("includes point downward from folder to folder, and sim and models do not know each other") {
  const auto all = includes();
  CHECK(all.size() > 150);
  const auto floor = [](const std::string& unit) {
    return std::find(kFloors.begin(), kFloors.end(), folder_of(unit)) - kFloors.begin();
  };
  for (const auto& [unit, below] : all) {
    INFO(unit);
    CHECK(floor(unit) < static_cast<ptrdiff_t>(kFloors.size()));
    for (const std::string& other : below) {
      INFO("includes " << other);
      CHECK(floor(other) <= floor(unit));
      CHECK_FALSE((unit.rfind("models", 0) == 0 && other.rfind("sim", 0) == 0));
    }
  }
}

TEST_CASE("no files include each other in a circle") {
  const auto all = includes();
  std::map<std::string, int> state;  // 1: on the way here, 2: known to be in no circle
  std::string circle;
  const std::function<void(const std::string&, const std::string&)> visit = [&](const std::string& unit,
                                                                                const std::string& way) {
    if (state[unit] == 2 || !circle.empty()) return;
    if (state[unit] == 1) {
      circle = way + " → " + unit;
      return;
    }
    state[unit] = 1;
    if (const auto found = all.find(unit); found != all.end())
      for (const std::string& other : found->second) visit(other, way.empty() ? unit : way + " → " + unit);
    state[unit] = 2;
  };
  for (const auto& [unit, below] : all) visit(unit, "");
  CHECK(circle == "");
}
