#include "experiments/run/build_workers.h"

#include <algorithm>
#include <map>
#include <string>
#include <utility>

#include "experiments/config/inputs.h"
#include "experiments/config/json_reader.h"
#include "experiments/config/regions.h"
#include "experiments/run/build_model.h"
#include "experiments/run/per_entry.h"
#include "models/fragments.h"
#include "sim/network/capacity_trace.h"
#include "sim/trace_file.h"
#include "sim/workers/steady.h"

namespace experiments {
namespace {

using sim::SpeedModel;

/// Seconds of a step with the run's batch: 6 N floating-point operations for each token, forward and backward.
double hardware_pace(const RunConfig& run, const HardwareSpeedConfig& c) {
  const auto parameters = static_cast<double>(run.stand_in ? run.stand_in->parameters : parameter_count(run));
  int64_t tokens = run.tokens_per_step();
  if (run.stand_in) tokens = run.stand_in->tokens_per_step.value_or(tokens);
  return sim::seconds_per_step(c, 6.0 * parameters * static_cast<double>(tokens));
}

/// What workers replay; each file is read once.
class Records {
 public:
  /// Throws sim::TraceError.
  std::shared_ptr<const sim::ReplayedSteps> steps(const ReplaySpeedConfig& c) {
    if (!files_.contains(c.trace)) files_.emplace(c.trace, sim::read_step_record(c.trace));
    const sim::StepRecord& record = files_.at(c.trace);
    const auto rank = record.find(c.rank);
    if (rank == record.end())
      throw sim::TraceError(c.trace + ": has no step of rank " + std::to_string(c.rank) + "; allowed: a rank from " +
                            std::to_string(record.begin()->first) + " to " + std::to_string(record.rbegin()->first));
    return std::make_shared<sim::ReplayedSteps>(rank->second, c.after,
                                                "rank " + std::to_string(c.rank) + " in " + c.trace);
  }

 private:
  std::map<std::string, sim::StepRecord> files_;
};

/// Of a step of its workers, as `speed` says it for the run's batch; of a trace at value 1, of a
/// record a second. Proportional to the batch.
double pace_of(const RunConfig& run, const WorkerConfig& entry) {
  const double share = static_cast<double>(run.batch_of(entry)) / static_cast<double>(run.local.batch_size);
  if (const auto* steady = std::get_if<SteadySpeedConfig>(&*entry.speed)) return share * steady->seconds_per_step;
  if (const auto* hardware = std::get_if<HardwareSpeedConfig>(&*entry.speed))
    return share * hardware_pace(run, *hardware);
  return share;
}

/// One entry of the file's `workers`: gives each of its workers a speed, alike ones the same object.
class EntrySpeeds {
 public:
  EntrySpeeds(const RunConfig& run, const WorkerConfig& entry, Records& records)
      : entry_(entry), pace_(pace_of(run, entry)) {
    if (const auto* replay = std::get_if<ReplaySpeedConfig>(&*entry.speed)) {
      replayed_ = records.steps(*replay);
      pace_ *= replayed_->mean_seconds();
    }
    const auto* traced = std::get_if<TracedSpeedConfig>(&*entry.speed);
    if (!traced) return;
    trace_ = std::make_shared<sim::SpeedTrace>(sim::read_speed_trace(traced->file, traced->end));
    if (trace_->factors) pace_ *= traced->seconds_per_step;
  }

  std::shared_ptr<const SpeedModel> speed(int64_t index, const sim::RandomStream& spells,
                                          const sim::RandomStream& failures) {
    const double factor = entry_.profile ? sim::seconds_factor(*entry_.profile, index, entry_.count) : 1.0;
    std::shared_ptr<const SpeedModel> speed = of(factor);
    if (entry_.slow_spells) speed = std::make_shared<sim::SlowSpells>(speed, *entry_.slow_spells, spells);
    if (entry_.failures) speed = std::make_shared<sim::FailingSpeed>(speed, *entry_.failures, failures);
    return speed;
  }
  /// The steps to replay; null: none.
  const std::shared_ptr<const sim::ReplayedSteps>& steps() const { return replayed_; }

 private:
  /// A named cluster has a few paces, which are shared. Where every worker has its own, the steady ones lie side by
  /// side in one block: a million of them are 16 bytes each and not an allocation each.
  std::shared_ptr<const SpeedModel> of(double factor) {
    if (const auto made = made_.find(factor); made != made_.end()) return made->second;
    const double pace = pace_ * factor;
    if (made_.size() < kShared) return made_[factor] = make(pace);
    if (trace_) return make(pace);
    if (!block_) {
      block_ = std::make_shared<std::vector<sim::SteadySpeed>>();
      block_->reserve(static_cast<size_t>(entry_.count));  // so that none moves
    }
    return {block_, &block_->emplace_back(pace)};
  }
  std::shared_ptr<const SpeedModel> make(double seconds_per_step) const {
    if (trace_) return std::make_shared<sim::TracedSpeed>(trace_, 1.0 / seconds_per_step);
    return std::make_shared<sim::SteadySpeed>(seconds_per_step);
  }

  static constexpr size_t kShared = 64;

  const WorkerConfig& entry_;
  double pace_;  // seconds of a step, of a trace those at value 1
  std::shared_ptr<const sim::SpeedTrace> trace_;
  std::shared_ptr<const sim::ReplayedSteps> replayed_;
  std::map<double, std::shared_ptr<const SpeedModel>> made_;  // by the profile's factor, the first kShared
  std::shared_ptr<std::vector<sim::SteadySpeed>> block_;      // the others
};

bool replays(const WorkerConfig& c) { return std::holds_alternative<ReplaySpeedConfig>(*c.speed); }

bool anyone(const RunConfig& run, bool (*uses)(const WorkerConfig&)) {
  return std::any_of(run.workers.begin(), run.workers.end(), uses);
}

}  // namespace

sim::Workers build_workers(const RunConfig& run, uint64_t seed) {
  const auto workers = static_cast<size_t>(run.worker_count());
  const sim::RandomStream jitters(seed, "step-jitter"), spells(seed, "slow-spells"), downs(seed, "availability"),
      failures(seed, "failures");
  std::vector<std::shared_ptr<const SpeedModel>> speeds;
  std::vector<std::shared_ptr<const sim::StepJitter>> jitter;
  std::vector<std::shared_ptr<const sim::Availability>> there;
  speeds.reserve(workers);
  if (anyone(run, [](const WorkerConfig& c) { return c.jitter || replays(c); })) jitter.resize(workers);
  if (anyone(run, [](const WorkerConfig& c) { return !std::holds_alternative<AlwaysUp>(c.availability); }))
    there.resize(workers);
  Records records;
  for (const WorkerConfig& entry : run.workers) {
    EntrySpeeds entry_speeds(run, entry, records);
    std::shared_ptr<const sim::Availability> shared;
    for (int64_t i = 0; i < entry.count; ++i) {
      const size_t worker = speeds.size();
      const bool together = entry.failures && entry.failures->together;
      speeds.push_back(entry_speeds.speed(i, spells.of(worker), together ? failures : failures.of(worker + 1)));
      if (entry_speeds.steps()) jitter[worker] = entry_speeds.steps();
      if (entry.jitter) jitter[worker] = sim::make_step_jitter(*entry.jitter, jitters.of(worker));
      if (there.empty()) continue;
      if (i == 0 || std::holds_alternative<RandomAvailability>(entry.availability))
        shared = std::visit([&](const auto& c) { return sim::make(c, downs.of(worker)); }, entry.availability);
      there[worker] = shared;
    }
  }
  if (run.availability_trace)
    for (auto& worker : sim::read_availability_trace(*run.availability_trace, run.worker_count()))
      there.push_back(std::move(worker));

  sim::Workers made{.count = workers,
                    .speed = {},
                    .jitter = {},
                    .availability = {},
                    .dropout = {},
                    .batch = build_batches(run),
                    .server = {}};
  made.speed = sim::PerWorker(std::move(speeds));
  made.fails = anyone(run, [](const WorkerConfig& c) { return c.failures.has_value(); });
  if (!jitter.empty()) made.jitter = sim::PerWorker(std::move(jitter));
  if (!there.empty()) made.availability = sim::PerWorker(std::move(there));
  if (anyone(run, [](const WorkerConfig& c) { return c.dropout > 0.0; }))
    made.dropout = per_worker(run, [](const WorkerConfig& c) { return c.dropout; });
  if (run.region_servers)
    made.server =
        per_worker(run, [&, regions = regions_of(run)](const WorkerConfig& c) { return region_of(regions, run, c); });
  return made;
}

sim::PerWorker<int64_t> build_batches(const RunConfig& run) {
  if (!anyone(run, [](const WorkerConfig& c) { return c.batch_size.has_value(); }))
    return sim::PerWorker(std::vector<int64_t>{run.local.batch_size});
  return per_worker(run, [&](const WorkerConfig& c) { return run.batch_of(c); });
}

std::vector<double> known_speeds(const RunConfig& run, const sim::Workers& workers) {
  std::vector<double> speeds;
  speeds.reserve(workers.count);
  for (const WorkerConfig& entry : run.workers) {
    const double cost = entry.jitter ? sim::mean_of(*entry.jitter) : 1.0;
    for (int64_t i = 0; i < entry.count; ++i)
      speeds.push_back(workers.speed[static_cast<sim::NodeId>(speeds.size())]->mean_steps_per_second() / cost);
  }
  return speeds;
}

uint64_t transfer_bytes(const RunConfig& run) {
  if (run.stand_in && run.stand_in->bytes) return static_cast<uint64_t>(*run.stand_in->bytes);
  const int64_t parameters = run.stand_in ? run.stand_in->parameters : parameter_count(run);
  return static_cast<uint64_t>(parameters) * sizeof(float);
}

std::vector<Mistake> worker_mistakes(const RunConfig& run) {
  std::vector<Mistake> mistakes;
  const auto attempt = [&](const std::string& place, auto&& read) {
    try {
      read();
    } catch (const sim::TraceError& error) {
      mistakes.push_back({place, error.what()});
    }
  };
  Records records;
  for (size_t i = 0; i < run.workers.size(); ++i) {
    const std::string worker = "/workers/" + std::to_string(i), place = worker + "/speed";
    if (const auto* traced = std::get_if<TracedSpeedConfig>(&*run.workers[i].speed))
      attempt(place + "/file", [&] { sim::read_speed_trace(traced->file, traced->end); });
    if (const auto* replay = std::get_if<ReplaySpeedConfig>(&*run.workers[i].speed))
      attempt(place + "/trace", [&] { records.steps(*replay); });
    const double seconds = pace_of(run, run.workers[i]);
    if (!(seconds >= 1e-9 && seconds <= 1e6))
      mistakes.push_back(
          {run.workers[i].batch_size ? worker + "/batch_size" : place,
           "makes a step of this model take " + number_text(seconds) + " s; allowed: from 1e-09 to 1000000 s"});
  }
  if (run.fragment_count() > 1)
    if (const int64_t most = models::pieces(build_objective(run)->layout()); run.fragment_count() > most)
      mistakes.push_back({"/fragments/count", "is " + std::to_string(run.fragment_count()) + ", but the model has " +
                                                  std::to_string(most) +
                                                  " pieces, which are its blocks and the tensors outside of them; "
                                                  "allowed: from 1 to as many"});
  if (run.availability_trace)
    attempt("/availability_trace", [&] { sim::read_availability_trace(*run.availability_trace, run.worker_count()); });
  for_each_capacity(run, [&](const std::string& place, const CapacityConfig& capacity) {
    if (capacity.trace) attempt(place + "/trace", [&] { sim::read_capacity_trace(*capacity.trace, capacity.after); });
  });
  return mistakes;
}

}  // namespace experiments
