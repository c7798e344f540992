#pragma once
#include <filesystem>
#include <fstream>
#include <map>

#include "experiments/config/parse.h"
#include "tests/support/paths.h"
#include "tests/support/program.h"
#include "tests/support/temp_directory.h"
#include "tests/support/tiny_experiment.h"

namespace tests {

namespace fs = std::filesystem;
using experiments::Json;

/// A scratch directory with a small sweep in it: two values of H × two methods × two seeds, eight runs.
struct SweepPlace {
  TempDirectory scratch;
  fs::path file = scratch.path() / "sweep.json";
  fs::path out = scratch.path() / "out";

  explicit SweepPlace(const Json& json = document()) { write(json); }
  void write(const Json& json) const { std::ofstream(file) << json.dump(2); }
  static Json document() {
    return tiny::with(
        tiny::document(),
        {{"/data/corpus", Json(source_dir() + "/experiments/data").dump()},
         {"/stop/local_steps", "80"},
         {"/seeds", "[1, 2]"},
         {"/baseline", "\"Sync\""},
         {"/methods", R"([{"name": "Sync"}, {"name": "Async", "policy": {"kind": "grace-window", "seconds": 0.5}}])"},
         {"/sweep", R"({"axes": [{"name": "H", "pointer": "/local_steps/steps", "values": [5, 10]}]})"}});
  }
  Outcome sweep(const std::string& more = "") const { return sweep_into(out, more); }
  Outcome sweep_into(const fs::path& where, const std::string& more = "") const {
    return straggle("sweep \"" + file.string() + "\" --quiet --out \"" + where.string() + "\" " + more);
  }
};

/// Everything below a directory that must not depend on host, order or history, by relative path.
inline std::map<std::string, std::string> lasting(const fs::path& directory) {
  std::map<std::string, std::string> files;
  for (const auto& entry : fs::recursive_directory_iterator(directory)) {
    const std::string name = fs::relative(entry.path(), directory).string();
    // What begins with a dot is a lock, or what a killed process was writing.
    if (entry.is_regular_file() && entry.path().filename() != "host.json" && entry.path().filename() != "files.json" &&
        ("/" + name).find("/.") == std::string::npos)
      files[name] = experiments::read_text(entry.path());
  }
  return files;
}

inline size_t count_runs(const fs::path& out) {
  size_t count = 0;
  std::error_code error;
  for (const auto& entry : fs::directory_iterator(out / "runs", error))
    count += entry.path().filename().string()[0] != '.';
  return count;
}

}  // namespace tests
