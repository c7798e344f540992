#pragma once
#include <optional>
#include <vector>

#include "models/fragments.h"
#include "sim/clock/course.h"

namespace experiments {

struct RunConfig;

/// The parts of a model of that layout which travel by themselves; none where it travels whole.
std::vector<models::Fragment> build_fragments(const RunConfig&, const models::ParamLayout&);

/// What travels by itself, at least one: the model's tensors, or the values of a stand-in in equal parts.
std::vector<models::ParamLayout> message_layouts(const RunConfig&);

/// When in a step they leave and are needed, if by layer. The forward pass takes a third of a step, and every block as
/// long as the others.
std::optional<sim::StepPhases> build_phases(const RunConfig&);

}  // namespace experiments
