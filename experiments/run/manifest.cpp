#include "experiments/run/manifest.h"

#include <fstream>

#include "experiments/run/cache.h"
#include "models/nn/kernels.h"

namespace experiments {
namespace {

/// The processor's name as the kernel tells it; kernels choose their code by it.
std::string cpu_name() {
  std::ifstream info("/proc/cpuinfo");
  for (std::string line; std::getline(info, line);) {
    const size_t colon = line.find(": ");
    if (colon != std::string::npos && line.starts_with("model name")) return line.substr(colon + 2);
  }
  return "unknown";
}

}  // namespace

std::string version_text() { return std::string("straggle ") + STRAGGLE_VERSION; }

Json manifest(const ExperimentConfig& experiment, const std::string& experiment_file, Resources& resources,
              const std::vector<RunLog>& runs) {
  Json m;
  m["program"] = version_text();
  m["binary"] = binary_key();
  m["compiler"] = STRAGGLE_COMPILER;
  m["build_type"] = STRAGGLE_BUILD_TYPE;
  m["compile_flags"] = STRAGGLE_FLAGS;
  m["matrix_products"] = std::string(models::gemm_backend());
  m["cpu"] = cpu_name();
  m["threads"] = resources.pool().threads();
  m["experiment_file"] = experiment_file;
  m["seeds"] = experiment.seeds;
  Json corpora = Json::object();
  for (const MethodConfig& method : experiment.methods)
    if (const auto* data = std::get_if<TextData>(&method.run.data))
      corpora[data->corpus] = resources.text(*data)->corpus_hash;
  m["corpora"] = corpora;
  Json hosts = Json::array();
  for (const RunLog& run : runs)
    hosts.push_back({{"method", run.method}, {"seed", run.seed}, {"host_seconds", run.host_seconds}});
  m["runs"] = hosts;
  return m;
}

}  // namespace experiments
