#pragma once
#include <memory>
#include <string_view>

#include "models/outer/correction.h"

namespace models {

/// g ← g + (θ_now − θ_dispatch) = θ_now − θ_worker: the pseudo-gradient is against what the server has now, so a worker
/// that missed updates pulls it back to where it began. With θ_now = θ_dispatch it changes no value. Source: Decoupled
/// DiLoCo, arXiv:2604.21428, known from re-implementations.
struct PresentAnchorConfig {
  static constexpr std::string_view kind = "present-anchor";
};
template <class V>
void fields(V&, PresentAnchorConfig&) {}
std::unique_ptr<Correction> make(const PresentAnchorConfig&);

}  // namespace models
