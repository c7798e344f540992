#pragma once
#include <cstdint>
#include <memory>
#include <span>
#include <string>

#include "models/params.h"

namespace models {

/// Shown what a rule remembers between updates, by name: to save it, to restore it, to tell its size. Vectors may have
/// any length, none while there is nothing to remember.
class StateVisitor {
 public:
  virtual ~StateVisitor() = default;
  virtual void count(const std::string& name, int64_t&) = 0;
  virtual void vector(const std::string& name, Params&) = 0;
};

/// What a rule may know of its run when it is made.
struct RuleContext {
  const ParamLayout* layout = nullptr;  ///< of the model; outlives the rule
  int64_t workers = 1;
  int64_t planned_updates = 1;  ///< server updates, where every worker does one step each
};

/// What one server update does to the model. A rule owns its momentum and buffers; it knows nothing of workers or time.
/// θ is what is evaluated and what the final weights are; a rule that moves other points keeps them in its state.
class OuterRule {
 public:
  virtual ~OuterRule() = default;
  /// θ ← θ updated with pseudo-gradient g = (what was dispatched − θ after local training), already weighted or
  /// averaged. Lengths are equal and the same in every call.
  virtual void apply(std::span<float> params, std::span<const float> gradient) = 0;
  /// What a worker that is sent the model now starts from, where that is not θ = `params` itself; empty: θ.
  virtual Params dispatched([[maybe_unused]] std::span<const float> params) const { return {}; }
  /// How many pseudo-gradients make one update of θ: 1, or the size of the rule's buffer.
  virtual int64_t gradients_per_update() const { return 1; }
  /// The outer momentum m as the next update will find it; empty while there is none.
  virtual std::span<const float> momentum() const { return {}; }
  /// Shows everything that the next update depends on besides θ and g. A fresh rule of the same config that is given
  /// these values goes on as this one would.
  virtual void visit(StateVisitor&) = 0;
};

}  // namespace models
