#pragma once
#include "experiments/config/json_reader.h"

namespace fuzz {

/// An experiment with something of every shape in it, for what changes one.
inline experiments::Json small_experiment() {
  return experiments::Json::parse(R"({
    "name": "small", "seeds": [1, 2],
    "data": {"corpus": "text"},
    "model": {"preset": "tiny"},
    "workers": [{"count": 2, "speed": {"kind": "steady", "seconds_per_step": 1.0}}, {"profile": {"kind": "very"}, "count": 2}],
    "network": {"kind": "shared", "regions": [{"name": "a", "up": {"bytes_per_second": 1e6}}]},
    "local": {"learning_rate": {"peak": 1e-3}},
    "local_steps": {"kind": "equal", "steps": 5},
    "stop": {"local_steps": 100}, "evaluation": {"every": {"local_steps": 50}},
    "methods": [{"name": "A", "policy": {"kind": "barrier"}, "outer": {"kind": "nesterov", "rate": 0.7}},
                {"name": "B", "policy": {"kind": "grace-window"}, "outer": {"kind": "delayed-nesterov", "rate": 0.1}, "corrections": [{"kind": "poly"}]}]
  })");
}

}  // namespace fuzz
