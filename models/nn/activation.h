#pragma once
#include "models/nn/tensors.h"
#include "models/nn/transformer_config.h"

namespace models {

/// active [N, F] = f(hidden), hidden [N, F], or [N, 2F] as gate | up for swiglu. With `keep`, hidden is overwritten by
/// the derivatives that activation_backward needs; `active` may be hidden where `keep` is false and there is no gate.
template <class S>
void activation_forward(Activation kind, Rows<S> hidden, Rows<S> active, bool keep);

/// hidden, as activation_forward left it, becomes its own gradient.
template <class S>
void activation_backward(Rows<S> hidden, const ConstRows<S>& dactive);

}  // namespace models
