#pragma once
#include <cstdint>
#include <string>
#include <string_view>

#include "experiments/run/run_log.h"

namespace experiments {

/// CRC-32C (Castagnoli, RFC 3720 B.4) of the bytes.
uint32_t crc32c(std::string_view bytes);

/// A TensorBoard event file of one run. Wall time is simulated seconds, so TensorBoard's "relative" and "wall" axes
/// tell simulated time; the step is the local steps applied so far. Evaluations give validation/loss, /perplexity,
/// /bits_per_byte and a validation_loss/<domain> each; applied arrivals give update/train_loss, /gradient_norm,
/// /staleness and, where there is one, /cosine_to_momentum. What is not finite is left out. Format: TFRecord framing
/// (length, its masked CRC-32C, the record, its masked CRC-32C; tensorflow/core/lib/io/record_writer.h) around Event
/// protocol buffers (tensorflow/core/util/event.proto, summary.proto), file_version "brain.Event:2".
std::string tensorboard_events(const RunLog&);

}  // namespace experiments
