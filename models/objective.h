#pragma once
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <vector>

#include "models/free_list.h"
#include "models/params.h"
#include "models/random_source.h"

namespace models {

/// One batch. Language models: B sequences of T tokens, `inputs` and `targets` [B·T] row-major, targets one to the
/// right. Classifiers: B points, `features` [B, D], `targets` [B], T = 1, `inputs` empty.
struct Batch {
  int64_t sequences = 0;  ///< B
  int64_t length = 0;     ///< T
  std::vector<int32_t> inputs;
  std::vector<int32_t> targets;
  std::vector<float> features;
};

/// Scratch memory of one objective for one thread at a time; grows to the largest batch seen, then never allocates.
class Workspace {
 public:
  virtual ~Workspace() = default;
};

/// Takes a piece of a gradient: elements [first, first + piece.size()) of the flat vector.
using GradientSink = std::function<void(size_t first, std::span<const float> piece)>;

/// A differentiable training loss over flat float32 parameters. Thread-safe, and immutable but for the scratch, which
/// lives in Workspaces.
class Objective {
 public:
  virtual ~Objective() = default;
  virtual const ParamLayout& layout() const = 0;
  virtual void initialise(std::span<float> params, const RandomSource& random) const = 0;
  virtual std::unique_ptr<Workspace> workspace() const = 0;
  /// One that is idle, or a new one. Whoever trains or evaluates this objective shares them, so that there are as many
  /// as threads that do so at the same time.
  FreeList<Workspace>::Loan borrow_workspace() const {
    return workspaces_.borrow([this] { return workspace(); });
  }
  /// Mean loss in nats over all targets of the batch.
  virtual double loss(std::span<const float> params, const Batch& batch, Workspace& workspace) const = 0;
  /// The same, and overwrites `gradient` (length layout().size(), gaps zero) with its derivative.
  virtual double loss_and_gradient(std::span<const float> params, const Batch& batch, Workspace& workspace,
                                   std::span<float> gradient) const = 0;
  /// The same, but hands the gradient to `take` piece by piece, every tensor's elements once; `scratch` (length
  /// layout().size()) is overwritten at will. The parameters of a piece are not read once it is handed over, so `take`
  /// may change them: an optimizer's step while they and their gradient are in the cache.
  virtual double loss_and_gradient_pieces(std::span<const float> params, const Batch& batch, Workspace& workspace,
                                          std::span<float> scratch, const GradientSink& take) const {
    const double mean = loss_and_gradient(params, batch, workspace, scratch);
    take(0, scratch);
    return mean;
  }
  /// Multiply-adds ×2 of forward + backward per target, for throughput figures and hardware-based speeds.
  virtual double flops_per_target(int64_t length) const = 0;

 private:
  mutable FreeList<Workspace> workspaces_;
};

}  // namespace models
