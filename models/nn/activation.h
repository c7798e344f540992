#pragma once
#include <cstdint>

#include "models/nn/transformer_config.h"

namespace models {

/// One pass over the MLP's hidden layer. `hidden` [rows, F], or [rows, 2F] as gate | up for swiglu, holds the products
/// without their biases (nullptr: none; for swiglu the gate's and the up's). Writes `active` [rows, F].
///
/// With `keep`, replaces hidden by the derivative of `active` by each of its columns, so that the backward pass is one
/// multiplication and evaluates no exponential. Without it, `active` may be `hidden` unless the activation is swiglu.
template <class S>
void activation_forward(Activation kind, int64_t rows, int64_t width, S* hidden, const S* bias, const S* up_bias,
                        S* active, bool keep);

/// hidden (the kept derivatives) *= dactive: now the gradient of the products. dbias, dup_bias += its column sums where
/// not null.
template <class S>
void activation_backward(Activation kind, int64_t rows, int64_t width, S* hidden, const S* dactive, S* dbias,
                         S* dup_bias);

}  // namespace models
