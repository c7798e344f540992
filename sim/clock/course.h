#pragma once
#include <algorithm>
#include <cassert>
#include <cstdint>
#include <limits>
#include <optional>
#include <vector>

#include "sim/units.h"

namespace sim {

/// Workers train on while their messages travel.
struct Overlap {
  /// Local steps between a message's leaving and the taking over of its answer, which is waited for then; none: as many
  /// as until the same fragment leaves again.
  std::optional<int64_t> steps;
};

/// The way of a worker that trains on while its messages travel: after which local step each fragment leaves, and after
/// which one its answer is taken over. Knows no time. At one step what leaves comes before what is taken over, as in
/// Streaming DiLoCo (Douillard et al. 2025).
class Course {
 public:
  enum class Do : uint8_t { wait, merge, send, train };
  struct Next {
    Do what = Do::wait;
    FragmentId fragment = 0;  ///< not of train
    int64_t steps = 0;        ///< of train; 0: until somebody asks for a fragment
  };

  /// `when_asked`: fragments leave when the server asks for them, and answers are taken over at once, never waited for.
  Course(int fragments, std::optional<Overlap> overlap, bool when_asked)
      : parts_(static_cast<size_t>(fragments)), overlap_(overlap.value_or(Overlap{0})), when_asked_(when_asked) {}

  /// What comes now; it is to be done, and told below, before the next question.
  Next next() const {
    for (FragmentId f = 0; f < count(); ++f)
      if (!part(f).held) return {part(f).landed ? Do::merge : Do::wait, f, 0};
    if (when_asked_) return next_when_asked();
    if (done_ == send_at_) return {part(leaving_).away && !part(leaving_).landed ? Do::wait : Do::send, leaving_, 0};
    int64_t until = send_at_;
    for (FragmentId f = 0; f < count(); ++f) {
      const Part& p = part(f);
      if (!p.away) continue;
      if (p.merge_at <= done_) return {p.landed ? Do::merge : Do::wait, f, 0};
      until = std::min(until, p.merge_at);
    }
    return {Do::train, 0, until - done_};
  }

  /// This fragment leaves next, after so many steps; where the server asks, whichever it asks for, and not before.
  void stretch(FragmentId leaving, int64_t steps) {
    leaving_ = leaving;
    send_at_ = done_ + steps;
  }
  void trained(int64_t steps) { done_ += steps; }
  void ask(FragmentId f) { asked_ = f; }
  /// The fragment leaves, or, where the worker was too slow for its turn, is on its way from the server.
  void left(FragmentId f) {
    part(f).away = true;
    part(f).landed = false;
    part(f).merge_at = overlap_.steps ? done_ + *overlap_.steps : std::numeric_limits<int64_t>::max();
    if (asked_ == f) asked_ = -1;
  }
  void land(FragmentId f) { part(f).landed = true; }
  bool landed(FragmentId f) const { return part(f).landed; }
  void merged(FragmentId f) {
    part(f) = {.held = true, .away = false, .landed = false, .merge_at = 0, .merged_at = done_};
  }
  /// Its worker has crashed and begins anew with what it is sent.
  void lose() {
    std::fill(parts_.begin(), parts_.end(), Part{});
    asked_ = -1;
  }
  /// Whether every fragment has been taken over since the beginning or the last loss.
  bool whole() const {
    return std::all_of(parts_.begin(), parts_.end(), [](const Part& p) { return p.held; });
  }

 private:
  struct Part {
    bool held = false;    // the worker has it
    bool away = false;    // a message about it is under way
    bool landed = false;  // and its answer has come
    int64_t merge_at = 0;
    int64_t merged_at = 0;
  };
  FragmentId count() const { return static_cast<FragmentId>(parts_.size()); }
  Part& part(FragmentId f) { return parts_[static_cast<size_t>(f)]; }
  const Part& part(FragmentId f) const { return parts_[static_cast<size_t>(f)]; }

  Next next_when_asked() const {
    for (FragmentId f = 0; f < count(); ++f)
      if (part(f).landed) return {Do::merge, f, 0};
    if (asked_ < 0 || part(asked_).away) return {Do::train, 0, 0};
    const int64_t earliest = std::max(send_at_, part(asked_).merged_at + 1);
    if (done_ >= earliest) return {Do::send, asked_, 0};
    return {Do::train, 0, count() == 1 ? earliest - done_ : 1};  // step by step where something else may land
  }

  std::vector<Part> parts_;
  Overlap overlap_;
  bool when_asked_;
  FragmentId asked_ = -1;
  FragmentId leaving_ = 0;
  int64_t done_ = 0;     // steps
  int64_t send_at_ = 0;  // of them
};

}  // namespace sim
