#pragma once
#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "sim/units.h"

namespace sim {

/// A value for each worker, stored once for all workers that share it.
template <class T>
class PerWorker {
 public:
  /// The same, T's default, for any number of workers.
  PerWorker() : values_(1) {}
  /// One value per worker, or a single one for all of any number of workers.
  explicit PerWorker(std::vector<T> values) : values_(std::move(values)) {}
  /// Worker w has values[kind_of_worker[w]]; every index is below values.size().
  PerWorker(std::vector<T> values, std::vector<uint32_t> kind_of_worker)
      : values_(std::move(values)), kind_of_worker_(std::move(kind_of_worker)) {
    bool own = kind_of_worker_.size() == values_.size();  // of every worker one: then the list says nothing
    for (size_t w = 0; own && w < kind_of_worker_.size(); ++w) own = kind_of_worker_[w] == w;
    if (own) kind_of_worker_ = {};
  }
  size_t kind(NodeId worker) const {
    if (values_.size() == 1) return 0;
    const auto w = static_cast<size_t>(worker);
    return kind_of_worker_.empty() ? w : kind_of_worker_[w];
  }
  const T& operator[](NodeId worker) const { return values_[kind(worker)]; }
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
