#pragma once
#include "experiments/config/experiment_config.h"
#include "experiments/config/fields.h"

/// The experiment file's keys of training and of the algorithm: optimizers, start, policies, outer rules, corrections.
namespace experiments {

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
  v.field("first_step_at_peak", c.first_step_at_peak, any(), "",
          "Every round's first step has the peak, whatever the cosine says (as in the authors' notebook)");
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

}  // namespace experiments
