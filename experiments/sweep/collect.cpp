#include "experiments/sweep/collect.h"

#include <algorithm>
#include <map>

#include "experiments/config/parse.h"
#include "experiments/report/read_run.h"
#include "experiments/run/file_list.h"
#include "experiments/run/output_error.h"
#include "experiments/sweep/design.h"
#include "experiments/sweep/store.h"

namespace experiments {
namespace {

namespace fs = std::filesystem;

/// What two copies of one run must share. What it was made of their key says already, and from which paths, for which
/// sweep and method may differ.
std::string shared_content(const fs::path& run) {
  std::string content;
  for (const char* name : {"metrics.jsonl", "updates.jsonl"}) content += read_result(run / name);
  Json summary = read_json(run / "summary.json");
  summary.erase("method");
  return content + summary.dump();
}

std::vector<std::string> keys_in(const fs::path& source) {
  std::vector<std::string> keys;
  for (const auto& entry : fs::directory_iterator(source / "runs"))
    if (entry.is_directory() && entry.path().filename().string()[0] != '.')
      keys.push_back(entry.path().filename().string());
  std::sort(keys.begin(), keys.end());
  return keys;
}

/// The run that a key stands for, of all copies.
struct Best {
  fs::path directory;
  RunState state;
};

void consider(std::map<std::string, Best>& best, const RunStore& source, const std::string& key, Collected& collected) {
  const Best here{source.directory(key), source.state(key)};
  if (here.state == RunState::absent) return;
  if (here.state == RunState::damaged) {
    for (const std::string& what : source.damage(key)) collected.damaged.push_back(what);
    return;
  }
  const auto [it, fresh] = best.try_emplace(key, here);
  if (fresh) return;
  if (it->second.state == RunState::finished && here.state == RunState::finished) {
    if (shared_content(it->second.directory) != shared_content(here.directory))
      throw OutputError(here.directory.string() + " and " + it->second.directory.string() +
                        " are one run with different results: one is damaged, or the processors are of different "
                        "kinds; remove the one that is wrong");
  } else if (here.state == RunState::finished) {
    it->second = here;
  }
}

std::vector<SweepDesign> merged_designs(const std::vector<fs::path>& sources) {
  std::map<std::string, std::pair<SweepDesign, fs::path>> designs;
  for (const fs::path& source : sources) {
    for (const SweepDesign& design : read_designs(source)) {
      const auto [it, fresh] = designs.try_emplace(design.name, design, source);
      const SweepDesign& other = it->second.first;
      if (fresh || to_json(other) == to_json(design)) continue;
      throw OutputError(source.string() + " and " + it->second.second.string() +
                        " hold different sweeps under the name \"" + design.name + "\"" +
                        (other.binary != design.binary ? ": they were run by different builds of the program" : "") +
                        "; collect them into different directories");
    }
  }
  std::vector<SweepDesign> all;
  for (auto& [name, design] : designs) all.push_back(std::move(design.first));
  return all;
}

}  // namespace

Collected collect(const std::vector<fs::path>& sources, const fs::path& out) {
  RunStore(out).require_ours();
  std::vector<fs::path> all;
  if (fs::is_directory(out / "runs")) all.push_back(out);  // first: what is there stays
  for (const fs::path& source : sources) {
    if (!fs::is_directory(source / "runs"))
      throw OutputError(source.string() + ": is no sweep's results: it has no directory \"runs\"");
    const bool seen =
        std::any_of(all.begin(), all.end(), [&](const fs::path& other) { return fs::equivalent(other, source); });
    if (!seen) all.push_back(source);
  }
  const std::vector<SweepDesign> designs = merged_designs(all);
  Collected collected;
  std::map<std::string, Best> best;
  for (const fs::path& source : all)
    for (const std::string& key : keys_in(source)) consider(best, RunStore(source), key, collected);

  const RunStore store(out);
  store.clear_leftovers();
  for (const auto& [key, run] : best) {
    const RunState before = store.state(key);
    if (before == run.state) {
      ++collected.known;
      continue;
    }
    Staged aside = store.stage(key);
    fs::copy(run.directory, aside.path(), fs::copy_options::recursive);
    for (const std::string& what : file_faults(aside.path()).damaged) throw OutputError(what + ": the copy is damaged");
    const FileLock lock = lock_store(out);
    aside.put(store.directory(key));
    ++collected.added;
  }
  for (const SweepDesign& design : designs) add_design(out, design);
  return collected;
}

}  // namespace experiments
