#include "experiments/report/tensorboard.h"

#include <bit>
#include <boost/crc.hpp>
#include <cmath>
#include <utility>
#include <vector>

#include "experiments/report/summary.h"

namespace experiments {
namespace {

// --- protocol buffers: a field is its number and wire type, then its bytes ---
enum WireType : uint64_t { varint = 0, fixed64 = 1, bytes = 2, fixed32 = 5 };

template <class Integer>
void put_fixed(std::string& out, Integer value) {
  for (size_t i = 0; i < sizeof value; ++i) out += static_cast<char>(value >> (8 * i) & 0xFF);
}
void put_varint(std::string& out, uint64_t value) {
  for (; value >= 0x80; value >>= 7) out += static_cast<char>((value & 0x7F) | 0x80);
  out += static_cast<char>(value);
}
void put_key(std::string& out, uint64_t field, WireType type) { put_varint(out, field << 3 | type); }
void put_bytes(std::string& out, uint64_t field, std::string_view value) {
  put_key(out, field, bytes);
  put_varint(out, value.size());
  out += value;
}

/// TFRecord framing. The mask keeps the checksum of data that hold checksums meaningful.
void put_record(std::string& out, std::string_view record) {
  const auto masked = [](std::string_view data) {
    const uint32_t crc = crc32c(data);
    return (crc >> 15 | crc << 17) + 0xA282EAD8u;
  };
  std::string length;
  put_fixed(length, static_cast<uint64_t>(record.size()));
  out += length;
  put_fixed(out, masked(length));
  out += record;
  put_fixed(out, masked(record));
}

/// Event: 1 wall_time, 2 step, 3 file_version, 5 summary.
std::string event_start(sim::Time time) {
  std::string event;
  put_key(event, 1, fixed64);
  put_fixed(event, std::bit_cast<uint64_t>(sim::to_seconds(time)));
  return event;
}

void put_scalars(std::string& out, sim::Time time, int64_t step,
                 const std::vector<std::pair<std::string, double>>& scalars) {
  std::string summary;
  for (const auto& [tag, number] : scalars) {
    if (!std::isfinite(number)) continue;
    std::string value;  // Summary.Value: 1 tag, 2 simple_value
    put_bytes(value, 1, tag);
    put_key(value, 2, fixed32);
    put_fixed(value, std::bit_cast<uint32_t>(static_cast<float>(number)));
    put_bytes(summary, 1, value);
  }
  if (summary.empty()) return;
  std::string event = event_start(time);
  put_key(event, 2, varint);
  put_varint(event, static_cast<uint64_t>(step));
  put_bytes(event, 5, summary);
  put_record(out, event);
}

}  // namespace

uint32_t crc32c(std::string_view data) {
  boost::crc_optimal<32, 0x1EDC6F41, 0xFFFFFFFF, 0xFFFFFFFF, true, true> crc;  // Castagnoli's polynomial
  crc.process_bytes(data.data(), data.size());
  return crc.checksum();
}

std::string tensorboard_events(const RunLog& run) {
  std::string out, version = event_start(sim::kTimeZero);
  put_bytes(version, 3, "brain.Event:2");
  put_record(out, version);
  // In order of time, as a reader that follows the file expects; at one time arrivals before the evaluation of what
  // they made.
  int64_t steps = 0;
  size_t next = 0;
  const auto arrivals_until = [&](sim::Time end) {
    for (; next < run.updates.size() && run.updates[next].time <= end; ++next) {
      const UpdateRecord& u = run.updates[next];
      if (u.dropped) continue;
      steps += u.local_steps;
      put_scalars(out, u.time, steps,
                  {{"update/train_loss", u.train_loss},
                   {"update/gradient_norm", u.gradient_norm},
                   {"update/staleness", static_cast<double>(u.staleness_updates)},
                   {"update/cosine_to_momentum", u.cosine_to_momentum.value_or(NAN)}});
    }
  };
  for (const Evaluation& e : run.evaluations) {
    arrivals_until(e.at.time);
    std::vector<std::pair<std::string, double>> scalars = {
        {"validation/loss", e.loss},
        {"validation/perplexity", perplexity(e.loss)},
        {"validation/bits_per_byte", bits_per_byte(e.loss, run.bytes_per_token)}};
    for (size_t d = 0; d < run.domains.size() && d < e.domain_loss.size(); ++d)
      scalars.emplace_back("validation_loss/" + run.domains[d], e.domain_loss[d]);
    put_scalars(out, e.at.time, e.at.local_steps, scalars);
  }
  arrivals_until(sim::Time::max());
  return out;
}

}  // namespace experiments
