#include "models/fragments.h"

#include <algorithm>
#include <map>
#include <numeric>
#include <stdexcept>
#include <string>
#include <utility>

namespace models {
namespace {

struct Piece {
  std::vector<size_t> tensors;
  size_t size = 0;
  bool block = false;
};

constexpr std::string_view kBlocks = "blocks.";

/// "blocks.3" of a tensor in a block, else its whole name.
std::string_view piece_name(std::string_view tensor) {
  return tensor.starts_with(kBlocks) ? tensor.substr(0, tensor.find('.', kBlocks.size())) : tensor;
}

std::vector<Piece> pieces_of(const ParamLayout& layout) {
  std::vector<Piece> pieces;
  std::string_view last;
  for (size_t i = 0; i < layout.tensors().size(); ++i) {
    const TensorSpec& tensor = layout.tensors()[i];
    const std::string_view name = piece_name(tensor.name);
    if (pieces.empty() || name != last) pieces.emplace_back();
    last = name;
    pieces.back().tensors.push_back(i);
    pieces.back().size += tensor.size;
    pieces.back().block = tensor.name.starts_with(kBlocks);
  }
  return pieces;
}

size_t blocks_of(const std::vector<Piece>& pieces) {
  return static_cast<size_t>(std::count_if(pieces.begin(), pieces.end(), [](const Piece& p) { return p.block; }));
}

/// Of every piece, which fragment it goes into.
std::vector<size_t> assignment(const std::vector<Piece>& pieces, size_t count, FragmentCut cut) {
  std::vector<size_t> fragment(pieces.size());
  if (cut == FragmentCut::balanced) {
    std::vector<size_t> largest_first(pieces.size()), filled(count);
    std::iota(largest_first.begin(), largest_first.end(), size_t{0});
    std::stable_sort(largest_first.begin(), largest_first.end(),
                     [&](size_t a, size_t b) { return pieces[a].size > pieces[b].size; });
    for (const size_t piece : largest_first) {
      fragment[piece] = static_cast<size_t>(std::min_element(filled.begin(), filled.end()) - filled.begin());
      filled[fragment[piece]] += pieces[piece].size;
    }
    return fragment;
  }
  for (size_t i = 0; i < pieces.size(); ++i)
    fragment[i] = cut == FragmentCut::strided ? i % count : i * count / pieces.size();
  return fragment;
}

/// Calls back with where each tensor of the fragment lies in the model, where in its own vector, and its size.
template <class Visit>
void each_tensor(const ParamLayout& whole, const Fragment& fragment, Visit visit) {
  for (size_t i = 0; i < fragment.tensors.size(); ++i) {
    const TensorSpec& tensor = whole.tensors()[fragment.tensors[i]];
    visit(tensor.offset, fragment.layout.tensors()[i].offset, tensor.size);
  }
}

}  // namespace

int64_t pieces(const ParamLayout& layout) { return static_cast<int64_t>(pieces_of(layout).size()); }

size_t layers(const ParamLayout& layout) { return std::max<size_t>(1, blocks_of(pieces_of(layout))); }

std::vector<Fragment> cut(const ParamLayout& layout, const FragmentsConfig& config) {
  const std::vector<Piece> pieces = pieces_of(layout);
  if (config.count < 1 || config.count > static_cast<int64_t>(pieces.size()))
    throw std::invalid_argument("fragments: " + std::to_string(config.count) + " of a model of " +
                                std::to_string(pieces.size()) + " pieces; from 1 to as many as there are");
  const auto count = static_cast<size_t>(config.count);
  const std::vector<size_t> part = assignment(pieces, count, config.cut);
  std::map<std::pair<size_t, size_t>, Fragment> fragments;  // by part and layer
  size_t blocks = 0;                                        // begun
  for (size_t i = 0; i < pieces.size(); ++i) {
    blocks += pieces[i].block;
    const size_t layer = config.by_layer && blocks > 0 ? blocks - 1 : 0;
    Fragment& fragment = fragments[{part[i], layer}];
    fragment.part = part[i];
    fragment.layer = layer;
    for (const size_t tensor : pieces[i].tensors) {
      const TensorSpec& spec = layout.tensors()[tensor];
      fragment.tensors.push_back(tensor);
      fragment.layout.add(spec.name, spec.shape, spec.role);
    }
  }
  std::vector<Fragment> all;
  for (auto& [place, fragment] : fragments) all.push_back(std::move(fragment));
  return all;
}

void gather(const ParamLayout& whole, const Fragment& fragment, std::span<const float> model, std::span<float> part) {
  each_tensor(whole, fragment, [&](size_t in_whole, size_t in_part, size_t size) {
    std::ranges::copy(model.subspan(in_whole, size), part.subspan(in_part).begin());
  });
}

void scatter(const ParamLayout& whole, const Fragment& fragment, std::span<const float> part, std::span<float> model) {
  each_tensor(whole, fragment, [&](size_t in_whole, size_t in_part, size_t size) {
    std::ranges::copy(part.subspan(in_part, size), model.subspan(in_whole).begin());
  });
}

}  // namespace models
