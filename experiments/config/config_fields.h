#pragma once
#include "experiments/config/experiment_config.h"
#include "experiments/config/fields.h"
#include "sim/units.h"

/// The keys of an experiment file that configure nothing of sim or models alone: name, limits, unit and meaning, once.
/// The others stand beside the structs that they configure. Read by the parser, the writer, the schema and the
/// documentation.
namespace experiments {

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
void fields(V& v, TextData& c) {
  v.field("corpus", c.corpus, not_empty().needed(), "path",
          "Directory or one file of text (.txt, .text: a file is a domain) or JSON lines (.jsonl, .json), also .gz and "
          ".zst; relative to this file");
  v.field("tokenizer", c.tokenizer, any(), "", "How text becomes tokens");
  v.field("validation_fraction", c.validation_fraction, between(0.0001, 0.9), "",
          "Share of each domain's bytes kept for validation: its end, where it can be in whole documents");
  v.field("shards", c.shards, any(), "", "How the training tokens are divided");
  v.field("batch_order", c.batch_order, any(), "", "Order of a shard's windows");
  v.field("on_bad_line", c.on_bad_line, any(), "",
          "JSON lines that cannot be read: refuse the corpus, or leave them and repeated documents out and count them");
}
template <class V>
void fields(V& v, PointShards& c) {
  v.field("count", c.count, between(1, 1 << 20), "shards", "Number of data shards; the points are dealt at random");
}
template <class V>
void fields(V& v, MixtureData& c) {
  fields(v, c.mixture);
  v.field("shards", c.shards, any(), "", "How the points are divided");
}

template <class V>
void fields(V& v, MlpModel& c) {
  v.field("hidden", c.hidden, between(1, 1 << 24), "", "F, hidden units between the data's dimensions and its classes");
}

// --- workers ---
template <class V>
void fields(V& v, StandInConfig& c) {
  v.field("parameters", c.parameters, Limits{.min = 1, .max = 1e15}.needed(), "", "N of a hardware speed");
  v.field("tokens_per_step", c.tokens_per_step, between(1, 1e15), "tokens",
          "Of a step with the run's batch, for a hardware speed; null: the trained model's");
  v.field("bytes", c.bytes, between(1, 1e18), "B", "Of a model or pseudo-gradient on a link; null: 4 a parameter");
}
template <class V>
void fields(V& v, WorkerConfig& c) {
  v.field("name", c.name, not_empty(), "",
          "What tables, pages and timelines call it; several are NAME 0, NAME 1, …; null: worker 0, worker 1, …");
  v.field("count", c.count, between(1, 1e7), "workers", "How many such workers");
  v.field("profile", c.profile, any(), "",
          "A named cluster: how many times as long as `speed` says a step takes on each of the `count` workers");
  v.field("speed", c.speed, any(), "", "How fast it computes; needed, but with a profile null is steady, 1 s a step");
  v.field("batch_size", c.batch_size, between(1, 65536), "sequences",
          "Of each of its inner steps, which then takes batch_size / B times as long as `speed` says; null: B, that of "
          "`local`");
  v.field("jitter", c.jitter, any(), "", "Random factors on the steps' times; null: none");
  v.field("slow_spells", c.slow_spells, any(), "", "Times in which it is slow; null: none");
  v.field("failures", c.failures, any(), "",
          "Failures after which it starts again and does anew what it had done since its last checkpoint; null: none");
  v.field("download", c.download, any(), "", "Its link from the server");
  v.field("upload", c.upload, any(), "", "Its link to the server");
  v.field("region", c.region, not_empty(), "",
          "The region of a shared network that it lives in, or of a network's paths; null: straight to the server (not "
          "with region_servers or paths)");
  v.field("dropout", c.dropout, between(0, 0.99), "",
          "Probability that a round's pseudo-gradient is lost: the worker spends its time, the server learns at its "
          "arrival that it has nothing to apply");
  v.field("availability", c.availability, any(), "", "When it is there");
  v.field("usd_per_hour", c.usd_per_hour, at_least(0), "$/h",
          "Price of each of them while it is not down; null: no price is known");
  v.field("watts", c.watts, at_least(0), "W",
          "What each of them draws while it is not down, computing or waiting; null: not known");
}

// --- training ---
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

template <class V>
void fields(V& v, RegionServersConfig& c) {
  v.field("updates", c.updates, between(1, 1e9), "updates",
          "K: after so many of its own updates since it last took over the root's model, a region's server sends what "
          "it has changed since then, and works on until the root answers");
  v.field("mix", c.mix, between(0, 1), "",
          "α, share of the root's model in the answer's merge: θ ← (1 − α)θ + αΘ; the region server's momentum stays");
  v.field("outer", c.outer, any().needed(), "", "What an update does to a region server's model");
}

template <class V>
void fields(V& v, OverlapConfig& c) {
  v.field("steps", c.steps, at_least(0), "steps",
          "Local steps between the leaving of a pseudo-gradient and the landing of its answer, which the worker then "
          "waits for; fewer than H/P; null: until the same fragment leaves again, a whole round");
  v.field("landing", c.landing, any(), "", "What a worker makes of its own values when an answer lands");
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
  v.field(
      "loss", c.loss, above(0), "nats",
      "The first evaluation after the start at or below it; another limit stands beside it, as no clock knows when");
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
  v.field("network", c.network, any(), "",
          "What the workers' transfers share: nothing, regions' and the server's links, or instead of a server a ring "
          "all-reduce or an all-gather (barrier)");
  v.field("server", c.server, any(), "", "What the server's own work takes");
  v.field("payload", c.payload, any(), "", "Compression of pseudo-gradients: their bytes and their values");
  v.field("start", c.start, any(), "", "Where the parameters come from");
  v.field("local", c.local, any(), "", "What a worker does with its shard");
  v.field("stop", c.stop, any().needed(), "", "When the run ends: at the first limit that is reached");
  v.field("evaluation", c.evaluation, any().needed(), "", "When and on what the server's model is evaluated");
  v.field("policy", c.policy, any().needed(), "", "When the server acts and who waits");
  v.field(
      "local_steps", c.local_steps, any(), "",
      "Local steps of a round; with policy pull H/P of them lie at least between two fragments that a worker sends");
  v.field("shard_choice", c.shard_choice, any(), "", "Which shard a ready worker trains on");
  v.field("update_weight", c.update_weight, above(0), "",
          "Factor on every pseudo-gradient before the outer rule; a sweep over workers needs the one that goes with "
          "their number");
  v.field("corrections", c.corrections, any(), "",
          "Steps in front of the outer rule that make up for staleness, in order, after the update weight");
  v.field("reduce", c.reduce, any(), "",
          "What makes one pseudo-gradient of those applied together, at a barrier or quorum");
  v.field("outer", c.outer, any().needed(), "", "What an update does to the server's model");
  v.field("region_servers", c.region_servers, any(), "",
          "A server in every region of a shared network (HALoS): workers train its model, `policy` says when it acts; "
          "`outer` is then the root's rule, which answers each region at once; null: none");
  v.field("fragments", c.fragments, any(), "",
          "Parts of the model that travel by themselves, one every H/P local steps (Streaming DiLoCo); a server update "
          "is one of all parts; null: the model travels whole");
  v.field("overlap", c.overlap, any(), "",
          "Workers train on while their pseudo-gradients travel; null: they wait for the answer");
}

/// The keys of the file's top level that belong to the comparison and not to a run.
template <class V>
void fields(V& v, ExperimentConfig& c) {
  v.field("name", c.name, not_empty().needed(), "", "Names the results directory: letters, digits, '-', '_', '.'");
  v.field("description", c.description, any(), "", "A sentence for the report");
  v.field("seeds", c.seeds, not_empty(10'000), "", "Every method runs once with each");
  v.field("baseline", c.baseline, not_empty(), "", "The method that speed-ups and differences are against; null: none");
  v.field("target", c.target, above(0), "nats",
          "Which loss the time to target and the speed-up are about, seed by seed: the baseline's final loss, the "
          "lowest that every method reached, or this; null: `baseline` where one is named, else `common`");
  v.field("save_weights", c.save_weights, any(), "", "Keep each run's initial and final parameters as safetensors");
}

}  // namespace experiments
