#pragma once
#include <string_view>

#include "models/outer/reduction.h"

namespace models {

/// Tensor by tensor, radius and direction apart: with φ(x) = x/|x| and weights w_i = tokens_i · (tokens_i / steps_i),
///   g = (Σ w_i |g_i| / Σ w_i) · φ(Σ w_i φ(g_i) / Σ w_i);
/// embeddings: Σ w_i g_i / Σ w_i. One g, or equal ones, are not changed; opposite ones of equal weight give 0. Source:
/// Decoupled DiLoCo, arXiv:2604.21428, whose radial part is as re-implementations have it.
struct RadialDirectionalConfig {
  static constexpr std::string_view kind = "radial-directional";
};
template <class V>
void fields(V&, RadialDirectionalConfig&) {}
std::unique_ptr<Reduction> make(const RadialDirectionalConfig&, const ParamLayout&);

}  // namespace models
