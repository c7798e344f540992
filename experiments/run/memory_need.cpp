#include "experiments/run/memory_need.h"

#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <limits>
#include <map>
#include <optional>
#include <set>

#include "experiments/config/experiment_config.h"
#include "experiments/config/invalid_config.h"
#include "experiments/config/json_reader.h"
#include "experiments/config/regions.h"
#include "experiments/run/build_model.h"
#include "experiments/run/build_rule.h"
#include "experiments/run/drive.h"
#include "models/data/corpus_files.h"
#include "models/data/text_file.h"
#include "models/nn/transformer.h"

namespace experiments {
namespace {

namespace fs = std::filesystem;

/// Vectors of its layout's size that something keeps once it has been used: asked of one of three parameters.
template <class Make, class Use>
double kept_vectors(Make&& make, Use&& use) {
  struct Count final : models::StateVisitor {
    void count(const std::string&, int64_t&) override {}
    void vector(const std::string&, models::Params& values) override { size += values.size(); }
    size_t size = 0;
  } visitor;
  models::ParamLayout layout;
  layout.add("three", {3}, models::TensorRole::hidden);
  models::Params params(layout.size()), gradient(layout.size());
  const auto made = make(layout);
  use(*made, params, gradient);
  made->visit(visitor);
  return static_cast<double>(visitor.size) / static_cast<double>(layout.size());
}

template <class Make>
double rule_vectors(Make&& make) {
  return kept_vectors(make, [](auto& rule, auto& params, const auto& gradient) { rule.apply(params, gradient); });
}

/// What a worker's landings keep of the model, and θ and the difference that leaves.
double overlap_vectors(const RunConfig& run) {
  if (!run.trains_on()) return 0;
  return 2 + kept_vectors([&](const auto& layout) { return build_landing(run, layout); },
                          [](auto& landing, auto& local, const auto& other) {
                            for (int i = 0; i < 2; ++i) landing.sent(local, other, other);
                            landing.land(local, other, other);
                          });
}

/// Vectors that a worker's inner optimizer keeps.
double optimizer_vectors(const models::LocalOptimizer& optimizer) {
  if (std::holds_alternative<models::AdamWConfig>(optimizer)) return 2;
  return std::holds_alternative<models::SgdConfig>(optimizer) ? 1 : 0;
}

/// What a step's forward pass keeps for its backward pass, and the backward pass needs.
double scratch_bytes(const RunConfig& run) {
  const auto* model = std::get_if<models::TransformerConfig>(&run.model);
  int64_t largest = 0;
  for (const WorkerConfig& worker : run.workers) largest = std::max(largest, run.batch_of(worker));
  return model ? static_cast<double>(models::transformer_scratch(*model, largest)) : 0;
}

/// What one run holds while `training` of its workers are in a round.
double run_bytes(const RunConfig& run, double model, double training) {
  const double workers = static_cast<double>(run.worker_count());
  const bool together = std::holds_alternative<BarrierConfig>(run.policy);
  const bool residual = !run.payload.exact() && run.payload.error_feedback;
  double servers = 1 + rule_vectors([&](const auto& layout) { return build_rule(run, layout); });
  if (run.region_servers)  // θ, θ of the last merge, what is sent and the answer
    for (const InhabitedRegion& region : regions_of(run))
      servers += 4 + rule_vectors([&](const auto& layout) { return build_region_rule(run, layout, region.workers); });
  const double vectors =
      servers                                             // server
      + workers * optimizer_vectors(run.local.optimizer)  // kept from round to round
      + (residual ? workers : 0) +
      workers * (1 + overlap_vectors(run))  // θ of a round, then its pseudo-gradient until it arrives
      + (together ? 1 : workers)            // the models that rounds began with
      + training;                           // the gradient of a step
  return vectors * model;
}

/// The data of all runs together, each once.
double data_bytes(const std::vector<const RunConfig*>& runs) {
  std::map<std::string, double> corpora;
  std::set<std::string> counted;
  double sum = 0;
  for (const RunConfig* run : runs) {
    if (const auto* points = std::get_if<MixtureData>(&run->data)) {
      const auto& m = points->mixture;
      if (counted.insert("points " + std::to_string(m.points) + " " + std::to_string(m.dimensions)).second)
        sum += 4.0 * static_cast<double>(m.points) * static_cast<double>(m.dimensions + 2);  // label, place in a shard
      continue;
    }
    const auto& text = std::get<TextData>(run->data);
    const auto* piece = std::get_if<SentencePieceTokenizer>(&text.tokenizer);
    const std::string tokenizer = piece ? std::to_string(piece->vocabulary) + " " + piece->model.value_or("") : "bytes";
    if (!counted.insert(text.corpus + '\0' + tokenizer + '\0' + number_text(text.validation_fraction)).second) continue;
    const auto [bytes, fresh] = corpora.try_emplace(text.corpus, 0.0);
    if (fresh) {
      models::CorpusInventory inventory;
      for (const models::CorpusFile& file : models::corpus_files(text.corpus, inventory))
        bytes->second += static_cast<double>(models::text_size(file.path));
    }
    sum += bytes->second * (1.0 + sizeof(int32_t) / (piece ? 4.0 : 1.0));  // the text while it is cut, and its tokens
  }
  return sum;
}

/// The first number in a file, or nothing.
std::optional<double> number_in(const fs::path& file) {
  std::ifstream in(file);
  double value = 0;
  return in >> value ? std::optional(value) : std::nullopt;
}

/// The number behind `key` in a file of lines "key number"; 0 where there is none.
double value_of(const fs::path& file, const std::string& key) {
  std::ifstream in(file);
  for (std::string line; std::getline(in, line);)
    if (line.starts_with(key + " ")) return std::strtod(line.c_str() + key.size(), nullptr);
  return 0;
}

/// The names of one version of control groups' files.
struct GroupFiles {
  const char *limit, *used, *cache, *more_cache;
};

/// What is left of a control group's limit. Page cache is given up where memory is needed.
double left_of_group(const fs::path& group, const GroupFiles& files) {
  const auto limit = number_in(group / files.limit), used = number_in(group / files.used);  // "max": no number
  if (!limit || !used) return std::numeric_limits<double>::infinity();
  const double cache = value_of(group / "memory.stat", files.cache) + value_of(group / "memory.stat", files.more_cache);
  return std::max(0.0, *limit - std::max(0.0, *used - cache));
}

/// The same of this process's groups, as containers and Slurm set them, and of those above them.
double left_of_groups(const fs::path& root) {
  double left = std::numeric_limits<double>::infinity();
  std::ifstream groups(root / "proc/self/cgroup");
  for (std::string line; std::getline(groups, line);) {  // "0::/path", or of version 1 "4:memory:/path"
    const size_t first = line.find(':'), second = line.find(':', first + 1);
    if (second == std::string::npos) continue;
    const std::string controllers = "," + line.substr(first + 1, second - first - 1) + ",";
    const bool unified = controllers == ",,";
    if (!unified && controllers.find(",memory,") == std::string::npos) continue;
    const fs::path base = root / (unified ? "sys/fs/cgroup" : "sys/fs/cgroup/memory");
    const GroupFiles files = unified ? GroupFiles{"memory.max", "memory.current", "inactive_file", "active_file"}
                                     : GroupFiles{"memory.limit_in_bytes", "memory.usage_in_bytes",
                                                  "total_inactive_file", "total_active_file"};
    for (fs::path below = fs::path(line.substr(second + 1)).relative_path();; below = below.parent_path()) {
      left = std::min(left, left_of_group(base / below, files));
      if (below.empty()) break;
    }
  }
  return left;
}

/// What is left of the address space that the user allows a process.
double left_of_address_space() {
  rlimit limit{};
  if (getrlimit(RLIMIT_AS, &limit) != 0 || limit.rlim_cur == RLIM_INFINITY)
    return std::numeric_limits<double>::infinity();
  const double pages = number_in("/proc/self/statm").value_or(0);
  return std::max(0.0, static_cast<double>(limit.rlim_cur) - pages * static_cast<double>(sysconf(_SC_PAGESIZE)));
}

}  // namespace

MemoryNeed memory_needed(const std::vector<const RunConfig*>& runs, size_t at_once, int threads) {
  std::map<const RunConfig*, double> model_bytes;
  for (const RunConfig* run : runs)
    if (model_bytes.try_emplace(run).second) model_bytes[run] = 4.0 * static_cast<double>(parameter_count(*run));
  MemoryNeed need{.data = data_bytes(runs)};
  at_once = std::min(at_once, runs.size());
  for (size_t first = 0; first + at_once <= runs.size() && at_once > 0; ++first) {
    double sum = 0, idle = threads;
    for (size_t i = first; i < first + at_once; ++i) {
      // Threads go from run to run. A thread's scratch is the model's; the vectors of a step stay with each run.
      const double training = std::min(static_cast<double>(runs[i]->worker_count()), idle);
      sum += run_bytes(*runs[i], model_bytes[runs[i]], std::max(1.0, training)) + training * scratch_bytes(*runs[i]);
      idle -= training;
    }
    need.training = std::max(need.training, sum);
  }
  return need;
}

MemoryNeed memory_needed(const ExperimentConfig& experiment, int threads) {
  // Seed by seed, so that neighbouring methods are trained side by side. More seeds bring the same again.
  const size_t at_once = drivers_for(threads);
  const size_t seeds = std::min(experiment.seeds.size(), at_once / experiment.methods.size() + 2);
  std::vector<const RunConfig*> runs;
  for (size_t s = 0; s < seeds; ++s)
    for (const MethodConfig& method : experiment.methods) runs.push_back(&method.run);
  return memory_needed(runs, at_once, threads);
}

void require_memory(const std::string& file, const MemoryNeed& need) {
  const double needed = need.program + need.training + need.data, available = memory_available();
  if (needed <= available) return;
  throw InvalidConfig(
      file, {{"", "training needs at least " + bytes_text(needed) + " of memory (" + bytes_text(need.data) +
                      " of it for the data), " + bytes_text(available) +
                      " are available; less text, a smaller model or batch, fewer workers, runs at once or threads "
                      "need less, and --ignore-memory tries all the same"}});
}

double memory_available(const fs::path& root) {
  double available = std::min(left_of_groups(root), left_of_address_space());
  if (const double system = 1024 * value_of(root / "proc/meminfo", "MemAvailable:"); system > 0)
    available = std::min(available, system);
  return available;
}

std::string bytes_text(double bytes) {
  const char* units[] = {"B", "kB", "MB", "GB", "TB", "PB", "EB"};
  size_t unit = 0;
  for (; bytes >= 999.5 && unit + 1 < std::size(units); ++unit) bytes /= 1000;
  char text[64];
  std::snprintf(text, sizeof text, "%.*f %s", bytes < 9.95 && unit > 0 ? 1 : 0, bytes, units[unit]);
  return text;
}

}  // namespace experiments
