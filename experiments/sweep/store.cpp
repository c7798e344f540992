#include "experiments/sweep/store.h"

#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "experiments/report/files.h"
#include "experiments/report/read_run.h"
#include "experiments/report/writers.h"
#include "experiments/run/output_error.h"

namespace experiments {
namespace fs = std::filesystem;

void RunStore::require_ours() const {
  const auto elsewhere = [&](const std::string& found) {
    return OutputError(out_.string() + ": holds " + found + "; choose another place with --out DIR");
  };
  std::error_code error;
  if (fs::exists(out_ / "experiment.json", error)) throw elsewhere("the results of straggle run");
  if (!fs::is_directory(out_, error) || fs::exists(out_ / "sweep.json", error)) return;
  for (const fs::directory_entry& entry : fs::directory_iterator(out_, error)) {
    const std::string name = entry.path().filename().string();
    // Whoever begins the same sweep at the same time may have left its lock, and Slurm's scripts come before the runs.
    if (name[0] != '.' && name != "slurm") throw elsewhere(text_of(name) + " and no sweep.json, so it is no sweep's");
  }
}

RunState RunStore::state(const std::string& key, bool weights) const {
  const fs::path place = directory(key);
  std::error_code error;
  if (fs::exists(place / "summary.json", error) && (!weights || fs::exists(place / "final.safetensors", error)))
    return RunState::finished;
  return fs::exists(place / "error.json", error) ? RunState::failed : RunState::absent;
}

void RunStore::save(const std::string& key, const Json& point, const RunLog& log, const Json& host,
                    const std::optional<fs::path>& weights) const {
  StagedRun aside(directory(key));
  write_run(aside.path(), log);
  write_file(aside.path() / "point.json", text_of(point, 2) + "\n");
  write_file(aside.path() / "host.json", text_of(host, 2) + "\n");
  if (weights)
    for (const char* name : {"initial.safetensors", "final.safetensors"})
      fs::rename(*weights / name, aside.path() / name);
  const StoreLock lock(out_);
  if (state(key, weights.has_value()) != RunState::finished) aside.put();
  drop_checkpoints(key);
}

void RunStore::save_failure(const std::string& key, const Json& point, const std::string& message) const {
  StagedRun aside(directory(key));
  write_file(aside.path() / "point.json", text_of(point, 2) + "\n");
  write_file(aside.path() / "error.json", text_of(Json{{"message", message}}, 2) + "\n");
  const StoreLock lock(out_);
  if (state(key) != RunState::finished) aside.put();
  drop_checkpoints(key);
}

void RunStore::drop_checkpoints(const std::string& key) const {
  std::error_code ignored;
  fs::remove_all(checkpoints(key), ignored);
  fs::remove(checkpoints(key).parent_path(), ignored);  // with the last one
}

std::string RunStore::failure(const std::string& key) const {
  const Json error = read_json(directory(key) / "error.json");
  return error.is_object() && error.contains("message") && error["message"].is_string()
             ? error["message"].get<std::string>()
             : "unknown";
}

Json RunStore::host(const std::string& key) const {
  const fs::path file = directory(key) / "host.json";
  return fs::exists(file) ? read_json(file) : Json(nullptr);
}

StagedRun::StagedRun(const fs::path& place) : place_(place) {
  std::error_code error;
  fs::create_directories(place_.parent_path(), error);
  std::string name = (place_.parent_path() / ("." + place_.filename().string() + ".partial-XXXXXX")).string();
  if (!mkdtemp(name.data())) throw OutputError(place_.string() + ": cannot be created: " + std::strerror(errno));
  temporary_ = name;
  chmod(name.c_str(), 0755);
}

StagedRun::~StagedRun() {
  std::error_code ignored;
  if (!temporary_.empty()) fs::remove_all(temporary_, ignored);
}

void StagedRun::put() {
  std::error_code error;
  fs::remove_all(place_, error);
  if (!error) fs::rename(temporary_, place_, error);
  if (error) throw OutputError(place_.string() + ": cannot be put in place: " + error.message());
  temporary_.clear();
}

namespace {

/// The lock's file, in a directory that is there from now on.
fs::path lock_file(const fs::path& out) {
  std::error_code error;
  fs::create_directories(out, error);
  if (!error && !fs::is_directory(out)) error = std::make_error_code(std::errc::not_a_directory);
  if (error)
    throw OutputError(out.string() + ": cannot be created: " + error.message() +
                      "; choose another place with --out DIR");
  return out / ".lock";
}

}  // namespace

StoreLock::StoreLock(const fs::path& out) : lock_(lock_file(out), FileLock::Wait::yes) {}

}  // namespace experiments
