#pragma once
#include <algorithm>
#include <cstddef>
#include <vector>

#include "sim/network/network.h"

namespace sim {

/// For each route of `nodes` nodes, the messages on it in the order in which they may use it: the first has it, the
/// others wait. Where a node has one message only, all of them have their route, and nothing is kept.
template <class Entry>
class RouteQueues {
 public:
  RouteQueues(MessageNumbers numbers, size_t nodes) : numbers_(numbers), lines_(numbers.several() ? 2 * nodes : 0) {}
  /// Whether the entry is first: the route is its own now.
  bool enter(Direction direction, const Entry& entry) {
    if (lines_.empty()) return true;
    auto& line = lines_[of(direction, entry.message)];
    line.push_back(entry);
    return line.size() == 1;
  }
  /// The message, wherever it stands, leaves. If it was the first: the next one, or null.
  const Entry* leave(Direction direction, MessageId message) {
    if (lines_.empty()) return nullptr;
    auto& line = lines_[of(direction, message)];
    const auto gone = std::find_if(line.begin(), line.end(), [&](const Entry& e) { return e.message == message; });
    const bool first = gone == line.begin();
    line.erase(gone);
    return first && !line.empty() ? &line.front() : nullptr;
  }
  /// Whether the route is the message's own.
  bool has(Direction direction, MessageId message) const {
    return lines_.empty() || lines_[of(direction, message)].front().message == message;
  }

 private:
  size_t of(Direction direction, MessageId message) const {
    return 2 * static_cast<size_t>(numbers_.node(message)) + (direction == Direction::upload);
  }
  MessageNumbers numbers_;
  std::vector<std::vector<Entry>> lines_;
};

}  // namespace sim
