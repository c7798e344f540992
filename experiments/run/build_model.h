#pragma once
#include <cstdint>
#include <memory>

#include "models/objective.h"

namespace experiments {

struct RunConfig;

/// What a run minimises: its model on its data. Throws std::invalid_argument on an impossible shape.
std::unique_ptr<models::Objective> build_objective(const RunConfig&);

/// Number of real parameters of a run's model.
int64_t parameter_count(const RunConfig&);

}  // namespace experiments
