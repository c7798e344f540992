#include "experiments/run/single_run.h"

#include <algorithm>

#include "experiments/run/build.h"
#include "experiments/run/manifest.h"
#include "experiments/run/resumable_learner.h"
#include "experiments/run/run_key.h"
#include "models/durable.h"
#include "models/train/cancellation.h"
#include "models/weights.h"

namespace experiments {
namespace {

using HostClock = std::chrono::steady_clock;  // informative, and when to make checkpoints: decides no result

/// The checkpoints of one run.
class Checkpoints {
 public:
  explicit Checkpoints(const CheckpointOptions& options) : options_(options) {}

  /// Puts itself between the run and its learner, and goes on from the newest checkpoint there is.
  void attach(RunParts& parts) {
    auto resumable = std::make_unique<ResumableLearner>(
        std::unique_ptr<TrainingLearner>(static_cast<TrainingLearner*>(parts.learner.release())),
        [this] { return HostClock::now() - last_ >= options_.every; }, [this](CheckpointWriter& out) { write(out); });
    learner_ = resumable.get();
    parts.learner = std::move(resumable);
    std::string damage;
    std::optional<CheckpointReader> found = newest_checkpoint(options_.directory, damage);
    if (!damage.empty())
      options_.warn(damage + "\n  " + (found ? "going on from the one before" : "this run begins anew"));
    if (!found) return;
    require_same(*found);
    seconds_before_ = found->state.at("host_seconds").get<double>();
    learner_->resume(std::move(*found));
  }
  /// Stops where what goes on would be a mixture of two experiments, and says where it goes on another machine.
  void require_same(const CheckpointReader& found) const {
    if (const std::string changed = changed_part(found.state.value("identity", Json()), options_.identity);
        !changed.empty())
      throw OtherExperiment(options_.directory.string() + ": holds a checkpoint of another experiment: " + changed);
    const Json then = found.state.value("machine", Json::object()), here = machine_facts();
    for (const auto& [fact, now] : here.items())
      if (const Json before = then.value(fact, Json()); before != now)
        options_.warn("the checkpoint was made elsewhere; " + fact + ": " + text_of(before) + " then, " + text_of(now) +
                      " now; the last bits may differ from a run in one go");
  }
  void save() { learner_->save(); }
  void save_end() {
    if (options_.at_end) learner_->save_end();
  }
  double host_seconds() const {
    return seconds_before_ + std::chrono::duration<double>(HostClock::now() - begun_).count();
  }
  const TrainingLearner& learner() const { return learner_->learner(); }

 private:
  /// A checkpoint that cannot be written costs time only if the run is stopped before the next one.
  void write(CheckpointWriter& out) {
    out.state["host_seconds"] = host_seconds();
    out.state["identity"] = options_.identity;
    out.state["machine"] = machine_facts();
    try {
      out.write(options_.directory);
    } catch (const models::WeightsError& error) {
      options_.warn(error.what());
    } catch (const std::filesystem::filesystem_error& error) {
      options_.warn(error.what());
    }
    last_ = HostClock::now();
  }

  const CheckpointOptions& options_;
  ResumableLearner* learner_ = nullptr;
  HostClock::time_point begun_ = HostClock::now(), last_ = begun_;
  double seconds_before_ = 0;
};

}  // namespace

RunLog train(const MethodConfig& method, uint64_t seed, Resources& resources, const PretrainProgress& pretraining,
             const Progress& progress, const TrainOptions& options) {
  RunParts parts = build_run(method.run, seed, resources, pretraining);
  // The parts know their schedules' lengths by now: a run cut short has the learning rates of the whole one.
  if (options.most_updates)
    parts.stop.server_updates =
        std::min(*options.most_updates, parts.stop.server_updates.value_or(*options.most_updates));
  const auto save = [&](const char* file, const models::Params& params) {
    if (!options.weights) return;
    try {
      if (const auto error = models::make_directories(*options.weights))
        throw OutputError(options.weights->string() + ": cannot be created: " + error.message());
      models::save_weights(*options.weights / file, resources.objective(method.run)->layout(), params,
                           {{"method", method.name}, {"seed", std::to_string(seed)}});
    } catch (const models::WeightsError& error) {
      throw OutputError(error.what());
    }
  };
  const auto& learner = static_cast<const TrainingLearner&>(*parts.learner);
  save("initial.safetensors", learner.params());
  std::optional<Checkpoints> checkpoints;
  if (options.checkpoints) checkpoints.emplace(*options.checkpoints).attach(parts);
  const auto started = HostClock::now();
  bool observer_threw = false;
  const auto watched = [&](const Counters& at, std::optional<double> loss) {
    try {
      if (progress) progress(at, loss);
    } catch (...) {
      observer_threw = true;
      throw;
    }
  };
  RunLog log;
  try {
    log = run(parts, watched);
  } catch (const models::Cancelled&) {
    if (checkpoints) checkpoints->save();
    throw;
  } catch (...) {  // an error in the middle of something may have left half of it done
    if (checkpoints && observer_threw) checkpoints->save();
    throw;
  }
  if (checkpoints) checkpoints->save_end();
  log.host_seconds =
      checkpoints ? checkpoints->host_seconds() : std::chrono::duration<double>(HostClock::now() - started).count();
  save("final.safetensors", learner.params());
  log.method = method.name;
  log.seed = seed;
  log.guessing_loss = method.run.guessing_loss();
  if (std::holds_alternative<TextData>(method.run.data)) {
    const auto text = resources.text(method.run);
    for (const auto& domain : text->domains) log.domains.push_back(domain.name);
    log.bytes_per_token = text->bytes_per_token;
  } else {
    log.domains.push_back("points");
  }
  return log;
}

}  // namespace experiments
