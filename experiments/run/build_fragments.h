#pragma once
#include <vector>

#include "models/fragments.h"

namespace experiments {

struct RunConfig;

/// What pseudo-gradients are made of: the model's tensors, or all values of a stand-in, in as many equal tensors as
/// there are fragments.
models::ParamLayout message_layout(const RunConfig&);

/// The parts of a model of that layout which travel by themselves; none where it travels whole.
std::vector<models::Fragment> build_fragments(const RunConfig&, const models::ParamLayout&);

}  // namespace experiments
