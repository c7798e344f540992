#pragma once
#include <cstddef>
#include <cstdint>
#include <variant>
#include <vector>

#include "sim/clock/counters.h"

namespace sim {

/// What happens to models, in the order in which it happens; no number in it comes from training. The clock writes it,
/// a player trains it. A policy that reads learned numbers would have to cut the score at the action that makes them.

/// The worker trains: so many inner steps on the shard's examples from `first_example` on.
struct Train {
  NodeId worker = 0;
  NodeId server = 0;
  int shard = 0;
  int64_t first_example = 0;
  int64_t steps = 0;
  /// It begins with its server's model of this moment, or of its Answer where there was one, and ends with its
  /// pseudo-gradient. Otherwise the worker goes on from where it stands.
  bool whole_round = true;
};

/// A pseudo-gradient about to be applied: a worker's, or what a server has sent.
struct Delivery {
  NodeId from = 0;
  int64_t staleness = 0;  ///< server updates of the fragment between the worker's dispatch and now
};

/// These pseudo-gradients, made one, go to the server's outer rule.
struct Apply {
  NodeId server = 0;
  FragmentId fragment = 0;
  std::vector<Delivery> batch;
  Counters at;  ///< afterwards
};

/// The worker's pseudo-gradient is lost or thrown away; its optimizer state stays with the worker.
struct Drop {
  NodeId worker = 0;
  FragmentId fragment = 0;
};

/// The worker has crashed in the middle of its round: the round is given up, and with it the worker's memory.
struct Forget {
  NodeId worker = 0;
};

/// What the node has changed of the fragment since its last Merge, or since the beginning, leaves for its parent.
struct Send {
  NodeId from = 0;
  FragmentId fragment = 0;
};

/// The parent's model of this moment leaves for a server, for a worker whose steps are not known yet, or for one that
/// trains on.
struct Answer {
  NodeId to = 0;
  NodeId server = 0;  ///< whose
  FragmentId fragment = 0;
};

/// The node takes over what the last Answer sent it.
struct Merge {
  NodeId into = 0;
  FragmentId fragment = 0;
};

/// The root's model of this moment is evaluated.
struct Evaluate {
  Counters at;
};

using Action = std::variant<Train, Apply, Drop, Forget, Send, Answer, Merge, Evaluate>;
using Score = std::vector<Action>;

/// For every Train when its round is asked for, which is never (Time::max()) for those under way at the end.
std::vector<Time> due_times(const Score&);

/// Where a player stands after the score's first `actions` actions.
struct Played {
  std::vector<Counters> evaluated;
  size_t applied = 0;  ///< pseudo-gradients of workers
};
Played played(const Score&, size_t actions);

}  // namespace sim
