#pragma once
#include <string_view>

#include "models/outer/correction.h"

namespace models {

/// Poly: g ← (1 + s)^(−a) g. Source: Xie, Koyejo, Gupta 2019, "Asynchronous federated optimization", §5.2; a = 0.5 as
/// in Liu et al. 2024, Fig. 8. With s = 0 or a = 0 it changes no bit.
struct PolyConfig {
  static constexpr std::string_view kind = "poly";
  double exponent = 0.5;  ///< a
};
template <class V>
void fields(V& v, PolyConfig& c) {
  v.field("exponent", c.exponent, V::at_least(0), "", "a: a pseudo-gradient of staleness s is scaled by (1 + s)^-a");
}
std::unique_ptr<Correction> make(const PolyConfig&);

}  // namespace models
