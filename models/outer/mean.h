#pragma once
#include <string_view>

#include "models/outer/reduction.h"

namespace models {

/// g = Σg_i / n.
struct MeanConfig {
  static constexpr std::string_view kind = "mean";
};
template <class V>
void fields(V&, MeanConfig&) {}
std::unique_ptr<Reduction> make(const MeanConfig&, const ParamLayout&);

/// g = Σ tokens_i·g_i / Σ tokens_i; where all are as many it is the mean, to the bit. Source: balanced synchronous
/// rounds, arXiv:2609.18388.
struct ByTokensConfig {
  static constexpr std::string_view kind = "by-tokens";
};
template <class V>
void fields(V&, ByTokensConfig&) {}
std::unique_ptr<Reduction> make(const ByTokensConfig&, const ParamLayout&);

/// Each coordinate is the mean over those who sent it; a zero counts as not sent. Where nobody's is zero it is the
/// mean. Source: the production code of SparseLoCo, without its clipping to the median norm; the paper divides by n.
struct ContributorsConfig {
  static constexpr std::string_view kind = "contributors";
};
template <class V>
void fields(V&, ContributorsConfig&) {}
std::unique_ptr<Reduction> make(const ContributorsConfig&, const ParamLayout&);

}  // namespace models
