#pragma once
#include <array>
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace experiments {

/// A method's lines have one colour and one dash in every chart of every experiment and in the page: a slot, 0 … 31,
/// which its name decides. The colours are those of Okabe & Ito 2008, safe for colour-blind readers (black is a grey
/// here, which shows on white and on black, and yellow is darker), in an order in which neighbours also differ in
/// print without colour; dashes tell apart those that do not.
inline constexpr std::array<std::string_view, 8> kMethodColours = {"#0072B2", "#E69F00", "#009E73", "#D55E00",
                                                                   "#56B4E9", "#CC79A7", "#7F7F7F", "#B8A900"};
inline constexpr size_t kMethodSlots = 32;
inline std::string_view slot_colour(size_t slot) { return kMethodColours[slot % kMethodColours.size()]; }
/// 0 is solid; of four.
inline size_t slot_dash(size_t slot) { return (slot + slot / kMethodColours.size()) % 4; }

/// The slots of a figure's methods, in their order. The methods that most experiments have keep theirs to themselves;
/// another that shares a slot with one before it moves to the next free one.
std::vector<size_t> method_slots(const std::vector<std::string>& names);

/// Compute, upload, download, wait, down: none is a method's.
inline constexpr std::array<std::string_view, 5> kActivityColours = {"#4B7F52", "#8E5EA2", "#7FB7BE", "#D0D3D8",
                                                                     "#8C2D2D"};

}  // namespace experiments
