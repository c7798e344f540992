#pragma once
#include <algorithm>
#include <cstddef>
#include <vector>

#include "sim/network/network.h"

namespace sim {

/// For each route of `nodes` nodes, the messages on it in the order in which they may use it: the first has it, the
/// others wait. Needed only where a node may have several messages under way.
template <class Entry>
class RouteQueues {
 public:
  explicit RouteQueues(size_t nodes) : lines_(2 * nodes) {}
  /// Whether the entry is first: the route is its own now.
  bool enter(NodeId child, Direction direction, const Entry& entry) {
    auto& line = lines_[of(child, direction)];
    line.push_back(entry);
    return line.size() == 1;
  }
  /// The message, wherever it stands, leaves. If it was the first: the next one, or null.
  const Entry* leave(NodeId child, Direction direction, MessageId message) {
    auto& line = lines_[of(child, direction)];
    const auto gone = std::find_if(line.begin(), line.end(), [&](const Entry& e) { return e.message == message; });
    const bool first = gone == line.begin();
    line.erase(gone);
    return first && !line.empty() ? &line.front() : nullptr;
  }
  /// Whether the route is the message's own.
  bool has(NodeId child, Direction direction, MessageId message) const {
    const auto& line = lines_[of(child, direction)];
    return !line.empty() && line.front().message == message;
  }

 private:
  static size_t of(NodeId child, Direction direction) {
    return 2 * static_cast<size_t>(child) + (direction == Direction::upload);
  }
  std::vector<std::vector<Entry>> lines_;
};

}  // namespace sim
