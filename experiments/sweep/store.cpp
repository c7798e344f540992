#include "experiments/sweep/store.h"

#include "experiments/report/files.h"
#include "experiments/report/read_run.h"
#include "experiments/report/writers.h"
#include "experiments/run/file_list.h"
#include "experiments/run/output_error.h"
#include "models/durable.h"

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
  if (!fs::exists(place, error)) return RunState::absent;
  if (!damage(key).empty()) return RunState::damaged;
  if (fs::exists(place / "summary.json", error) && (!weights || fs::exists(place / "final.safetensors", error)))
    return RunState::finished;
  return fs::exists(place / "error.json", error) ? RunState::failed : RunState::absent;
}

std::vector<std::string> RunStore::damage(const std::string& key) const {
  {
    const std::lock_guard lock(mutex_);
    if (whole_.contains(key)) return {};
  }
  std::vector<std::string> damaged = file_faults(directory(key)).damaged;
  const std::lock_guard lock(mutex_);
  if (damaged.empty()) whole_.insert(key);
  return damaged;
}

std::string RunStore::first_damage(const std::string& key) const {
  const std::vector<std::string> damaged = damage(key);
  return damaged.empty() ? directory(key).string() + ": could not be read before" : damaged[0];
}

void RunStore::save(const std::string& key, const Json& point, const RunLog& log, const Json& host,
                    const std::optional<fs::path>& weights) const {
  Staged aside = stage(key);
  write_run(aside.path(), log);
  write_file(aside.path() / "point.json", text_of(point, 2) + "\n");
  write_file(aside.path() / "host.json", text_of(host, 2) + "\n");
  if (weights)
    for (const char* name : {"initial.safetensors", "final.safetensors"})
      fs::rename(*weights / name, aside.path() / name);
  const FileLock lock = lock_store(out_);
  if (state(key, weights.has_value()) != RunState::finished) aside.put(directory(key));
  drop_checkpoints(key);
}

void RunStore::save_failure(const std::string& key, const Json& point, const std::string& message) const {
  Staged aside = stage(key);
  write_file(aside.path() / "point.json", text_of(point, 2) + "\n");
  write_file(aside.path() / "error.json", text_of(Json{{"message", message}}, 2) + "\n");
  const FileLock lock = lock_store(out_);
  if (state(key) != RunState::finished) aside.put(directory(key));
  drop_checkpoints(key);
}

void RunStore::clear_leftovers() const {
  std::error_code error;
  if (!fs::is_directory(out_, error)) return;
  const FileLock lock = lock_store(out_);
  if (!lock.held()) return;
  std::vector<fs::path> in_the_making;
  for (const auto& entry : fs::directory_iterator(out_ / "runs", error))
    if (is_in_the_making(entry.path()))
      in_the_making.push_back(entry.path());
    else
      fs::remove(entry.path() / kLockFile, error);  // a disk that failed may have left it there
  for (const fs::path& run : in_the_making)  // made and locked under the store's lock: without a lock it is nobody's
    if_left_alone(run, [&] { fs::remove_all(run, error); });
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

Staged RunStore::stage(const std::string& name) const {
  const fs::path place = directory(name);
  if (const auto error = models::make_directories(place.parent_path()))
    throw OutputError(place.string() + ": cannot be created: " + error.message());
  const FileLock lock = lock_store(out_);
  return Staged(place);
}

FileLock lock_store(const fs::path& out) {
  std::error_code error = models::make_directories(out);
  if (fs::exists(out) && !fs::is_directory(out)) error = std::make_error_code(std::errc::not_a_directory);
  if (error)
    throw OutputError(out.string() + ": cannot be created: " + error.message() +
                      "; choose another place with --out DIR");
  return FileLock(out / kLockFile, FileLock::Wait::yes);
}

}  // namespace experiments
