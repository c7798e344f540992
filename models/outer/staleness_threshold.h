#pragma once
#include <cstdint>
#include <string_view>

namespace models {

/// A pseudo-gradient with staleness s > `staleness` is dropped: nothing is applied, its local steps count as spent.
/// With Poly in front it is PolyThres of Liu et al. 2024, Fig. 8. It decides by the clock alone, so the clock does
/// and no Correction is made of it. A threshold above every staleness changes nothing.
struct StalenessThresholdConfig {
  static constexpr std::string_view kind = "threshold";
  int64_t staleness = 10;
};

}  // namespace models
