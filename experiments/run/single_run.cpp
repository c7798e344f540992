#include "experiments/run/single_run.h"

#include <algorithm>

#include "experiments/config/experiment_config.h"
#include "experiments/run/build.h"
#include "experiments/run/machine_facts.h"
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

  /// The newest one there is.
  std::optional<CheckpointReader> newest() {
    std::string damage;
    std::optional<CheckpointReader> found = newest_checkpoint(options_.directory, damage);
    if (!damage.empty())
      options_.warn(damage + "\n  " + (found ? "going on from the one before" : "this run begins anew"));
    if (!found) return found;
    require_same(*found);
    seconds_before_ = found->state.at("host_seconds").get<double>();
    return found;
  }
  bool due() const { return HostClock::now() - last_ >= options_.every; }
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
  double host_seconds() const {
    return seconds_before_ + std::chrono::duration<double>(HostClock::now() - begun_).count();
  }

 private:
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

  const CheckpointOptions& options_;
  HostClock::time_point begun_ = HostClock::now(), last_ = begun_;
  double seconds_before_ = 0;
};

}  // namespace

RunLog train(const MethodConfig& method, uint64_t seed, SharedInputs& inputs, const PretrainProgress& pretraining,
             const Progress& progress, const TrainOptions& options) {
  Run run = build_run(method.run, seed, inputs, pretraining);
  if (options.most_updates)  // of the clock alone: a run cut short has the learning rates of the whole one
    run.clock = [whole = run.clock, most = *options.most_updates] {
      sim::ClockParts parts = whole();
      parts.stop.server_updates = std::min(most, parts.stop.server_updates.value_or(most));
      return parts;
    };
  const auto save = [&](const char* file, const models::Params& params) {
    if (!options.weights) return;
    try {
      if (const auto error = models::make_directories(*options.weights))
        throw OutputError(options.weights->string() + ": cannot be created: " + error.message());
      models::save_weights(*options.weights / file, inputs.objective(method.run)->layout(), params,
                           {{"method", method.name}, {"seed", std::to_string(seed)}});
    } catch (const models::WeightsError& error) {
      throw OutputError(error.what());
    }
  };
  Player& player = *run.player;
  save("initial.safetensors", player.params());
  bool observer_threw = false;
  PlayOptions how{.stop_loss = method.run.stop.loss, .progress = [&](const Counters& at, std::optional<double> loss) {
                    try {
                      if (progress) progress(at, loss);
                    } catch (...) {
                      observer_threw = true;
                      throw;
                    }
                  }};
  std::optional<Checkpoints> checkpoints;
  std::optional<CheckpointReader> from;
  if (options.checkpoints) {
    from = checkpoints.emplace(*options.checkpoints).newest();
    how.save_due = [&] { return checkpoints->due(); };
    how.save = [&](CheckpointWriter& out) { checkpoints->write(out); };
  }
  const auto started = HostClock::now();
  RunLog log;
  try {
    log = play(run, how, std::move(from));
  } catch (const models::Cancelled&) {
    if (checkpoints) player.save(how.save);
    throw;
  } catch (...) {  // an error in the middle of something may have left half of it done
    if (checkpoints && observer_threw) player.save(how.save);
    throw;
  }
  if (checkpoints && options.checkpoints->at_end) player.save_end(how.save);
  log.host_seconds =
      checkpoints ? checkpoints->host_seconds() : std::chrono::duration<double>(HostClock::now() - started).count();
  save("final.safetensors", player.params());
  log.method = method.name;
  log.names = worker_names(method.run);
  log.seed = seed;
  log.guessing_loss = method.run.guessing_loss();
  log.cluster = cluster_numbers(method.run, log);
  if (std::holds_alternative<TextData>(method.run.data)) {
    const auto text = inputs.text(method.run);
    for (const auto& domain : text->domains) log.domains.push_back(domain.name);
    log.bytes_per_token = text->bytes_per_token;
  } else {
    log.domains.push_back("points");
  }
  return log;
}

}  // namespace experiments
