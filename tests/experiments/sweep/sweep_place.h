#pragma once
#include <filesystem>
#include <fstream>
#include <map>

#include "experiments/config/parse.h"
#include "experiments/report/files.h"
#include "experiments/run/file_list.h"
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

/// The rows of <out>/summary.json.
inline Json summary(const fs::path& out) { return Json::parse(experiments::read_text(out / "summary.json")); }

inline Json json_of(const fs::path& file) { return Json::parse(experiments::read_text(file)); }

/// When each run was put in place.
inline std::map<std::string, fs::file_time_type> ages(const fs::path& out) {
  std::map<std::string, fs::file_time_type> times;
  for (const auto& entry : fs::directory_iterator(out / "runs"))
    times[entry.path().filename().string()] = fs::last_write_time(entry.path() / "point.json");
  return times;
}

/// Makes a finished run look like one that failed.
inline void spoil(const fs::path& out, const std::string& key, const std::string& message) {
  const fs::path run = out / "runs" / key;
  for (const char* name : {"summary.json", "metrics.jsonl", "updates.jsonl", "host.json"}) fs::remove(run / name);
  experiments::write_file(run / "error.json", Json{{"message", message}}.dump());
  experiments::write_file_list(run);
}

inline std::string key_of(const fs::path& out, size_t point, const char* method, const char* seed) {
  return json_of(out / "sweep.json").at("sweeps")[0].at("points")[point].at("runs").at(method).at(seed);
}

}  // namespace tests
