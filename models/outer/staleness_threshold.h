#pragma once
#include <cstdint>
#include <memory>
#include <string_view>

#include "models/outer/correction.h"

namespace models {

/// A pseudo-gradient with staleness s > `staleness` is dropped: nothing is applied, its local steps count as spent.
/// With Poly in front it is PolyThres of Liu et al. 2024, Fig. 8. It decides by the clock alone, so the clock does
/// and no Correction is made of it. A threshold above every staleness changes nothing.
struct StalenessThresholdConfig {
  static constexpr std::string_view kind = "threshold";
  int64_t staleness = 10;
};
template <class V>
void fields(V& v, StalenessThresholdConfig& c) {
  v.field("staleness", c.staleness, V::at_least(0), "updates",
          "Largest staleness applied; what is staler is dropped, its local steps count as spent");
}
/// None: the clock drops what is staler.
inline std::unique_ptr<Correction> make(const StalenessThresholdConfig&) { return nullptr; }

}  // namespace models
