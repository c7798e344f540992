#pragma once
#include "experiments/config/cluster_fields.h"
#include "experiments/config/config_names.h"
#include "experiments/config/data_fields.h"
#include "experiments/config/experiment_config.h"
#include "experiments/config/fields.h"
#include "experiments/config/method_fields.h"
#include "sim/units.h"

/// The experiment file's keys: name, limits, unit and meaning of each, once; here those of a whole run and comparison,
/// in the headers above those of its parts. Read by the parser, the writer, the schema and the documentation.
namespace experiments {

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
  v.field("update_weight", c.update_weight, above(0), "",
          "Factor on every pseudo-gradient before the outer rule; a sweep over workers needs the one that goes with "
          "their number");
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
  v.field("target", c.target, above(0), "nats",
          "Which loss the time to target and the speed-up are about, seed by seed: the baseline's final loss, the "
          "lowest that every method reached, or this; null: `baseline` where one is named, else `common`");
  v.field("save_weights", c.save_weights, any(), "", "Keep each run's initial and final parameters as safetensors");
}

}  // namespace experiments
