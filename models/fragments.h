#pragma once
#include <array>
#include <cstdint>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

#include "models/params.h"

namespace models {

/// Tensors that travel together, and how they lie in a vector of their own.
struct Fragment {
  std::vector<size_t> tensors;  ///< of the whole layout, ascending
  ParamLayout layout;
  size_t part = 0;   ///< of the P that leave one after another
  size_t layer = 0;  ///< by layer: the block; tensors before the first block go with it, those after the last with that
};

/// Which pieces go into which fragment; a piece is a transformer block, or a tensor outside of the blocks.
enum class FragmentCut {
  strided,     ///< piece i into fragment i mod P (Streaming DiLoCo)
  sequential,  ///< pieces in a row, as equal in number as can be
  balanced     ///< the largest piece first, into what is the smallest fragment until then (Decoupled DiLoCo)
};
constexpr auto names_of(FragmentCut) {
  return std::array{std::pair{FragmentCut::strided, "strided"}, std::pair{FragmentCut::sequential, "sequential"},
                    std::pair{FragmentCut::balanced, "balanced"}};
}

/// Parts of the model that travel by themselves, one after another.
struct FragmentsConfig {
  int64_t count = 2;  ///< P
  FragmentCut cut = FragmentCut::strided;
  bool by_layer = false;
};
template <class V>
void fields(V& v, FragmentsConfig& c) {
  v.field("count", c.count, V::between(1, 1000), "", "P, in how many parts the model travels; it must divide H");
  v.field("cut", c.cut, V::any(), "",
          "Which blocks, and tensors outside of blocks, go into which fragment: strided (i mod P), sequential, or "
          "balanced by size");
  v.field("by_layer", c.by_layer, V::any(), "",
          "Messages overlap with computing: what a block has changed leaves when its backward pass is over, and only "
          "its forward pass waits for the answer; otherwise all leaves at a step's end and is there before the next");
}

/// How many pieces a layout has: the most fragments that it can be cut into.
int64_t pieces(const ParamLayout&);
/// How many blocks it has; one without blocks counts as one.
size_t layers(const ParamLayout&);
/// Every tensor is in exactly one of the fragments, none of which is empty; one fragment has the whole layout. By layer
/// the parts are cut further, by their layers. Throws std::invalid_argument unless 1 ≤ count ≤ pieces.
std::vector<Fragment> cut(const ParamLayout&, const FragmentsConfig&);

/// The fragment's values, of the model, into a vector of its own; gaps are left as they are.
void gather(const ParamLayout& whole, const Fragment&, std::span<const float> model, std::span<float> part);
/// And back.
void scatter(const ParamLayout& whole, const Fragment&, std::span<const float> part, std::span<float> model);

}  // namespace models
