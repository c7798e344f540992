#pragma once
#include <variant>

#include "models/outer/adam.h"
#include "models/outer/buffered.h"
#include "models/outer/delayed_nesterov.h"
#include "models/outer/heloco.h"
#include "models/outer/mla.h"
#include "models/outer/nesterov.h"
#include "models/outer/nesterov_restart.h"
#include "models/outer/schedule_free.h"
#include "models/outer/server_optimizer.h"
#include "models/outer/sgd.h"

namespace models {

/// Every outer rule there is. One that stands here has its keys, its place in the schema and the manual, and its tests
/// of resuming: each header has a config with its `fields`, and its `make`.
using OuterConfig =
    std::variant<OuterSgdConfig, NesterovConfig, OuterAdamConfig, DelayedNesterovConfig, BufferedConfig,
                 ServerOptimizerConfig, MlaConfig, HelocoConfig, NesterovRestartConfig, ScheduleFreeConfig>;

}  // namespace models
