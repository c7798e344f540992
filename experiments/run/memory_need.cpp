#include "experiments/run/memory_need.h"

#include <algorithm>
#include <cstdio>
#include <fstream>
#include <limits>
#include <sstream>

#include "experiments/run/build.h"
#include "experiments/run/drive.h"

namespace experiments {
namespace {

/// Vectors of the model's size that the outer rule keeps: a momentum, and those that keep more are named.
struct RuleVectors {
  double operator()(const auto&) const { return 1; }
  double operator()(const models::OuterAdamConfig&) const { return 2; }
  double operator()(const models::ServerOptimizerConfig&) const { return 2; }
  double operator()(const models::DelayedNesterovConfig&) const { return 2; }
  double operator()(const models::BufferedConfig&) const { return 2; }
};

/// The same, of a worker's inner optimizer.
double optimizer_vectors(const models::LocalOptimizer& optimizer) {
  if (std::holds_alternative<models::AdamWConfig>(optimizer)) return 2;
  return std::holds_alternative<models::SgdConfig>(optimizer) ? 1 : 0;
}

/// What a layer keeps of the forward pass for the backward pass.
double activation_bytes(const RunConfig& run) {
  const auto* model = std::get_if<models::TransformerConfig>(&run.model);
  if (!model) return 0;
  const double rows = static_cast<double>(run.local.batch_size * model->context);
  const double numbers = 8.0 * static_cast<double>(model->width) + 2.0 * static_cast<double>(model->mlp_width());
  return 4.0 * rows * numbers * static_cast<double>(model->layers);
}

double run_bytes(const RunConfig& run, int threads) {
  const double model = 4.0 * static_cast<double>(parameter_count(run));
  const double workers = static_cast<double>(run.worker_count());
  const double training = std::min(workers, static_cast<double>(threads));
  const bool together = !std::holds_alternative<GraceWindowConfig>(run.policy);
  const bool residual = run.payload.kind != models::PayloadKind::float32 && run.payload.error_feedback;
  const double vectors = 1 + std::visit(RuleVectors{}, run.outer)                      // server
                         + workers * optimizer_vectors(run.local.optimizer)            // kept from round to round
                         + (residual ? workers : 0) + (together ? workers : training)  // pseudo-gradients
                         + 2 * training;                                               // θ and gradient of a step
  return vectors * model + training * activation_bytes(run);
}

/// The first number in a file, or nothing.
double number_in(const std::string& file) {
  double value = std::numeric_limits<double>::infinity();
  std::ifstream in(file);
  if (double read = 0; in >> read) value = read;
  return value;
}

}  // namespace

double memory_needed(const ExperimentConfig& experiment, int threads) {
  // The comparison goes seed by seed, so that neighbouring methods are trained side by side.
  const size_t methods = experiment.methods.size();
  const size_t at_once = std::min(drivers_for(threads), methods * experiment.seeds.size());
  std::vector<double> bytes;
  for (const MethodConfig& method : experiment.methods) bytes.push_back(run_bytes(method.run, threads));
  double most = 0;
  for (size_t first = 0; first < methods; ++first) {
    double sum = 0;
    for (size_t i = 0; i < at_once; ++i) sum += bytes[(first + i) % methods];
    most = std::max(most, sum);
  }
  return most;
}

double memory_available() {
  double available = std::numeric_limits<double>::infinity();
  std::ifstream info("/proc/meminfo");
  for (std::string line; std::getline(info, line);)
    if (line.starts_with("MemAvailable:")) available = 1024.0 * std::stod(line.substr(13));
  // The control group this process is in, as containers and Slurm set it (v2): max means no limit.
  std::string group;
  std::getline(std::ifstream("/proc/self/cgroup"), group);
  const std::string place = "/sys/fs/cgroup" + (group.starts_with("0::") ? group.substr(3) : "");
  const double limit = number_in(place + "/memory.max"), used = number_in(place + "/memory.current");
  if (limit < available && used < limit) available = std::min(available, limit - used);
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
