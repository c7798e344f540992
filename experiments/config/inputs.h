#pragma once
#include <string>
#include <variant>

#include "experiments/config/experiment_config.h"

namespace experiments {

/// Calls f(JSON pointer, capacity) for every link of a run, a worker's own and shared ones.
template <class Run, class F>
void for_each_capacity(Run& run, F&& f) {
  for (size_t i = 0; i < run.workers.size(); ++i) {
    const std::string worker = "/workers/" + std::to_string(i);
    f(worker + "/download", run.workers[i].download.capacity);
    f(worker + "/upload", run.workers[i].upload.capacity);
  }
  auto* const shared = std::get_if<SharedNetworkConfig>(&run.network);
  if (!shared) return;
  f(std::string("/network/ingress"), shared->ingress);
  f(std::string("/network/egress"), shared->egress);
  for (size_t i = 0; i < shared->regions.size(); ++i) {
    const std::string region = "/network/regions/" + std::to_string(i);
    f(region + "/up", shared->regions[i].up);
    f(region + "/down", shared->regions[i].down);
  }
  for (size_t i = 0; i < shared->servers.size(); ++i) {
    const std::string server = "/network/servers/" + std::to_string(i);
    f(server + "/ingress", shared->servers[i].ingress);
    f(server + "/egress", shared->servers[i].egress);
  }
}

/// Calls f(JSON pointer, path) for every trace file that a run reads. Run: RunConfig, const or not.
template <class Run, class F>
void for_each_trace(Run& run, F&& f) {
  for (size_t i = 0; i < run.workers.size(); ++i)
    if (auto& speed = run.workers[i].speed) {
      const std::string place = "/workers/" + std::to_string(i) + "/speed";
      if (auto* traced = std::get_if<TracedSpeedConfig>(&*speed)) f(place + "/file", traced->file);
      if (auto* replay = std::get_if<ReplaySpeedConfig>(&*speed)) f(place + "/trace", replay->trace);
    }
  if (run.availability_trace) f(std::string("/availability_trace"), *run.availability_trace);
  for_each_capacity(run, [&](const std::string& pointer, auto& capacity) {
    if (capacity.trace) f(pointer + "/trace", *capacity.trace);
  });
}

inline constexpr const char* kCorpusPointer = "/data/corpus";

/// Calls f(JSON pointer, path) for every file, or folder of text, that a run reads but for its traces.
template <class Run, class F>
void for_each_file(Run& run, F&& f) {
  if (auto* text = std::get_if<TextData>(&run.data)) {
    f(std::string(kCorpusPointer), text->corpus);
    if (auto* piece = std::get_if<SentencePieceTokenizer>(&text->tokenizer); piece && piece->model)
      f(std::string("/data/tokenizer/model"), *piece->model);
  }
  if (auto* weights = std::get_if<WeightsStart>(&run.start)) f(std::string("/start/file"), weights->file);
}

/// Calls f(JSON pointer, path) for everything that a run reads.
template <class Run, class F>
void for_each_input(Run& run, F&& f) {
  for_each_file(run, f);
  for_each_trace(run, f);
}

}  // namespace experiments
