#pragma once
#include <cmath>
#include <cstdint>
#include <memory>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "experiments/config/target.h"
#include "models/data/gaussian_mixture.h"
#include "models/data/shards.h"
#include "models/fragments.h"
#include "models/nn/transformer_config.h"
#include "models/outer/corrections.h"
#include "models/outer/landings.h"
#include "models/outer/reductions.h"
#include "models/outer/rules.h"
#include "models/payload/payload.h"
#include "models/train/local_trainer.h"
#include "models/train/schedule.h"
#include "sim/network/networks.h"
#include "sim/network/service_queue.h"
#include "sim/rounds/policies.h"
#include "sim/rounds/shard_choice.h"
#include "sim/rounds/sync_plan.h"
#include "sim/workers/availability.h"
#include "sim/workers/failures.h"
#include "sim/workers/profile.h"
#include "sim/workers/slow_spells.h"
#include "sim/workers/speeds.h"
#include "sim/workers/step_jitter.h"

namespace experiments {

// The settings of one run, section by section as in the file. Keys, limits and meanings: config_fields.h and
// docs/experiment_format.md.

// --- data ---
struct ByteTokenizer {
  static constexpr std::string_view kind = "byte";
};
struct SentencePieceTokenizer {
  static constexpr std::string_view kind = "sentencepiece";
  std::optional<std::string> model;  ///< a .model file; otherwise one is trained
  int64_t vocabulary = 1024;
};
/// A language model's data; the default.
struct TextData {
  static constexpr std::string_view kind = "text";
  std::string corpus;
  std::variant<ByteTokenizer, SentencePieceTokenizer> tokenizer;
  double validation_fraction = 0.05;
  models::ShardConfig shards;
  models::BatchOrder batch_order = models::BatchOrder::shuffled;
  models::OnBadLine on_bad_line = models::OnBadLine::refuse;
};
struct PointShards {
  int64_t count = 4;
};
/// A classifier's data: points drawn afresh for each seed.
struct MixtureData {
  static constexpr std::string_view kind = "gaussian-mixture";
  models::GaussianMixtureConfig mixture;
  PointShards shards;
};

// --- model ---
/// A classifier between the dimensions and the classes of its data.
struct MlpModel {
  static constexpr std::string_view kind = "mlp";
  int64_t hidden = 128;
};

// --- workers ---
using sim::AllGatherNetworkConfig;
using sim::AlwaysUp;
using sim::BarrierConfig;
using sim::CapacityConfig;
using sim::GraceWindowConfig;
using sim::HardwareSpeedConfig;
using sim::LinkConfig;
using sim::PrivateNetworkConfig;
using sim::QuorumConfig;
using sim::RandomAvailability;
using sim::RegionConfig;
using sim::ReplaySpeedConfig;
using sim::RingNetworkConfig;
using sim::ScheduledAvailability;
using sim::ServerConfig;
using sim::SharedNetworkConfig;
using sim::SpeedConfig;
using sim::SteadySpeedConfig;
using sim::TracedSpeedConfig;
struct WorkerConfig {
  std::optional<std::string> name;
  int64_t count = 1;
  std::optional<sim::Profile> profile;
  std::optional<SpeedConfig> speed;   ///< may be left out with a profile; parse_experiment fills it in
  std::optional<int64_t> batch_size;  ///< of its inner steps; none: the run's
  std::optional<sim::JitterSpec> jitter;
  std::optional<sim::SlowSpellsSpec> slow_spells;
  std::optional<sim::FailuresSpec> failures;
  LinkConfig download, upload;
  std::optional<std::string> region;  ///< of a shared network; none: straight to the server
  double dropout = 0.0;               ///< probability that a round's pseudo-gradient is lost
  sim::AvailabilityConfig availability;
  std::optional<double> usd_per_hour, watts;
};
/// The model whose time and traffic are charged for.
struct StandInConfig {
  int64_t parameters = 1;
  std::optional<int64_t> tokens_per_step;
  std::optional<int64_t> bytes;  ///< of a transfer; none: float32
};

// --- start ---
struct FreshStart {
  static constexpr std::string_view kind = "fresh";
};
struct PretrainedStart {
  static constexpr std::string_view kind = "pretrain";
  int64_t steps = 2000;
  int64_t batch_size = 8;
  models::InnerConfig optimizer;
  models::Schedule learning_rate;
};
struct WeightsStart {
  static constexpr std::string_view kind = "weights";
  std::string file;
};

// --- local training ---
struct LocalConfig {
  int64_t batch_size = 8;  ///< B
  models::LocalOptimizer optimizer;
  models::Schedule learning_rate;
  bool first_step_at_peak = false;  ///< every round's first step has the learning rate's peak
  bool keep_state = true;           ///< the optimizer's, from round to round
};

// --- the algorithm ---
using models::CorrectionConfig;
using models::OuterConfig;

/// A server in every region between its workers and the root. Source: Kim et al. 2025, "HALoS: hierarchical
/// asynchronous local SGD over slow networks", and its authors' simulator.
struct RegionServersConfig {
  int64_t updates = 32;  ///< K
  double mix = 0.25;     ///< α
  OuterConfig outer;
};

/// Workers train on while their messages travel.
struct OverlapConfig {
  std::optional<int64_t> steps = 1;  ///< local steps between leaving and landing; none: until it leaves again
  models::LandingConfig landing;
};

// --- stop, evaluation ---
/// A run ends at the first of the given limits.
struct StopConfig {
  std::optional<int64_t> local_steps, server_updates, tokens;
  std::optional<double> simulated_seconds, loss;
};
/// Exactly one is given.
struct EvaluationInterval {
  std::optional<int64_t> local_steps, server_updates;
  std::optional<double> simulated_seconds;
};
struct EvaluationConfig {
  EvaluationInterval every;
  int64_t windows = 64;  ///< a domain, or points; 0: all
  int64_t batch_size = 32;
};

/// A factor on pseudo-gradients that the number of workers gives.
enum class WeightRule { inverse_square_root };
constexpr auto names_of(WeightRule) {
  return std::array{std::pair{WeightRule::inverse_square_root, "1/sqrt(workers)"}};
}

/// Everything that one method's run is made of.
struct RunConfig {
  std::variant<TextData, MixtureData> data;
  std::variant<models::TransformerConfig, MlpModel> model;
  std::optional<StandInConfig> stand_in;
  std::vector<WorkerConfig> workers;
  std::optional<std::string> availability_trace;
  sim::NetworkConfig network;
  ServerConfig server;
  models::PayloadConfig payload;
  std::variant<FreshStart, PretrainedStart, WeightsStart> start;
  LocalConfig local;
  StopConfig stop;
  EvaluationConfig evaluation;
  sim::PolicyConfig policy;
  sim::SyncPlanConfig local_steps;
  sim::ShardChoiceKind shard_choice;
  NameOrNumber<WeightRule> update_weight{{}, 1.0};
  std::vector<CorrectionConfig> corrections;
  models::ReduceConfig reduce;
  OuterConfig outer;
  std::optional<RegionServersConfig> region_servers;
  std::optional<models::FragmentsConfig> fragments;
  std::optional<OverlapConfig> overlap;

  /// P, in how many parts, one after another, the model travels.
  int64_t fragment_count() const { return fragments ? fragments->count : 1; }
  /// Whether the model is cut: into several of those, or by its layers.
  bool in_fragments() const { return fragment_count() > 1 || (fragments && fragments->by_layer); }
  /// Whether workers go on with their own model after their pseudo-gradient has left, instead of beginning whole rounds
  /// with the server's.
  bool trains_on() const { return overlap || in_fragments() || std::holds_alternative<sim::PullConfig>(policy); }
  /// Where every replica takes the outer step by itself; null elsewhere.
  const models::OwnStepConfig* own_step() const {
    return overlap ? std::get_if<models::OwnStepConfig>(&overlap->landing) : nullptr;
  }
  int64_t worker_count() const {
    int64_t n = 0;
    for (const WorkerConfig& w : workers) n += w.count;
    return n;
  }
  int64_t shard_count() const {
    return std::visit([](const auto& d) { return d.shards.count; }, data);
  }
  /// T, targets of a sequence; a point has one.
  int64_t context() const {
    const auto* transformer = std::get_if<models::TransformerConfig>(&model);
    return transformer ? transformer->context : 1;
  }
  /// The factor on every pseudo-gradient.
  double update_weight_value() const {
    return update_weight.number.value_or(1.0 / std::sqrt(static_cast<double>(worker_count())));
  }
  /// What guessing costs, in nats: ln of the vocabulary, or of the classes.
  double guessing_loss() const {
    const auto* points = std::get_if<MixtureData>(&data);
    return std::log(
        static_cast<double>(points ? points->mixture.classes : std::get<models::TransformerConfig>(model).vocabulary));
  }
  /// Sequences (or points) of a worker's inner step.
  int64_t batch_of(const WorkerConfig& worker) const { return worker.batch_size.value_or(local.batch_size); }
  /// Training tokens (or points) of an inner step with the run's batch.
  int64_t tokens_per_step() const { return local.batch_size * context(); }
};

inline constexpr size_t kMostMethods = 1000;
struct MethodConfig {
  std::string name;
  RunConfig run;
  std::shared_ptr<const nlohmann::ordered_json> own = {};  ///< what the file says of this method alone
};

/// A comparison: methods × seeds in the same world.
struct ExperimentConfig {
  std::string name;
  std::string description;
  std::vector<uint64_t> seeds{1};
  std::optional<std::string> baseline;  ///< a method's name; speed-ups and differences are against it
  std::optional<Target> target;         ///< none: the baseline's where there is one, else the common one
  bool save_weights = false;
  std::vector<MethodConfig> methods;
};

}  // namespace experiments
