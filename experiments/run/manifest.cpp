#include "experiments/run/manifest.h"

#include <sys/utsname.h>

#include <filesystem>
#include <fstream>
#include <thread>

#include "experiments/config/experiment_config.h"
#include "experiments/run/cache.h"
#include "experiments/run/inventory.h"
#include "models/nn/products.h"
#include "sim/fingerprint.h"

namespace experiments {
namespace {

std::string system_text() {
  utsname name{};
  if (uname(&name) != 0) return "unknown";
  return std::string(name.sysname) + " " + name.release + " " + name.machine;
}

}  // namespace

std::string commit_text() {
  // Beside the program and not in it: results are stored under the program's hash, which a commit that changes no code
  // must not change.
  std::error_code error;
  const auto program = std::filesystem::read_symlink("/proc/self/exe", error).parent_path();
  for (const auto& file : {program / "straggle.commit", program / "../share/straggle/straggle.commit"}) {
    std::string commit;
    if (std::getline(std::ifstream(file) >> std::ws, commit) && !commit.empty()) return commit;
  }
  return "unknown";
}

std::string version_text() { return std::string("straggle ") + STRAGGLE_VERSION; }

Json manifest(const ExperimentConfig& experiment, const std::string& experiment_file, SharedInputs& inputs,
              const std::vector<RunLog>& runs, const std::vector<RunFailure>& failures) {
  Json m;
  m["program"] = version_text();
  m["git_commit"] = commit_text();
  m["binary"] = binary_key();
  m["compiler"] = STRAGGLE_COMPILER;
  m["build_type"] = STRAGGLE_BUILD_TYPE;
  m["compile_flags"] = STRAGGLE_FLAGS;
  m["matrix_products"] = models::product_facts();
  m["libraries"] = libraries();
  m["system"] = system_text();
  m["cpu"] = cpu_name();
  m["processors"] = std::thread::hardware_concurrency();
  m["threads"] = inputs.pool().threads();
  m["experiment_file"] = experiment_file;
  m["seeds"] = experiment.seeds;
  Json corpora = Json::object();
  for (const MethodConfig& method : experiment.methods)
    if (const auto* data = std::get_if<TextData>(&method.run.data))
      corpora[data->corpus] = inputs.text(method.run)->corpus_hash;
  m["corpora"] = corpora;
  m["inventories"] = Json::array();
  for (const models::CorpusInventory& inventory : inventories({experiment}, inputs))
    m["inventories"].push_back(inventory_json(inventory));
  Json hosts = Json::array();
  for (const RunLog& run : runs)
    hosts.push_back({{"method", run.method},
                     {"seed", run.seed},
                     {"host_seconds", run.host_seconds},
                     {"fingerprint", sim::fingerprint_text(run.fingerprint)}});
  for (const RunFailure& failure : failures)
    hosts.push_back({{"method", failure.method}, {"seed", failure.seed}, {"error", failure.message}});
  m["runs"] = hosts;
  return m;
}

std::string changed_corpus(const Json& stored, const Json& now) {
  if (!stored.is_object() || !stored.contains("corpora")) return "";
  for (const auto& [path, hash] : now.at("corpora").items()) {
    const auto before = stored["corpora"].find(path);
    if (before != stored["corpora"].end() && *before != hash)
      return "/corpora/" + pointer_token(path) + ": " + text_of(*before) + " is stored, " + text_of(hash) +
             " was found: the text has changed";
  }
  return "";
}

}  // namespace experiments
