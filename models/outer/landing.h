#pragma once
#include <memory>
#include <span>
#include <string_view>

#include "models/outer/outer_rule.h"

namespace models {

/// What a worker that has trained on makes of its own values of a fragment when the answer to what it sent lands. One
/// per worker and fragment. All vectors have the fragment's length.
class Landing {
 public:
  virtual ~Landing() = default;
  /// `difference` leaves now, as its receiver will decode it: `start` − `local`. May move `local` already, which is then
  /// what the next difference is to. Returns whether it has.
  virtual bool sent([[maybe_unused]] std::span<float> local, [[maybe_unused]] std::span<const float> start,
                    [[maybe_unused]] std::span<const float> difference) {
    return false;
  }
  /// local ← what the worker goes on with. `start`: what the last difference was to.
  virtual void land(std::span<float> local, std::span<const float> start, std::span<const float> answer) = 0;
  /// Whether the next difference is to what the worker goes on with; else it is to the answer.
  virtual bool starts_from_local() const { return false; }
  /// As of an OuterRule.
  virtual void visit(StateVisitor&) {}
};

/// local ← answer: what was learned meanwhile is lost.
struct OverwriteConfig {
  static constexpr std::string_view kind = "overwrite";
};
template <class V>
void fields(V&, OverwriteConfig&) {}
std::unique_ptr<Landing> make(const OverwriteConfig&);

/// local ← α·local + (1 − α)·answer. α = 1: replicas never meet. Source: Streaming DiLoCo, Douillard et al. 2025,
/// arXiv:2501.18512.
struct MixConfig {
  static constexpr std::string_view kind = "mix";
  double local = 0.5;  ///< α
};
template <class V>
void fields(V& v, MixConfig& c) {
  v.field("local", c.local, V::between(0, 1), "", "α, share of the worker's own values; the rest is the server's");
}
std::unique_ptr<Landing> make(const MixConfig&);

/// local ← answer + λ(local − local when it was sent): what was learned meanwhile stays. Source: AsyncMesh
/// ("weight_update"), LOSCAR-SGD (λ = 1).
struct KeepDifferenceConfig {
  static constexpr std::string_view kind = "keep-difference";
  double share = 1.0;  ///< λ
};
template <class V>
void fields(V& v, KeepDifferenceConfig& c) {
  v.field("share", c.share, V::between(0, 1), "", "λ, how much of what was learned meanwhile is kept");
}
std::unique_ptr<Landing> make(const KeepDifferenceConfig&);

}  // namespace models
