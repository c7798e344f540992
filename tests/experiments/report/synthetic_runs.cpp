#include "tests/experiments/report/synthetic_runs.h"

#include <algorithm>
#include <cmath>

namespace tests {
namespace {

using namespace experiments;
using sim::Duration;
using sim::Time;

constexpr int64_t kSteps = 50;
constexpr uint64_t kModelBytes = 400'000;

/// A fixed hash to [0, 1): the same on every platform.
double hash01(uint64_t a, uint64_t b, uint64_t c) {
  uint64_t x = a * 0x9E3779B97F4A7C15u + b * 0xBF58476D1CE4E5B9u + c * 0x94D049BB133111EBu + 0x1234567u;
  for (int i = 0; i < 3; ++i) x = (x ^ (x >> 31)) * 0xD6E8FEB86659FD93u;
  return static_cast<double>(x >> 11) * 0x1p-53;
}

struct Arrival {
  Time time;
  int worker;
  int64_t round, staleness;
  Duration since_dispatch;
};

/// One method and seed; `method` 0 is synchronous.
class Maker {
 public:
  Maker(const SyntheticOptions& options, size_t method, uint64_t seed)
      : options_(options), method_(method), seed_(seed) {
    log_.method = options.methods[method];
    log_.seed = seed;
    log_.domains = {"kjv", "melville", "jargon"};
    log_.bytes_per_token = 1.0;
    log_.workers.resize(options.workers);
  }

  RunLog make() {
    if (method_ == 0) {
      rounds_together();
      const Duration all = log_.final.time - Time{};
      const auto slowest = static_cast<sim::NodeId>(options_.workers - 1);
      log_.path = {.stretches = {},
                   .shares = {{slowest, sim::PathCause::compute, all}},
                   .late = {{slowest, all / 2, options_.rounds / 2}},
                   .waits = options_.rounds / 2};
    } else {
      rounds_apart();
    }
    arrive();
    return std::move(log_);
  }

 private:
  Duration compute(int worker, int64_t round) const {
    const double speed = 10.0 / (1 + worker % 3);  // steps a second: three kinds of workers
    return sim::from_seconds(kSteps / speed * (0.85 + 0.3 * hash01(seed_, worker, round)));
  }
  Duration link(int worker) const { return sim::from_seconds(0.4 + 0.15 * worker); }

  void span(int worker, Activity activity, Time begin, Time end) {
    if (begin == end) return;
    log_.spans.push_back({worker, activity, begin, end});
    WorkerUse& use = log_.workers[worker];
    (activity == Activity::compute    ? use.compute
     : activity == Activity::upload   ? use.upload
     : activity == Activity::download ? use.download
                                      : use.wait) += end - begin;
  }

  /// Clips to the end of the run. Returns the arrival.
  Time round(int worker, int64_t round, Time start, Time stop) {
    const Time received = start + link(worker), computed = received + compute(worker, round),
               sent = computed + link(worker);
    span(worker, Activity::download, start, std::min(received, stop));
    span(worker, Activity::compute, std::min(received, stop), std::min(computed, stop));
    span(worker, Activity::upload, std::min(computed, stop), std::min(sent, stop));
    return sent;
  }

  void rounds_together() {
    Time start{};
    for (int64_t r = 0; r < options_.rounds / 2; ++r) {
      std::vector<Time> sent;
      for (int w = 0; w < options_.workers; ++w) sent.push_back(round(w, r, start, Time::max()));
      const Time end = *std::max_element(sent.begin(), sent.end());
      for (int w = 0; w < options_.workers; ++w) {
        span(w, Activity::wait, sent[w], end);
        arrivals_.push_back({end, w, r, 0, end - start});
      }
      start = end;
    }
    log_.final.time = start;
  }

  void rounds_apart() {
    Time stop{};
    for (int64_t r = 0; r < options_.rounds; ++r) stop += link(0) + compute(0, r) + link(0);
    for (int w = 0; w < options_.workers; ++w) {
      Time start{};
      for (int64_t r = 0; start < stop; ++r) {
        const Time sent = round(w, r, start, stop);
        if (sent <= stop)
          arrivals_.push_back({sent, w, r, 0, sent - start});
        else
          log_.lost_steps += kSteps;
        start = sent;
      }
    }
    std::stable_sort(arrivals_.begin(), arrivals_.end(),
                     [](const Arrival& a, const Arrival& b) { return a.time < b.time; });
    for (Arrival& a : arrivals_)
      for (const Arrival& b : arrivals_) a.staleness += a.time - a.since_dispatch < b.time && b.time < a.time;
    log_.final.time = stop;
  }

  double loss() const {
    const double steps = static_cast<double>(at_.local_steps);
    const double penalty = method_ == 0 ? 0.0 : 0.32 / static_cast<double>(method_ * method_);
    const double learned = std::pow(1 + steps / 150, -0.55);
    return 1.45 + penalty * (1 - learned) + (5.545 - 1.45) * learned +
           0.05 * (hash01(seed_, method_, 77) - 0.5) * (1 - learned) +
           0.02 * (hash01(seed_, method_, 1000 + at_.local_steps) - 0.5) * (1 - learned);
  }

  void evaluate() {
    const double value = loss();
    log_.evaluations.push_back({at_, value, {value - 0.2, value + 0.05, value + 0.15}});
  }

  void arrive() {
    evaluate();
    for (size_t i = 0; i < arrivals_.size(); ++i) {
      const Arrival& a = arrivals_[i];
      const bool round_done = method_ != 0 || (i + 1) % options_.workers == 0;
      const bool dropped = a.staleness > 12;
      UpdateRecord u;
      u.time = a.time;
      u.round = a.round;
      u.worker = a.worker;
      u.shard = a.worker;
      u.local_steps = kSteps;
      u.staleness_updates = a.staleness;
      u.staleness = a.since_dispatch;
      u.train_loss = loss() - 0.03;
      u.gradient_norm = 0.5 + hash01(seed_, a.worker, a.round);
      if (i > 0) u.cosine_to_momentum = 2 * hash01(seed_, i, 5) - 1;
      u.dropped = dropped;
      at_.time = a.time;
      at_.bytes_up += kModelBytes;
      at_.bytes_down += kModelBytes;
      log_.workers[a.worker].rounds += 1;
      if (dropped)
        log_.lost_steps += kSteps;
      else {
        at_.local_steps += kSteps;
        at_.tokens += kSteps * 256;
        log_.workers[a.worker].local_steps += kSteps;
      }
      at_.server_updates += round_done && !dropped;
      u.server_update = at_.server_updates;
      log_.updates.push_back(u);
      if (round_done && (method_ == 0 || i % 3 == 2)) evaluate();
    }
    at_.time = log_.final.time;
    log_.final = at_;
    if (log_.evaluations.back().at.time != at_.time) evaluate();
  }

  const SyntheticOptions& options_;
  size_t method_;
  uint64_t seed_;
  RunLog log_;
  Counters at_;
  std::vector<Arrival> arrivals_;
};

}  // namespace

std::vector<RunLog> synthetic_runs(const SyntheticOptions& options) {
  std::vector<RunLog> runs;
  for (size_t m = 0; m < options.methods.size(); ++m)
    for (uint64_t seed : options.seeds) runs.push_back(Maker(options, m, seed).make());
  return runs;
}

}  // namespace tests
