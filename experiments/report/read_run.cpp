#include "experiments/report/read_run.h"

#include <cmath>
#include <fstream>
#include <limits>
#include <nlohmann/json.hpp>
#include <stdexcept>

namespace experiments {
namespace {

using Json = nlohmann::ordered_json;
namespace fs = std::filesystem;

double number_or_nan(const Json& value) { return value.is_null() ? std::numeric_limits<double>::quiet_NaN() : value.get<double>(); }

sim::Time time_of(const Json& seconds) { return sim::kTimeZero + sim::from_seconds(seconds.get<double>()); }

/// Calls read(value) for the JSON text of each line.
template <class Read>
void for_each_line(const fs::path& file, Read read) {
  std::ifstream in(file, std::ios::binary);
  if (!in) throw std::runtime_error(file.string() + " cannot be read");
  size_t number = 0;
  try {
    for (std::string line; std::getline(in, line);) {
      ++number;
      read(Json::parse(line));
    }
  } catch (const Json::exception& error) {
    throw std::runtime_error(file.string() + ": line " + std::to_string(number) + " is not as a run leaves it: " + error.what());
  }
}

Counters counters_of(const Json& j) {
  return {.server_updates = j.at("server_updates"), .local_steps = j.at("local_steps"), .tokens = j.at("tokens"), .time = time_of(j.at("simulated_seconds")),
          .bytes_up = j.at("bytes_up"), .bytes_down = j.at("bytes_down")};
}

UpdateRecord update_of(const Json& j) {
  UpdateRecord u;
  u.time = time_of(j.at("simulated_seconds"));
  u.server_update = j.at("server_update");
  u.worker = j.at("worker");
  u.round = j.at("round");
  u.shard = j.at("shard");
  u.local_steps = j.at("local_steps");
  u.staleness_updates = j.at("staleness_updates");
  u.staleness = sim::from_seconds(j.at("staleness_seconds"));
  u.train_loss = number_or_nan(j.at("train_loss"));
  u.gradient_norm = number_or_nan(j.at("gradient_norm"));
  if (const Json& cosine = j.at("cosine_to_momentum"); !cosine.is_null()) u.cosine_to_momentum = cosine.get<double>();
  u.dropped = j.at("dropped");
  return u;
}

void read_summary(const fs::path& file, RunLog& log) {
  std::ifstream in(file, std::ios::binary);
  if (!in) throw std::runtime_error(file.string() + " cannot be read");
  try {
    const Json s = Json::parse(in);
    log.method = s.at("method");
    log.seed = s.at("seed");
    log.bytes_per_token = s.at("bytes_per_token");
    log.final = counters_of(s);
    log.final.time = sim::kTimeZero + sim::Duration{s.at("makespan_nanoseconds").get<int64_t>()};
    log.lost_steps = s.at("lost_steps");
    for (const auto& [name, loss] : s.at("domain_loss").items()) log.domains.push_back(name);
    for (const Json& w : s.at("workers")) {
      WorkerUse use;
      use.compute = sim::Duration{w.at("compute_nanoseconds").get<int64_t>()};
      use.upload = sim::Duration{w.at("upload_nanoseconds").get<int64_t>()};
      use.download = sim::Duration{w.at("download_nanoseconds").get<int64_t>()};
      use.wait = sim::Duration{w.at("wait_nanoseconds").get<int64_t>()};
      use.rounds = w.at("rounds");
      use.local_steps = w.at("local_steps");
      log.workers.push_back(use);
    }
  } catch (const Json::exception& error) {
    throw std::runtime_error(file.string() + " is not as a run leaves it: " + error.what());
  }
}

}  // namespace

RunLog read_run(const fs::path& directory) {
  RunLog log;
  read_summary(directory / "summary.json", log);
  for_each_line(directory / "metrics.jsonl", [&](const Json& j) {
    Evaluation e;
    e.at = counters_of(j);
    e.loss = number_or_nan(j.at("loss"));
    for (const std::string& domain : log.domains) e.domain_loss.push_back(number_or_nan(j.at("domain_loss").at(domain)));
    log.evaluations.push_back(std::move(e));
  });
  for_each_line(directory / "updates.jsonl", [&](const Json& j) { log.updates.push_back(update_of(j)); });
  return log;
}

}  // namespace experiments
