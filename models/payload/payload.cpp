#include "models/payload/payload.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <numeric>

#include "models/chunks.h"

namespace models {
namespace {

/// Values that share a scale, where that is not a tensor.
template <class Code>
std::optional<uint64_t> block_of(const PayloadConfig& config) {
  if constexpr (std::is_same_v<Code, Int8>) return config.block;
  return std::nullopt;
}

/// `place`: bits that say where a value belongs.
template <class Code>
uint64_t message_bytes(const PayloadConfig& config, uint64_t values, uint64_t place) {
  if (values == 0) return 0;
  const uint64_t block = block_of<Code>(config).value_or(values);
  return (values * (Code::bits + place) + 7) / 8 + Code::table * ((values + block - 1) / block);
}

uint64_t kept_of(const TopK& top, uint64_t size) {
  const auto chunk = static_cast<uint64_t>(top.chunk), kept = static_cast<uint64_t>(top.kept);
  return size / chunk * kept + std::min(kept, size % chunk);
}

template <class Code>
void encode_blocks(const PayloadConfig& config, Code code, std::span<float> values) {
  const size_t block = block_of<Code>(config).value_or(std::max<size_t>(1, values.size()));
  for (size_t i = 0; i < values.size(); i += block) encode(code, values.subspan(i, std::min(block, values.size() - i)));
}

/// Sets all but the largest of each chunk to zero.
void keep_largest(const TopK& top, std::span<float> values) {
  const auto most = static_cast<size_t>(top.chunk), kept = static_cast<size_t>(top.kept);
  std::vector<size_t> order;
  for (; !values.empty(); values = values.subspan(std::min(most, values.size()))) {
    const std::span<float> chunk = values.first(std::min(most, values.size()));
    if (chunk.size() <= kept) continue;
    order.resize(chunk.size());
    std::iota(order.begin(), order.end(), size_t{0});
    const auto end = order.begin() + static_cast<ptrdiff_t>(kept);
    std::nth_element(order.begin(), end, order.end(), [&](size_t a, size_t b) {
      const float x = std::fabs(chunk[a]), y = std::fabs(chunk[b]);
      return x > y || (x == y && a < b);
    });
    std::for_each(end, order.end(), [&](size_t i) { chunk[i] = 0.0f; });
  }
}

template <class Code>
void encode_largest(const PayloadConfig& config, Code code, std::span<float> tensor) {
  const bool finite = std::all_of(tensor.begin(), tensor.end(), [](float x) { return std::isfinite(x); });
  if (!finite) return encode(code, tensor);  // it cannot be ordered
  keep_largest(*config.top_k, tensor);
  std::vector<float> kept;
  std::copy_if(tensor.begin(), tensor.end(), std::back_inserter(kept), [](float x) { return x != 0.0f; });
  encode_blocks(config, code, std::span(kept));
  auto next = kept.begin();
  for (float& x : tensor)
    if (x != 0.0f) x = *next++;
}

}  // namespace

uint64_t payload_bytes(const PayloadConfig& config, const ParamLayout& layout) {
  return std::visit(
      [&]<class Code>(Code) {
        if (!config.top_k && block_of<Code>(config)) return message_bytes<Code>(config, layout.parameters(), 0);
        const uint64_t place = config.top_k ? std::bit_width(static_cast<uint64_t>(config.top_k->chunk - 1)) : 0;
        uint64_t bytes = 0;
        for (const TensorSpec& tensor : layout.tensors())
          bytes += message_bytes<Code>(config, config.top_k ? kept_of(*config.top_k, tensor.size) : tensor.size, place);
        return bytes;
      },
      config.kind);
}

void compress(const PayloadConfig& config, const ParamLayout& layout, std::span<float> values, Params& residual) {
  if (config.exact()) return;
  if (config.error_feedback) {
    residual.resize(values.size());
    const auto decay = static_cast<float>(config.error_decay);
    in_chunks(values.size(), [&](Chunk at) { at(residual) = at(values) += decay * at(residual); });
  }
  std::visit(
      [&]<class Code>(Code code) {
        if (!config.top_k && block_of<Code>(config)) return encode_blocks(config, code, values);
        for (const TensorSpec& tensor : layout.tensors()) {
          const std::span<float> part = values.subspan(tensor.offset, tensor.size);
          config.top_k ? encode_largest(config, code, part) : encode_blocks(config, code, part);
        }
      },
      config.kind);
  if (config.error_feedback) in_chunks(values.size(), [&](Chunk at) { at(residual) -= at(values); });
}

}  // namespace models
