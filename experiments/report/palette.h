#pragma once
#include <array>
#include <cstddef>
#include <string_view>

namespace experiments {

/// One colour a method, the same in every chart and in the page. Source: Okabe & Ito 2008, safe for colour-blind
/// readers; black is a grey here, which shows on white and on black, and yellow, faint on white, is last.
inline constexpr std::array<std::string_view, 8> kMethodColours = {"#0072B2", "#D55E00", "#009E73", "#CC79A7",
                                                                   "#E69F00", "#56B4E9", "#7F7F7F", "#B8A900"};
inline std::string_view method_colour(size_t method) { return kMethodColours[method % kMethodColours.size()]; }
/// From the ninth method on colours return with another dash pattern (0 is solid).
inline size_t method_dash(size_t method) { return method / kMethodColours.size() % 4; }

/// Compute, upload, download, wait, down.
inline constexpr std::array<std::string_view, 5> kActivityColours = {"#2A9D6F", "#E69F00", "#56B4E9", "#D0D3D8",
                                                                     "#A03C3C"};

}  // namespace experiments
