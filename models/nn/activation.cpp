#include "models/nn/activation.h"

#include "models/nn/lanes.h"

namespace models {
namespace {

/// gelu, tanh form: x/2 · (1 + tanh u) with u = √(2/π) (x + 0.044715 x³) is x · sigmoid(2u), which needs no tanh.
template <class S>
struct Gelu {
  static void apply(Lanes<S> x, Lanes<S>& y, Lanes<S>& dy_dx) {
    constexpr S twice_root = S(1.5957691216057308), cubic = S(0.044715);  // 2 √(2/π)
    const Lanes<S> square = x * x;
    const Lanes<S> s = sigmoid_of<S>(x * (twice_root + (twice_root * cubic) * square));
    y = x * s;
    dy_dx = s + y * (S(1) - s) * (twice_root + (3 * twice_root * cubic) * square);
  }
};
template <class S>
struct Relu {
  static void apply(Lanes<S> x, Lanes<S>& y, Lanes<S>& dy_dx) {
    y = larger(x, Lanes<S>{});
    dy_dx = positive(x);
  }
};

template <class S, class Function>
void pointwise(int64_t rows, int64_t width, S* hidden, const S* bias, S* active, bool keep) {
  for (int64_t row = 0; row < rows; ++row, hidden += width, active += width)
    for_lanes<S>(width, [&](int64_t i, auto part) {
      Lanes<S> x = load<S>(hidden + i, part), y, derivative;
      if (bias) x += load<S>(bias + i, part);
      Function::apply(x, y, derivative);
      if (keep) store<S>(hidden + i, derivative, part);
      store<S>(active + i, y, part);
    });
}

/// silu(gate) ⊙ up with silu(x) = x · sigmoid(x).
template <class S>
void swiglu(int64_t rows, int64_t width, S* hidden, const S* gate_bias, const S* up_bias, S* active, bool keep) {
  for (int64_t row = 0; row < rows; ++row, hidden += 2 * width, active += width)
    for_lanes<S>(width, [&](int64_t i, auto part) {
      Lanes<S> gate = load<S>(hidden + i, part), up = load<S>(hidden + width + i, part);
      if (gate_bias) gate += load<S>(gate_bias + i, part);
      if (up_bias) up += load<S>(up_bias + i, part);
      const Lanes<S> s = sigmoid_of(gate), silu = gate * s;
      store<S>(active + i, silu * up, part);
      if (keep) {
        store<S>(hidden + i, up * (s + silu * (S(1) - s)), part);
        store<S>(hidden + width + i, silu, part);
      }
    });
}

}  // namespace

template <class S>
void activation_forward(Activation kind, int64_t rows, int64_t width, S* hidden, const S* bias, const S* up_bias,
                        S* active, bool keep) {
  switch (kind) {
    case Activation::gelu:
      return pointwise<S, Gelu<S>>(rows, width, hidden, bias, active, keep);
    case Activation::relu:
      return pointwise<S, Relu<S>>(rows, width, hidden, bias, active, keep);
    case Activation::swiglu:
      return swiglu(rows, width, hidden, bias, up_bias, active, keep);
  }
}

template <class S>
void activation_backward(Activation kind, int64_t rows, int64_t width, S* hidden, const S* dactive, S* dbias,
                         S* dup_bias) {
  const int64_t parts = kind == Activation::swiglu ? 2 : 1;
  for (int64_t row = 0; row < rows; ++row, dactive += width)
    for (int64_t part_index = 0; part_index < parts; ++part_index, hidden += width) {
      S* const sums = part_index ? dup_bias : dbias;
      for_lanes<S>(width, [&](int64_t i, auto part) {
        const Lanes<S> product = load<S>(hidden + i, part) * load<S>(dactive + i, part);
        store<S>(hidden + i, product, part);
        if (sums) store<S>(sums + i, load<S>(sums + i, part) + product, part);
      });
    }
}

#define STRAGGLE_INSTANTIATE(S)                                                                     \
  template void activation_forward(Activation, int64_t, int64_t, S*, const S*, const S*, S*, bool); \
  template void activation_backward(Activation, int64_t, int64_t, S*, const S*, S*, S*);
STRAGGLE_INSTANTIATE(float)
STRAGGLE_INSTANTIATE(double)
#undef STRAGGLE_INSTANTIATE

}  // namespace models
