#pragma once
#include <cstddef>
#include <cstdint>
#include <new>
#include <string>
#include <string_view>
#include <vector>

#include "models/large_blocks.h"

namespace models {

/// std::vector storage on 64-byte boundaries: Eigen's bits depend on alignment, so every hot buffer starts on a cache
/// line.
template <class T>
struct AlignedAllocator {
  using value_type = T;
  AlignedAllocator() = default;
  template <class U>
  AlignedAllocator(const AlignedAllocator<U>&) {}
  T* allocate(size_t n) {
    const size_t bytes = n * sizeof(T);
    return static_cast<T*>(bytes < kLargeBlock ? ::operator new (bytes, std::align_val_t{64})
                                               : take_large_block(bytes));
  }
  void deallocate(T* p, size_t n) {
    if (n * sizeof(T) < kLargeBlock)
      ::operator delete (p, std::align_val_t{64});
    else
      give_back_large_block(p, n * sizeof(T));
  }
  friend bool operator==(const AlignedAllocator&, const AlignedAllocator&) { return true; }
};

/// All parameters of a model, flat, P floats. The server's θ, gradients and moments all have this type.
using Params = std::vector<float, AlignedAllocator<float>>;

/// What a tensor does in its model. Matrices (the first three) decay and are multiplied; norms and biases are not.
enum class TensorRole { hidden, embedding, head, norm, bias };

/// One named tensor inside the flat vector, row-major.
struct TensorSpec {
  std::string name;            ///< as in the weights file, e.g. "blocks.0.attn.q.weight"
  std::vector<int64_t> shape;  ///< linear weights are [out, in]
  size_t offset = 0;           ///< first element in the flat vector, a multiple of 16
  size_t size = 0;             ///< product of shape
  TensorRole role = TensorRole::hidden;

  bool is_matrix() const { return role != TensorRole::norm && role != TensorRole::bias; }
};

/// Where each tensor of a model lies. Tensors start on 64-byte boundaries; the gaps are zero and stay zero.
class ParamLayout {
 public:
  /// Appends a tensor and returns its offset.
  size_t add(std::string name, std::vector<int64_t> shape, TensorRole);
  const std::vector<TensorSpec>& tensors() const { return tensors_; }
  /// nullptr when there is none of that name.
  const TensorSpec* find(std::string_view name) const;
  /// Length of the flat vector, gaps included.
  size_t size() const { return size_; }
  /// Number of real parameters P, gaps excluded.
  size_t parameters() const;

 private:
  std::vector<TensorSpec> tensors_;
  size_t size_ = 0;
};

}  // namespace models
