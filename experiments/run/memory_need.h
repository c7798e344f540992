#pragma once
#include <cstdint>
#include <string>

#include "experiments/config/experiment_config.h"

namespace experiments {

/// Bytes that training the experiment takes at the least: models, optimizer states, pseudo-gradients and activations of
/// the runs that go on side by side on so many threads. Text, records and evaluation come on top.
double memory_needed(const ExperimentConfig&, int threads);

/// Bytes that this process may still take: what the system has available, or what is left of its control group's limit.
double memory_available();

/// "31 GB": decimal, three digits at the most.
std::string bytes_text(double bytes);

}  // namespace experiments
