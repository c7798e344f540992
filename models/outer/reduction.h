#pragma once
#include <memory>
#include <span>

#include "models/outer/outer_rule.h"

namespace models {

/// One of the pseudo-gradients that are applied together.
struct Contribution {
  std::span<float> gradient;
  int64_t worker = 0;
  int64_t steps = 1;   ///< local steps in it, at least 1
  int64_t tokens = 1;  ///< likewise
};

/// Makes one pseudo-gradient of a batch of them.
class Reduction {
 public:
  virtual ~Reduction() = default;
  /// The batch's pseudo-gradient, in the first one's memory. Added up in the order given, so the bits
  /// depend on that. Precondition: at least one; lengths are equal.
  virtual std::span<const float> reduce(std::span<const Contribution>) = 0;
  /// As of an OuterRule.
  virtual void visit(StateVisitor&) {}
};

}  // namespace models
