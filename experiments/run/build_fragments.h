#pragma once
#include <optional>
#include <vector>

#include "models/fragments.h"
#include "sim/clock/clock_parts.h"

namespace experiments {

struct RunConfig;

/// The parts of a model of that layout which travel by themselves; none where it travels whole.
std::vector<models::Fragment> build_fragments(const RunConfig&, const models::ParamLayout&);

/// How many parts of a run's model travel by themselves, at least one.
size_t message_count(const RunConfig&);

/// What travels by itself: the model's tensors, or the values of a stand-in in equal parts.
std::vector<models::ParamLayout> message_layouts(const RunConfig&);

/// How many bytes that is, each way.
std::vector<sim::FragmentBytes> build_bytes(const RunConfig&);

/// When in a step they leave and are needed, if by layer. The forward pass takes a third of a step, and every block as
/// long as the others.
std::optional<sim::StepPhases> build_phases(const RunConfig&);

}  // namespace experiments
