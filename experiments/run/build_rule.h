#pragma once
#include <memory>

#include "models/outer/outer_rule.h"
#include "models/params.h"

namespace experiments {

struct RunConfig;

/// The outer rule of a run, with the settings that depend on its length and its workers filled in. `layout` must
/// outlive it.
std::unique_ptr<models::OuterRule> build_rule(const RunConfig&, const models::ParamLayout& layout);

}  // namespace experiments
