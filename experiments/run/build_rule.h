#pragma once
#include <memory>

#include "models/outer/landing.h"
#include "models/outer/outer_rule.h"
#include "models/params.h"

namespace experiments {

struct RunConfig;

/// The root's outer rule, with the settings that depend on the run's length and on who sends to it filled in. `layout`
/// must outlive it.
std::unique_ptr<models::OuterRule> build_rule(const RunConfig&, const models::ParamLayout& layout);
/// The same of a region's server with so many workers.
std::unique_ptr<models::OuterRule> build_region_rule(const RunConfig&, const models::ParamLayout& layout,
                                                     int64_t workers);
/// What a worker that trains on makes of an answer about a fragment of that layout.
std::unique_ptr<models::Landing> build_landing(const RunConfig&, const models::ParamLayout&);

}  // namespace experiments
