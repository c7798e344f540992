#pragma once
#include <string>

#include "experiments/config/json_reader.h"

namespace experiments {

/// The processor's name as the kernel tells it; kernels choose their code by it.
std::string cpu_name();

/// Versions of those with headers of ours to ask; what multiplies matrices is models::product_facts().
Json libraries();

/// What about this machine, by name and in words, may change the last bits of a result.
Json machine_facts();

}  // namespace experiments
