#pragma once
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <vector>

#include "sim/huge_pages.h"

namespace sim {

/// The smallest of the keys of ids 0 … n − 1, which change in any order. Eight neighbours play for a place among eight
/// winners, and so on: a change touches its own cache line and then only those above it that it wins or gives up. A
/// heap would move ids about, at a wait for memory each. An id without a key has kNever, which loses to all others.
template <class Key>
class Tournament {
 public:
  static constexpr Key kNever =
      std::numeric_limits<Key>::has_infinity ? std::numeric_limits<Key>::infinity() : std::numeric_limits<Key>::max();

  /// Precondition: ids > 0.
  explicit Tournament(size_t ids) : keys_(ids, kNever) {
    for (size_t places = ids, first = 1; places > 1 || rounds_.empty();) {
      places = (places + kPlayers - 1) / kPlayers;
      first *= kPlayers;
      auto& winners = rounds_.emplace_back(places);
      for (size_t i = 0; i < places; ++i) winners[i] = {kNever, static_cast<uint32_t>(i * first)};
    }
  }
  /// Of the smallest key; any of them where several are equal.
  uint32_t top() const { return rounds_.back().front().id; }
  /// kNever where no id has a key.
  Key top_key() const { return rounds_.back().front().key; }

  void set(uint32_t id, Key key) {
    keys_[id] = key;
    size_t place = id;
    for (size_t round = 0; round < rounds_.size(); ++round) {
      place /= kPlayers;
      Winner& winner = rounds_[round][place];
      if (winner.id == id)
        winner = key <= winner.key ? Winner{key, id} : play(round, place);
      else if (key < winner.key)
        winner = {key, id};
      else
        return;
    }
  }
  /// Lowers every key by `amount`, which keeps their order; calls f(id) for each.
  template <class F>
  void lower_keys(Key amount, F&& f) {
    for (size_t i = 0; i < keys_.size(); ++i) {
      if (keys_[i] == kNever) continue;
      keys_[i] -= amount;
      f(static_cast<uint32_t>(i));
    }
    for (auto& winners : rounds_)
      for (Winner& winner : winners) winner.key = keys_[winner.id];
  }
  /// What set() of the id will touch, into the cache.
  [[gnu::always_inline]] void fetch(uint32_t id) const {
    __builtin_prefetch(&keys_[id], 1);
    size_t place = id;
    for (const auto& winners : rounds_) __builtin_prefetch(&winners[place /= kPlayers], 1);
  }

 private:
  static constexpr size_t kPlayers = 8;  // keys of a cache line
  struct Winner {
    Key key;
    uint32_t id;
  };
  /// The smallest of the eight that play for that place.
  Winner play(size_t round, size_t place) const {
    const size_t first = kPlayers * place;
    if (round == 0) {
      Winner best{keys_[first], static_cast<uint32_t>(first)};
      for (size_t i = first + 1, end = std::min(first + kPlayers, keys_.size()); i < end; ++i)
        if (keys_[i] < best.key) best = {keys_[i], static_cast<uint32_t>(i)};
      return best;
    }
    const auto& players = rounds_[round - 1];
    Winner best = players[first];
    for (size_t i = first + 1, end = std::min(first + kPlayers, players.size()); i < end; ++i)
      if (players[i].key < best.key) best = players[i];
    return best;
  }
  LargeVector<Key> keys_;
  std::vector<LargeVector<Winner>> rounds_;  // of each eight before; the last has one
};

}  // namespace sim
