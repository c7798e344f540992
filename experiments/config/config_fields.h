#pragma once
#include <array>

#include "experiments/config/experiment_config.h"
#include "experiments/config/fields.h"
#include "sim/units.h"

/// The experiment file's keys: name, limits, unit and meaning of each, once. Read by the parser, the writer and the
/// documentation.
namespace experiments {

template <>
struct EnumNames<models::Norm> {
  static constexpr std::array<std::pair<models::Norm, std::string_view>, 2> values{
      {{models::Norm::rmsnorm, "rmsnorm"}, {models::Norm::layernorm, "layernorm"}}};
};
template <>
struct EnumNames<models::Position> {
  static constexpr std::array<std::pair<models::Position, std::string_view>, 2> values{
      {{models::Position::rope, "rope"}, {models::Position::learned, "learned"}}};
};
template <>
struct EnumNames<models::Activation> {
  static constexpr std::array<std::pair<models::Activation, std::string_view>, 3> values{
      {{models::Activation::gelu, "gelu"}, {models::Activation::swiglu, "swiglu"}, {models::Activation::relu, "relu"}}};
};
template <>
struct EnumNames<models::Sharding> {
  static constexpr std::array<std::pair<models::Sharding, std::string_view>, 4> values{
      {{models::Sharding::iid, "iid"},
       {models::Sharding::contiguous, "contiguous"},
       {models::Sharding::by_domain, "by-domain"},
       {models::Sharding::dirichlet, "dirichlet"}}};
};
template <>
struct EnumNames<models::BatchOrder> {
  static constexpr std::array<std::pair<models::BatchOrder, std::string_view>, 2> values{
      {{models::BatchOrder::shuffled, "shuffled"}, {models::BatchOrder::sequential, "sequential"}}};
};
template <>
struct EnumNames<sim::GraceMode> {
  static constexpr std::array<std::pair<sim::GraceMode, std::string_view>, 2> values{
      {{sim::GraceMode::wait, "wait"}, {sim::GraceMode::lookahead, "lookahead"}}};
};
template <>
struct EnumNames<SpeedKnowledge> {
  static constexpr std::array<std::pair<SpeedKnowledge, std::string_view>, 2> values{
      {{SpeedKnowledge::known, "known"}, {SpeedKnowledge::measured, "measured"}}};
};
template <>
struct EnumNames<ShardChoiceKind> {
  static constexpr std::array<std::pair<ShardChoiceKind, std::string_view>, 3> values{
      {{ShardChoiceKind::under_progressed, "under-progressed"},
       {ShardChoiceKind::least_visited, "least-visited"},
       {ShardChoiceKind::fixed, "fixed"}}};
};

template <>
inline constexpr std::string_view kind_of<models::AdamWConfig> = "adamw";
template <>
inline constexpr std::string_view kind_of<models::SgdConfig> = "sgd";
template <>
inline constexpr std::string_view kind_of<models::TransformerConfig> = "transformer";

// --- data ---
template <class V>
void fields(V&, ByteTokenizer&) {}
template <class V>
void fields(V& v, SentencePieceTokenizer& c) {
  v.field("model", c.model, not_empty(), "path",
          "A .model file, relative to this file; null: trained on the training text and cached");
  v.field("vocabulary", c.vocabulary, between(300, 1 << 20), "tokens",
          "Vocabulary size V to train; with a given model it must be that model's");
}
template <class V>
void fields(V& v, models::ShardConfig& c) {
  v.field("count", c.count, between(1, 1 << 20), "shards", "Number of data shards");
  v.field(
      "kind", c.kind, any(), "",
      "How the training text is divided: blocks dealt at random, equal cuts, whole domains, Dirichlet over domains");
  v.field("block", c.block, at_least(1), "tokens", "Size of a dealt block (iid, dirichlet)");
  v.field("concentration", c.concentration, above(0), "", "Dirichlet's α: small is strongly non-i.i.d. (dirichlet)");
}
template <class V>
void fields(V& v, TextData& c) {
  v.field("corpus", c.corpus, not_empty().needed(), "path",
          "Directory of .txt (a file is a domain), a .txt, or JSON lines (.jsonl, .json, .gz), relative to this file");
  v.field("tokenizer", c.tokenizer, any(), "", "How text becomes tokens");
  v.field("validation_fraction", c.validation_fraction, between(0.0001, 0.9), "",
          "Trailing share of each domain kept for validation");
  v.field("shards", c.shards, any(), "", "How the training tokens are divided");
  v.field("batch_order", c.batch_order, any(), "", "Order of a shard's windows");
}
template <class V>
void fields(V& v, PointShards& c) {
  v.field("count", c.count, between(1, 1 << 20), "shards", "Number of data shards; the points are dealt at random");
}
template <class V>
void fields(V& v, MixtureData& c) {
  v.field("classes", c.mixture.classes, between(2, 1 << 16), "", "Classes to tell apart");
  v.field("clusters", c.mixture.clusters, between(1, 1 << 16), "", "Gaussians of a class");
  v.field("dimensions", c.mixture.dimensions, between(1, 1 << 20), "", "D, coordinates of a point");
  v.field("noise", c.mixture.noise, at_least(0), "",
          "Standard deviation of every coordinate around a centre of length 1");
  v.field("points", c.mixture.points, between(1, 1e8), "points", "Training points, drawn afresh for each seed");
  v.field("shards", c.shards, any(), "", "How the points are divided");
}

// --- model ---
/// Named shapes. 20m, 60m, 150m: Liu et al. 2024, Table 6, as `llama`-like decoders.
inline const std::vector<std::pair<std::string_view, models::TransformerConfig>>& model_presets() {
  using namespace models;
  const auto gpt2 = [](int64_t layers, int64_t width, int64_t heads, int64_t context, bool tied) {
    return TransformerConfig{.context = context,
                             .layers = layers,
                             .width = width,
                             .heads = heads,
                             .norm = Norm::layernorm,
                             .position = Position::learned,
                             .activation = Activation::gelu,
                             .bias = true,
                             .tie_embeddings = tied};
  };
  const auto llama = [](int64_t vocabulary, int64_t layers, int64_t width, int64_t heads, int64_t head_size,
                        int64_t context) {
    return TransformerConfig{.vocabulary = vocabulary,
                             .context = context,
                             .layers = layers,
                             .width = width,
                             .heads = heads,
                             .head_size = head_size,
                             .norm = Norm::rmsnorm,
                             .position = Position::rope,
                             .activation = Activation::swiglu,
                             .bias = false,
                             .tie_embeddings = false};
  };
  static const std::vector<std::pair<std::string_view, TransformerConfig>> presets{
      {"tiny", gpt2(2, 64, 2, 64, false)},         {"small", gpt2(4, 128, 4, 128, false)},
      {"gpt2", gpt2(4, 128, 4, 128, true)},        {"llama", llama(256, 4, 128, 4, 0, 128)},
      {"20m", llama(32000, 6, 256, 4, 64, 256)},   {"60m", llama(32000, 3, 896, 16, 64, 256)},
      {"150m", llama(32000, 12, 896, 16, 64, 256)}};
  return presets;
}
template <class V>
void fields(V& v, models::TransformerConfig& c) {
  v.preset(c, model_presets());
  v.field("vocabulary", c.vocabulary, between(2, 1 << 20), "tokens", "V; must be the tokenizer's");
  v.field("context", c.context, between(1, 1 << 16), "tokens", "T, the sequence length");
  v.field("layers", c.layers, between(1, 1024), "", "L, number of blocks");
  v.field("width", c.width, between(1, 1 << 16), "", "C, width of the residual stream");
  v.field("heads", c.heads, between(1, 1024), "", "h, attention heads");
  v.field("head_size", c.head_size, between(0, 1 << 16), "", "d, size of a head; 0: width / heads");
  v.field("hidden", c.hidden, between(0, 1 << 20), "", "F, width of the MLP's hidden layer; 0: 4 × width");
  v.field("norm", c.norm, any(), "", "Normalisation in front of attention, MLP and head");
  v.field("position", c.position, any(), "", "Position encoding");
  v.field("activation", c.activation, any(), "", "MLP activation");
  v.field("bias", c.bias, any(), "", "Biases on the blocks' linear layers");
  v.field("tie_embeddings", c.tie_embeddings, any(), "", "The head shares the embedding's weight");
}
template <class V>
void fields(V& v, MlpModel& c) {
  v.field("hidden", c.hidden, between(1, 1 << 24), "", "F, hidden units between the data's dimensions and its classes");
}

// --- workers ---
template <class V>
void fields(V& v, SteadySpeedConfig& c) {
  v.field("seconds_per_step", c.seconds_per_step, Limits{.min = 1e-9, .max = 1e6}.needed(), "s",
          "Simulated time of one inner step");
}
template <class V>
void fields(V& v, LinkConfig& c) {
  v.field("latency_seconds", c.latency_seconds, between(0, 1e6), "s", "Delay of a transfer, whatever its size");
  v.field("bytes_per_second", c.bytes_per_second, above(0), "B/s", "Bandwidth; null: unlimited");
}
template <class V>
void fields(V& v, WorkerConfig& c) {
  v.field("count", c.count, between(1, 1e7), "workers", "How many such workers");
  v.field("speed", c.speed, any().needed(), "", "How fast it computes");
  v.field("download", c.download, any(), "", "Its link from the server");
  v.field("upload", c.upload, any(), "", "Its link to the server");
  v.field("dropout", c.dropout, between(0, 0.99), "",
          "Probability that a round's pseudo-gradient is lost: the worker spends its time, the server learns at its "
          "arrival that it has nothing to apply");
}

// --- training ---
template <class V>
void fields(V& v, models::AdamWConfig& c) {
  v.field("beta1", c.beta1, between(0, 0.999999), "", "Decay of the first moment");
  v.field("beta2", c.beta2, between(0, 0.9999999), "", "Decay of the second moment");
  v.field("epsilon", c.epsilon, above(0), "", "Added to the root of the second moment");
  v.field("weight_decay", c.weight_decay, at_least(0), "", "Decoupled weight decay, on matrices only");
  v.field("clip_norm", c.clip_norm, at_least(0), "", "Largest global gradient norm; 0: no clipping");
}
template <class V>
void fields(V& v, models::SgdConfig& c) {
  v.field("momentum", c.momentum, between(0, 0.999999), "", "Momentum");
  v.field("weight_decay", c.weight_decay, at_least(0), "", "Weight decay, on matrices only");
  v.field("clip_norm", c.clip_norm, at_least(0), "", "Largest global gradient norm; 0: no clipping");
}
template <class V>
void fields(V& v, models::Schedule& c) {
  v.field("peak", c.peak, above(0), "", "Learning rate after warm-up");
  v.field("final", c.final, at_least(0), "", "Learning rate at and past the end of the cosine");
  v.field("warmup_steps", c.warmup_steps, at_least(0), "steps",
          "Linear warm-up, counted on each shard (outside: in server updates)");
  v.field("total_steps", c.total_steps, at_least(1), "steps",
          "End of the cosine, counted alike; null: the planned total (stop's local steps / shards, pre-training's "
          "steps, or the server updates planned)");
}
template <class V>
void fields(V&, models::PlainGradientConfig&) {}
template <class V>
void fields(V&, FreshStart&) {}
template <class V>
void fields(V& v, PretrainedStart& c) {
  v.field("steps", c.steps, at_least(1), "steps",
          "Ordinary training steps on all training text, before the clock starts");
  v.field("batch_size", c.batch_size, between(1, 65536), "sequences", "Batch of a pre-training step");
  v.field("optimizer", c.optimizer, any(), "", "Its optimizer");
  v.field("learning_rate", c.learning_rate, any(), "", "Its schedule");
}
template <class V>
void fields(V& v, WeightsStart& c) {
  v.field("file", c.file, not_empty().needed(), "path", "Safetensors file, relative to this file");
}
template <class V>
void fields(V& v, LocalConfig& c) {
  v.field("batch_size", c.batch_size, between(1, 65536), "sequences", "B, sequences of an inner step");
  v.field("optimizer", c.optimizer, any(), "",
          "The workers' inner optimizer; gradient: none, a worker sends the gradient of one batch (data-parallel "
          "training)");
  v.field("learning_rate", c.learning_rate, any(), "",
          "The inner learning rate; belongs to the shard (without effect on plain gradients)");
  v.field("keep_state", c.keep_state, any(), "",
          "The optimizer's state stays with the worker from round to round; false: every round begins without");
}

// --- algorithm ---
template <class V>
void fields(V&, BarrierConfig&) {}
template <class V>
void fields(V& v, GraceWindowConfig& c) {
  v.field("seconds", c.seconds, between(0, 1e6), "s",
          "τ_grace: how long after the first arrival others may join before all are sent the new model");
  v.field("mode", c.mode, any(), "",
          "wait: the window closes at its end; lookahead: at its last arrival (the paper's simulation)");
}
template <class V>
void fields(V& v, EqualSteps& c) {
  v.field("steps", c.steps, between(1, 1e8), "steps", "H, local steps of every round");
}
template <class V>
void fields(V& v, DynamicSteps& c) {
  v.field("steps", c.steps, between(1, 1e8), "steps", "H, local steps of the fastest worker's round");
  v.field("speeds", c.speeds, any(), "", "Speeds are known, or measured from past rounds");
  v.field("smoothing", c.smoothing, Limits{.min = 0, .max = 1, .above_min = true}, "",
          "Weight of the newest round in the measured speed (measured)");
}
template <class V>
void fields(V& v, models::OuterSgdConfig& c) {
  v.field("rate", c.rate, above(0), "", "ε, outer learning rate");
  v.field("momentum", c.momentum, between(0, 0.999999), "", "β, outer momentum");
}
template <class V>
void fields(V& v, models::NesterovConfig& c) {
  v.field("rate", c.rate, above(0), "", "ε, outer learning rate");
  v.field("momentum", c.momentum, between(0, 0.999999), "", "β, outer momentum");
}
template <class V>
void fields(V& v, models::DelayedNesterovConfig& c) {
  v.field("rate", c.rate, above(0), "", "ε, outer learning rate");
  v.field("momentum", c.momentum, between(0, 0.999999), "", "β, outer momentum");
  v.field("period", c.period, between(1, 1e9), "updates",
          "N, updates between two momentum steps; null: number of workers");
  v.field("spread", c.spread, between(0, 1), "", "c, share of the momentum in each update in between; at most 1/N");
}
template <class V>
void fields(V& v, models::BufferedConfig& c) {
  v.field("rate", c.rate, above(0), "", "ε, outer learning rate");
  v.field("momentum", c.momentum, between(0, 0.999999), "", "β, outer momentum");
  v.field("period", c.period, between(1, 1e9), "gradients",
          "N, pseudo-gradients collected for one update; null: number of workers");
}
template <class V>
void fields(V& v, models::OuterAdamConfig& c) {
  v.field("rate", c.rate, above(0), "", "ε, outer learning rate");
  v.field("beta1", c.beta1, between(0, 0.999999), "", "β₁, decay of the first moment");
  v.field("beta2", c.beta2, between(0, 0.9999999), "", "β₂, decay of the second moment");
  v.field("epsilon", c.epsilon, above(0), "", "τ, added to the root of the second moment");
}
template <class V>
void fields(V& v, models::ServerOptimizerConfig& c) {
  v.field("optimizer", c.optimizer, any(), "", "The optimizer that steps on the mean of the workers' gradients");
  v.field("learning_rate", c.learning_rate, any(), "", "Its schedule, over server updates");
}
template <class V>
void fields(V& v, models::PolyConfig& c) {
  v.field("exponent", c.exponent, at_least(0), "", "a: a pseudo-gradient of staleness s is scaled by (1 + s)^-a");
}
template <class V>
void fields(V& v, models::StalenessThresholdConfig& c) {
  v.field("staleness", c.staleness, at_least(0), "updates",
          "Largest staleness applied; what is staler is dropped, its local steps count as spent");
}
template <class V>
void fields(V& v, models::DelayCompensationConfig& c) {
  v.field("lambda", c.lambda, at_least(0), "", "λ of g + λ g² (θ now − θ at dispatch)");
}

// --- stop, evaluation ---
template <class V>
void fields(V& v, StopConfig& c) {
  v.field("local_steps", c.local_steps, between(1, 1e15), "steps",
          "Inner steps of all applied updates together, and of those dropped for their staleness");
  v.field("server_updates", c.server_updates, between(1, 1e15), "updates", "Updates of the server's model");
  v.field("tokens", c.tokens, between(1, 4e18), "tokens", "Training tokens of all applied updates together");
  v.field("simulated_seconds", c.simulated_seconds, Limits{.min = 0, .max = sim::kMaxSeconds, .above_min = true}, "s",
          "Simulated time");
}
template <class V>
void fields(V& v, EvaluationInterval& c) {
  v.field("local_steps", c.local_steps, between(1, 1e15), "steps", "Applied inner steps between evaluations");
  v.field("server_updates", c.server_updates, between(1, 1e15), "updates", "Server updates between evaluations");
  v.field("simulated_seconds", c.simulated_seconds, between(1e-6, sim::kMaxSeconds), "s",
          "Simulated time between evaluations");
}
template <class V>
void fields(V& v, EvaluationConfig& c) {
  v.field("every", c.every, any().needed(), "", "How often the server's model is evaluated: exactly one of the keys");
  v.field("windows", c.windows, at_least(0), "windows",
          "Validation windows used of each domain, evenly spaced (points: training points, drawn at random); 0: all");
  v.field("batch_size", c.batch_size, between(1, 65536), "sequences", "Windows evaluated at a time; changes no result");
}

template <class V>
void fields(V& v, RunConfig& c) {
  v.field("data", c.data, any().needed(), "", "The text, its tokens and shards; or the points of a toy problem");
  v.field("model", c.model, any(), "",
          "The transformer; a \"preset\" (tiny, small, gpt2, llama, 20m, 60m, 150m) may give the defaults. Points need "
          "an mlp");
  v.field("workers", c.workers, not_empty().needed(), "", "The simulated cluster");
  v.field("start", c.start, any(), "", "Where the parameters come from");
  v.field("local", c.local, any(), "", "What a worker does with its shard");
  v.field("stop", c.stop, any().needed(), "", "When the run ends: at the first limit that is reached");
  v.field("evaluation", c.evaluation, any().needed(), "", "When and on what the server's model is evaluated");
  v.field("policy", c.policy, any().needed(), "", "When the server acts and who waits");
  v.field("local_steps", c.local_steps, any(), "", "Local steps of a round");
  v.field("shard_choice", c.shard_choice, any(), "", "Which shard a ready worker trains on");
  v.field("update_weight", c.update_weight, above(0), "", "Factor on every pseudo-gradient before the outer rule");
  v.field("corrections", c.corrections, any(), "",
          "Steps in front of the outer rule that make up for staleness, in order, after the update weight");
  v.field("outer", c.outer, any().needed(), "", "What an update does to the server's model");
}

/// The keys of the file's top level that belong to the comparison and not to a run.
template <class V>
void fields(V& v, ExperimentConfig& c) {
  v.field("name", c.name, not_empty().needed(), "", "Names the results directory: letters, digits, '-', '_', '.'");
  v.field("description", c.description, any(), "", "A sentence for the report");
  v.field("seeds", c.seeds, not_empty(), "", "Every method runs once with each");
  v.field("baseline", c.baseline, not_empty(), "", "The method that speed-ups and differences are against; null: none");
  v.field("save_weights", c.save_weights, any(), "", "Keep each run's initial and final parameters as safetensors");
}

}  // namespace experiments
