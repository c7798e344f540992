#pragma once
#include <memory>

#include "models/nn/transformer_config.h"
#include "models/objective.h"

namespace models {

/// The language model of docs/model.md as an Objective. Throws std::invalid_argument on an impossible shape.
std::unique_ptr<Objective> make_transformer(const TransformerConfig& config);

/// Bytes of scratch that a step on so many sequences of the longest length takes.
size_t transformer_scratch(const TransformerConfig& config, int64_t sequences);

}  // namespace models
