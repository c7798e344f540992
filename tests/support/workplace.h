#pragma once
#include <filesystem>
#include <fstream>
#include <map>
#include <string>

#include "experiments/config/parse.h"
#include "tests/support/paths.h"
#include "tests/support/program.h"
#include "tests/support/temp_directory.h"
#include "tests/support/tiny_experiment.h"

/// A scratch directory with a tiny experiment file in it, its corpus named absolutely.
struct Workplace {
  TempDirectory scratch;
  std::filesystem::path file = scratch.path() / "tiny.json";
  std::filesystem::path out = scratch.path() / "out";

  explicit Workplace(const experiments::Json& json = document()) { write(json.dump(2)); }
  void write(const std::string& text) const { std::ofstream(file) << text; }
  static experiments::Json document() {
    auto json = tiny::document();
    json["data"]["corpus"] = source_dir() + "/experiments/data";
    json["methods"] = experiments::Json::parse(R"([{"name": "DiLoCo"},
        {"name": "Async DN + DyLU", "policy": {"kind": "grace-window", "seconds": 0.5}, "local_steps": {"kind": "dynamic", "steps": 5},
         "outer": {"kind": "delayed-nesterov"}}])");
    json["baseline"] = "DiLoCo";
    json["seeds"] = {1, 2};
    return json;
  }
  Outcome run(const std::string& more = "") const {
    return straggle("run \"" + file.string() + "\" --out \"" + out.string() + "\" " + more);
  }
  /// Everything in the scratch directory, hidden files too.
  size_t entries() const {
    return static_cast<size_t>(std::distance(std::filesystem::directory_iterator(scratch.path()), {}));
  }
};

/// Every file below a directory that must not depend on the host, by relative path.
inline std::map<std::string, std::string> contents(const std::filesystem::path& directory) {
  std::map<std::string, std::string> files;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(directory)) {
    const std::string name = std::filesystem::relative(entry.path(), directory).string();
    if (entry.is_regular_file() && name != "manifest.json" && name != "report.html" && name != "files.json")
      files[name] = experiments::read_text(entry.path());
  }
  return files;
}
