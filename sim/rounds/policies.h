#pragma once
#include <cstdint>
#include <memory>
#include <string_view>
#include <variant>

#include "sim/rounds/round_policy.h"

namespace sim {

struct BarrierConfig {
  static constexpr std::string_view kind = "barrier";
};
template <class V>
void fields(V&, BarrierConfig&) {}
inline std::unique_ptr<RoundPolicy> make(const BarrierConfig&, int workers) { return make_barrier(workers); }

struct GraceWindowConfig {
  static constexpr std::string_view kind = "grace-window";
  double seconds = 0.0;
  GraceMode mode = GraceMode::wait;
};
template <class V>
void fields(V& v, GraceWindowConfig& c) {
  v.field("seconds", c.seconds, V::between(0, 1e6), "s",
          "τ_grace: how long after the first arrival others may join before all are sent the new model");
  v.field("mode", c.mode, V::any(), "",
          "wait: the window closes at its end; lookahead: at its last arrival (the paper's simulation)");
}
inline std::unique_ptr<RoundPolicy> make(const GraceWindowConfig& c, int /*workers*/) {
  return make_grace_window(from_seconds(c.seconds), c.mode);
}

struct QuorumConfig {
  static constexpr std::string_view kind = "quorum";
  int64_t workers = 1;   ///< how many must have arrived
  double seconds = 0.0;  ///< after the round's beginning
};
template <class V>
void fields(V& v, QuorumConfig& c) {
  v.field("workers", c.workers, V::between(1, 1e7).needed(), "workers",
          "How many must have arrived for a round to close without the others; at most all workers");
  v.field("seconds", c.seconds, V::between(0, 1e6).needed(), "s",
          "How long after its beginning a round waits for everyone; then the quorum is enough and whoever arrives "
          "later is dropped");
}
inline std::unique_ptr<RoundPolicy> make(const QuorumConfig& c, int workers) {
  return make_quorum(workers, static_cast<int>(c.workers), from_seconds(c.seconds));
}

/// Where workers train on until the server asks; H/P local steps lie between two fragments that a worker sends.
struct PullConfig {
  static constexpr std::string_view kind = "pull";
  int64_t quorum = 1;  ///< Q
  double grace = 1.0;  ///< γ
  double depth = 2.0;  ///< d
};
template <class V>
void fields(V& v, PullConfig& c) {
  v.field("quorum", c.quorum, V::between(1, 1e7), "workers", "Q, how many must have sent the fragment; at most all");
  v.field("grace", c.grace, V::between(0, 1000), "",
          "γ: after the quorum others are waited for by γ(d·step − quorum's time − travel), from 0 to a step");
  v.field("depth", c.depth, V::between(0, 1000), "steps", "d, how many local steps an exchange may take");
}
/// One for all fragments.
inline std::unique_ptr<RoundPolicy> make(const PullConfig& c, int workers, int fragments) {
  return make_pull(workers, fragments, static_cast<int>(c.quorum), c.grace, c.depth);
}
inline std::unique_ptr<RoundPolicy> make(const PullConfig& c, int workers) { return make(c, workers, 1); }

/// Every round policy there is.
using PolicyConfig = std::variant<BarrierConfig, GraceWindowConfig, QuorumConfig, PullConfig>;

}  // namespace sim
