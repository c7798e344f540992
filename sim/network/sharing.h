#pragma once
#include <array>
#include <utility>

namespace sim {

/// How messages on a shared link share it.
enum class Sharing {
  fair,          ///< max-min fair
  rtt_weighted,  ///< max-min fair per weight, a flow's being 1 over its own link's round-trip time
  fifo           ///< one after another, first come first served
};
constexpr auto names_of(Sharing) {
  return std::array{std::pair{Sharing::fair, "fair"}, std::pair{Sharing::rtt_weighted, "rtt-weighted"},
                    std::pair{Sharing::fifo, "fifo"}};
}

}  // namespace sim
