#pragma once
#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "sim/network/network.h"

namespace sim {

/// One direction of a link: a transfer takes latency + bytes / bandwidth.
struct LinkSpec {
  Duration latency{0};
  double bytes_per_second = 0.0;  ///< 0 = unlimited
};
struct PrivateLink {
  LinkSpec download;
  LinkSpec upload;
  const LinkSpec& of(Direction direction) const { return direction == Direction::download ? download : upload; }
};

/// Throws std::invalid_argument, with `place` in front, on a negative latency or a bandwidth that is negative or not
/// finite.
void check_link(const LinkSpec&, const std::string& place);

/// Time of a transfer that has the link to itself. Throws std::overflow_error, naming the worker, past kMaxSeconds.
Duration link_duration(const LinkSpec&, uint64_t bytes, WorkerId);

/// Throws where link_duration() does; mostly without its division.
inline void check_duration(const LinkSpec& link, uint64_t bytes, WorkerId worker) {
  constexpr double kSurely = 1e9;  // s; latency and sending together then stay far below kMaxSeconds
  static_assert(2.0 * kSurely < kMaxSeconds);
  const bool short_enough = link.latency < std::chrono::nanoseconds(std::chrono::seconds(1'000'000'000)) &&
                            static_cast<double>(bytes) < kSurely * link.bytes_per_second;
  if (!short_enough) link_duration(link, bytes, worker);
}

/// A value for each worker, stored once for all workers that share it.
template <class T>
class PerWorker {
 public:
  /// One value a worker, or a single one for all of any number of workers.
  explicit PerWorker(std::vector<T> values) : values_(std::move(values)) {}
  /// Worker w has values[kind_of_worker[w]]; every index is below values.size().
  PerWorker(std::vector<T> values, std::vector<uint32_t> kind_of_worker)
      : values_(std::move(values)), kind_of_worker_(std::move(kind_of_worker)) {
    bool own = kind_of_worker_.size() == values_.size();  // of every worker one: then the list says nothing
    for (size_t w = 0; own && w < kind_of_worker_.size(); ++w) own = kind_of_worker_[w] == w;
    if (own) kind_of_worker_ = {};
  }
  size_t kind(WorkerId worker) const {
    if (values_.size() == 1) return 0;
    const auto w = static_cast<size_t>(worker);
    return kind_of_worker_.empty() ? w : kind_of_worker_[w];
  }
  const T& operator[](WorkerId worker) const { return values_[kind(worker)]; }
  const std::vector<T>& values() const { return values_; }
  /// What a message calls the holder of values()[i].
  std::string name(size_t i) const {
    return (kind_of_worker_.empty() ? "worker " : "worker kind ") + std::to_string(i);
  }

 private:
  std::vector<T> values_;
  std::vector<uint32_t> kind_of_worker_;
};

}  // namespace sim
