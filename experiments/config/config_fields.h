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
struct EnumNames<sim::TraceEnd> {
  static constexpr std::array<std::pair<sim::TraceEnd, std::string_view>, 2> values{
      {{sim::TraceEnd::hold, "hold"}, {sim::TraceEnd::repeat, "repeat"}}};
};
template <>
struct EnumNames<models::PayloadKind> {
  static constexpr std::array<std::pair<models::PayloadKind, std::string_view>, 3> values{
      {{models::PayloadKind::float32, "float32"},
       {models::PayloadKind::bfloat16, "bfloat16"},
       {models::PayloadKind::int8, "int8"}}};
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
struct EnumNames<sim::JitterPer> {
  static constexpr std::array<std::pair<sim::JitterPer, std::string_view>, 2> values{
      {{sim::JitterPer::step, "step"}, {sim::JitterPer::round, "round"}}};
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
void fields(V& v, HardwareSpeedConfig& c) {
  v.field("flops_per_second", c.flops_per_second, Limits{.min = 1, .max = 1e21}.needed(), "FLOP/s",
          "The device's peak. A step takes 6 · parameters · tokens / (peak · utilisation)");
  v.field("utilisation", c.utilisation, Limits{.min = 0, .max = 1, .above_min = true}, "",
          "Share of the peak that training reaches");
}
template <class V>
void fields(V& v, TracedSpeedConfig& c) {
  v.field("file", c.file, not_empty().needed(), "path",
          "CSV of `time,steps_per_second` or `time,factor` (seconds; times the speed), relative to this file");
  v.field("end", c.end, any(), "",
          "After the last row: hold its value, or repeat from the start (the last time is the period)");
  v.field("seconds_per_step", c.seconds_per_step, between(1e-9, 1e6), "s",
          "Time of a step at factor 1 (a trace of factors)");
}
template <class V>
void fields(V&, sim::NoneProfile&) {}
template <class V>
void fields(V&, sim::SlightProfile&) {}
template <class V>
void fields(V&, sim::ModerateProfile&) {}
template <class V>
void fields(V&, sim::VeryProfile&) {}
template <class V>
void fields(V& v, sim::OneSlowProfile& c) {
  v.field("factor", c.factor, between(1e-3, 1e6), "", "How many times as long a step takes on the last worker");
}
template <class V>
void fields(V& v, sim::LinearProfile& c) {
  v.field("ratio", c.ratio, between(1e-3, 1e6), "",
          "How many times as long a step takes on the last worker; the others stand evenly between");
}
template <class V>
void fields(V& v, sim::LognormalProfile& c) {
  v.field("sigma", c.sigma, Limits{.min = 0, .max = 5, .above_min = true}, "", "σ of the logarithm; mean 1");
  v.field("seed", c.seed, any(), "", "Another seed is another cluster; the run's seeds do not change it");
}
template <class V>
void fields(V& v, sim::ParetoProfile& c) {
  v.field("alpha", c.alpha, Limits{.min = 1, .max = 1e6, .above_min = true}, "",
          "Exponent α of the tail: small is heavy; mean 1");
  v.field("seed", c.seed, any(), "", "Another seed is another cluster; the run's seeds do not change it");
}
template <class V>
void fields(V&, sim::HalosProfile&) {}
inline constexpr const char* kJitterPer = "A draw for each step, or one for all steps of a round";
template <class V>
void fields(V& v, sim::NormalJitter& c) {
  v.field("deviation", c.deviation, Limits{.min = 0, .max = 10, .above_min = true}, "",
          "Standard deviation before the cut at 0 and 2; mean 1");
  v.field("per", c.per, any(), "", kJitterPer);
}
template <class V>
void fields(V& v, sim::LognormalJitter& c) {
  v.field("sigma", c.sigma, Limits{.min = 0, .max = 5, .above_min = true}, "", "σ of the logarithm; mean 1");
  v.field("per", c.per, any(), "", kJitterPer);
}
template <class V>
void fields(V& v, sim::ExponentialJitter& c) {
  v.field("per", c.per, any(), "", kJitterPer);
}
template <class V>
void fields(V& v, sim::ShiftedExponentialJitter& c) {
  v.field("random_share", c.random_share, Limits{.min = 0, .max = 1, .above_min = true}, "",
          "Share of a mean step's time that is exponential; the rest is fixed; mean 1");
  v.field("per", c.per, any(), "", kJitterPer);
}
template <class V>
void fields(V& v, sim::ParetoJitter& c) {
  v.field("alpha", c.alpha, Limits{.min = 1, .max = 1e6, .above_min = true}, "",
          "Exponent α of the tail: small is heavy; mean 1");
  v.field("per", c.per, any(), "", kJitterPer);
}
template <class V>
void fields(V& v, sim::BimodalJitter& c) {
  v.field("probability", c.probability, between(0, 1), "", "Of a slow one");
  v.field("factor", c.factor, between(0, 1e6), "", "How many times as long a slow one takes; the others take 1");
  v.field("per", c.per, any(), "", kJitterPer);
}
template <class V>
void fields(V& v, sim::SlowSpellsSpec& c) {
  v.field("mean_seconds_between", c.mean_seconds_between, between(1e-3, 1e9), "s",
          "Mean time without a spell, exponential");
  v.field("mean_seconds", c.mean_seconds, between(1e-3, 1e9), "s", "Mean length of a spell, exponential");
  v.field("factor", c.factor, Limits{.min = 1, .max = 1e6, .above_min = true}, "",
          "How many times as long a step takes in a spell; null: the worker stands still");
}
template <class V>
void fields(V&, AlwaysUp&) {}
template <class V>
void fields(V& v, UpIntervalConfig& c) {
  v.field("from_seconds", c.from_seconds, Limits{.min = 0, .max = sim::kMaxSeconds}.needed(), "s", "It comes");
  v.field("to_seconds", c.to_seconds, Limits{.min = 0, .max = sim::kMaxSeconds, .above_min = true}, "s",
          "It goes; null: never");
}
template <class V>
void fields(V& v, ScheduledAvailability& c) {
  v.field("join_at_seconds", c.join_at_seconds, between(0, sim::kMaxSeconds), "s", "It comes");
  v.field("leave_at_seconds", c.leave_at_seconds, Limits{.min = 0, .max = sim::kMaxSeconds, .above_min = true}, "s",
          "It goes; null: never");
  v.field("up", c.up, any(), "", "Instead of the two: the intervals in which it is there");
}
template <class V>
void fields(V& v, RandomAvailability& c) {
  v.field("mean_up_seconds", c.mean_up_seconds, between(1e-3, 1e9), "s", "Mean time until it goes");
  v.field("mean_down_seconds", c.mean_down_seconds, between(1e-3, 1e9), "s", "Mean time until it is back");
  v.field("up_shape", c.up_shape, between(0.1, 100), "", "Weibull shape of the time until it goes; 1: exponential");
  v.field("down_shape", c.down_shape, between(0.1, 100), "",
          "Weibull shape of the time until it is back; 1: exponential");
}
template <class V>
void fields(V& v, StandInConfig& c) {
  v.field("parameters", c.parameters, Limits{.min = 1, .max = 1e15}.needed(), "", "N of a hardware speed");
  v.field("tokens_per_step", c.tokens_per_step, between(1, 1e15), "tokens",
          "Of a worker's step, for a hardware speed; null: the trained model's");
  v.field("bytes", c.bytes, between(1, 1e18), "B", "Of a model or pseudo-gradient on a link; null: 4 a parameter");
}
template <class V>
void fields(V& v, LinkConfig& c) {
  v.field("latency_seconds", c.latency_seconds, between(0, 1e6), "s", "Delay of a transfer, whatever its size");
  v.field("bytes_per_second", c.bytes_per_second, above(0), "B/s", "Bandwidth; null: unlimited");
}
template <class V>
void fields(V& v, WorkerConfig& c) {
  v.field("count", c.count, between(1, 1e7), "workers", "How many such workers");
  v.field("profile", c.profile, any(), "",
          "A named cluster: how many times as long as `speed` says a step takes on each of the `count` workers");
  v.field("speed", c.speed, any(), "", "How fast it computes; needed, but with a profile null is steady, 1 s a step");
  v.field("jitter", c.jitter, any(), "", "Random factors on the steps' times; null: none");
  v.field("slow_spells", c.slow_spells, any(), "", "Times in which it is slow; null: none");
  v.field("download", c.download, any(), "", "Its link from the server");
  v.field("upload", c.upload, any(), "", "Its link to the server");
  v.field("region", c.region, not_empty(), "",
          "The region of a shared network that it lives in; null: straight to the server");
  v.field("dropout", c.dropout, between(0, 0.99), "",
          "Probability that a round's pseudo-gradient is lost: the worker spends its time, the server learns at its "
          "arrival that it has nothing to apply");
  v.field("availability", c.availability, any(), "", "When it is there");
}

// --- network ---
template <class V>
void fields(V&, PrivateNetworkConfig&) {}
template <class V>
void fields(V& v, CapacityConfig& c) {
  v.field("bytes_per_second", c.bytes_per_second, above(0), "B/s",
          "Constant capacity; null, without a trace: unlimited");
  v.field("trace", c.trace, not_empty(), "path",
          "Capacity over time instead, relative to this file: CSV lines \"time,bytes_per_second\", seconds from 0 "
          "rising, each holding until the next");
  v.field(
      "after", c.after, any(), "",
      "Past the trace's last line: its value holds, or all repeats from there (the last line then equals the first)");
}
template <class V>
void fields(V& v, RegionConfig& c) {
  v.field("name", c.name, not_empty().needed(), "", "What workers name as their region");
  v.field("up", c.up, any(), "", "What all uploads of the region share");
  v.field("down", c.down, any(), "", "What all its downloads share");
  v.field("half_duplex", c.half_duplex, any(), "", "Both directions share the capacity of up; down is then left out");
}
template <class V>
void fields(V& v, SharedNetworkConfig& c) {
  v.field("ingress", c.ingress, any(), "", "What all uploads share at the server");
  v.field("egress", c.egress, any(), "", "What all downloads share at the server");
  v.field("half_duplex", c.half_duplex, any(), "",
          "Both directions share the capacity of ingress; egress is then left out");
  v.field("regions", c.regions, any(), "", "Links that groups of workers share, between theirs and the server's");
}
template <class V>
void fields(V&, RingNetworkConfig&) {}
template <class V>
void fields(V& v, ServerConfig& c) {
  v.field("seconds_per_update", c.seconds_per_update, between(0, 1e6), "s",
          "Time the server takes to apply an update; updates wait their turn");
  v.field("exponential", c.exponential, any(), "", "That time is drawn from an exponential distribution, as its mean");
}
template <class V>
void fields(V& v, models::PayloadConfig& c) {
  v.field("kind", c.kind, any(), "", "How the numbers of a pseudo-gradient travel: 4, 2 or about 1 bytes each");
  v.field("error_feedback", c.error_feedback, any(), "",
          "A worker adds what compression lost to its next pseudo-gradient (bfloat16, int8)");
  v.field("block", c.block, between(1, 1 << 30), "values", "Values that share a scale of 4 bytes (int8)");
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
void fields(V& v, QuorumConfig& c) {
  v.field("workers", c.workers, between(1, 1e7).needed(), "workers",
          "How many must have arrived for a round to close without the others; at most all workers");
  v.field("seconds", c.seconds, between(0, 1e6).needed(), "s",
          "How long after its beginning a round waits for everyone; then the quorum is enough and whoever arrives "
          "later is dropped");
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
  v.field("stand_in", c.stand_in, any(), "",
          "A model whose time (hardware speeds) and traffic are charged in the trained one's place; null: none");
  v.field("workers", c.workers, not_empty().needed(), "", "The simulated cluster");
  v.field("availability_trace", c.availability_trace, not_empty(), "path",
          "CSV of `time,worker,state`: who goes `down` and comes `up` when (seconds; workers from 0), relative to this "
          "file; null: none");
  v.field(
      "network", c.network, any(), "",
      "What the workers' transfers share: nothing, regions' and the server's links, or a ring all-reduce (barrier)");
  v.field("server", c.server, any(), "", "What the server's own work takes");
  v.field("payload", c.payload, any(), "", "Compression of pseudo-gradients: their bytes and their values");
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
  v.field("seeds", c.seeds, not_empty(10'000), "", "Every method runs once with each");
  v.field("baseline", c.baseline, not_empty(), "", "The method that speed-ups and differences are against; null: none");
  v.field("save_weights", c.save_weights, any(), "", "Keep each run's initial and final parameters as safetensors");
}

}  // namespace experiments
