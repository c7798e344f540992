#pragma once
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "experiments/config/json_reader.h"
#include "experiments/run/run_log.h"
#include "models/params.h"

namespace experiments {
struct ExperimentConfig;
struct RunConfig;
}  // namespace experiments
namespace sim {
struct ClockParts;
}

/// A comparison small enough for a test, on a real transformer and the real corpus.
namespace tiny {

using experiments::Json;

/// Four workers at the authors' speeds, a transformer of about 7,000 parameters, one method "M" that tests replace
/// parts of.
Json document();

/// `document` with each pointer set to the JSON text beside it.
Json with(Json base, const std::vector<std::pair<std::string, std::string>>& settings);

/// Four equally fast workers.
Json homogeneous();

/// Three workers at 1 s a step and one at 5 s, 10 steps a round, 20 rounds of 50 s at a barrier; messages are
/// instantaneous.
Json uneven(const std::vector<std::pair<std::string, std::string>>& settings = {});

/// Paths are relative to experiments/.
experiments::ExperimentConfig parse(const Json& json);

struct Outcome {
  experiments::RunLog log;
  models::Params params;
};

/// Trains the document's first method with its first seed; `change` may exchange parts of its clock before.
Outcome train(const Json& json, int threads = 2, const std::function<void(sim::ClockParts&)>& change = {});

/// The document's first method.
experiments::RunConfig run_of(const Json& json);

/// Runs only the clock of the document's first method.
experiments::RunLog clock(const Json& json);

}  // namespace tiny
