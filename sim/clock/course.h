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

/// Where in a local step messages leave and answers are needed. A step is so many parts of equal time, those of the
/// forward pass first. What a layer has changed leaves when its backward pass is over, not at the end of the step, and
/// its answer is needed by its forward pass, not by the step's beginning: reductions overlap with computing, as in
/// PyTorch's buckets (Li et al. 2020, "PyTorch Distributed") and in the simulator of Streaming DiLoCo.
struct StepPhases {
  /// Of a fragment.
  struct Use {
    FragmentId turn = 0;  ///< those of one turn leave in the same step, turn after turn
    int ready = 1;        ///< it leaves after so many parts of the step, more than those of the forward pass
    int needed = 0;       ///< its answer is needed after so many parts, fewer than those of the forward pass
  };
  int parts = 1, forward = 1;
  std::vector<Use> fragments;

  FragmentId turns() const {
    FragmentId most = 0;
    for (const Use& use : fragments) most = std::max(most, use.turn);
    return most + 1;
  }
  /// A step in one: every fragment has a turn of its own, leaves at the end, and is needed at the beginning.
  static StepPhases whole(int fragments) {
    StepPhases phases;
    phases.fragments.resize(static_cast<size_t>(fragments));
    for (size_t f = 0; f < phases.fragments.size(); ++f) phases.fragments[f].turn = static_cast<FragmentId>(f);
    return phases;
  }
};

/// What of steps comes one after another: shares of a step at both ends.
struct SomeSteps {
  bool begun = false;  ///< the forward pass of the first is over
  double first = 0;    ///< the rest of a step, or some of it; 0: none is in progress
  int64_t whole = 0;
  double last = 0;
};

/// The way of a worker that trains on while its messages travel: after which part of which local step each fragment
/// leaves, and before which its answer is taken over. Knows no time. At one point what leaves comes before what is
/// taken over, as in Streaming DiLoCo (Douillard et al. 2025).
class Course {
 public:
  enum class Do : uint8_t { wait, merge, send, train };
  struct Next {
    Do what = Do::wait;
    FragmentId fragment = 0;  ///< not of train
    int64_t parts = 0;        ///< of train; 0: until somebody asks for a fragment
  };

  /// `when_asked`: fragments leave when the server asks for them, and answers are taken over at once, never waited for;
  /// a step is in one then. `phases` outlives this.
  Course(const StepPhases& phases, std::optional<Overlap> overlap, bool when_asked)
      : phases_(&phases),
        fragments_(phases.fragments.size()),
        overlap_(overlap.value_or(Overlap{0})),
        when_asked_(when_asked) {}

  /// What comes now; it is to be done, and told below, before the next question.
  Next next() const {
    for (FragmentId f = 0; f < count(); ++f)
      if (!of(f).held) return {of(f).landed ? Do::merge : Do::wait, f, 0};
    if (when_asked_) return next_when_asked();
    int64_t until = std::numeric_limits<int64_t>::max();
    for (FragmentId f = 0; f < count(); ++f) {
      if (!of(f).due) continue;
      const int64_t ready = (send_at_ - 1) * phases_->parts + use(f).ready;
      if (ready <= done_) return {of(f).away && !of(f).landed ? Do::wait : Do::send, f, 0};
      until = std::min(until, ready);
    }
    for (FragmentId f = 0; f < count(); ++f) {
      if (!of(f).away) continue;
      if (of(f).merge_at <= done_) return {of(f).landed ? Do::merge : Do::wait, f, 0};
      until = std::min(until, of(f).merge_at);
    }
    return {Do::train, 0, until - done_};
  }

  /// This turn comes next, after so many steps; where the server asks, whichever fragment it asks for, and not before.
  void stretch(FragmentId turn, int64_t steps) {
    send_at_ = steps_done() + steps;
    for (FragmentId f = 0; f < count(); ++f) of(f).due = use(f).turn == turn;
  }
  void trained(int64_t parts) { done_ += parts; }
  /// Of how many steps the forward pass ends within the next parts: from then on nothing taken over changes them.
  int64_t steps_begun_within(int64_t parts) const { return begun(done_ + parts) - begun(done_); }
  /// So many parts as whole steps; 0 where they are none.
  int64_t steps(int64_t parts) const { return parts % phases_->parts == 0 ? parts / phases_->parts : 0; }
  SomeSteps some_steps(int64_t parts) const {
    const int64_t all = phases_->parts, in = done_ % all, first = in == 0 ? 0 : std::min(parts, all - in);
    const auto share = [&](int64_t n) { return static_cast<double>(n) / static_cast<double>(all); };
    return {in >= phases_->forward, share(first), (parts - first) / all, share((parts - first) % all)};
  }
  void ask(FragmentId f) { asked_ = f; }
  /// The fragment leaves, or, where the worker was too slow for its turn, is on its way from the server.
  void left(FragmentId f) {
    Fragment& fragment = of(f);
    fragment.away = true;
    fragment.landed = fragment.due = false;
    fragment.merge_at = overlap_.steps ? (steps_done() + *overlap_.steps) * phases_->parts + use(f).needed
                                       : std::numeric_limits<int64_t>::max();
    if (asked_ == f) asked_ = -1;
  }
  /// Whether all of its turn have left.
  bool turn_over() const {
    return when_asked_ || std::none_of(fragments_.begin(), fragments_.end(), [](const Fragment& f) { return f.due; });
  }
  void land(FragmentId f) { of(f).landed = true; }
  bool landed(FragmentId f) const { return of(f).landed; }
  void merged(FragmentId f) {
    of(f) = {.held = true, .away = false, .landed = false, .due = of(f).due, .merge_at = 0, .merged_at = done_};
  }
  /// Its worker has crashed and begins anew, with a step of its own, with what it is sent.
  void lose() {
    std::fill(fragments_.begin(), fragments_.end(), Fragment{});
    done_ = steps_done() * phases_->parts;
    asked_ = -1;
  }
  /// Whether every fragment has been taken over since the beginning or the last loss.
  bool whole() const {
    return std::all_of(fragments_.begin(), fragments_.end(), [](const Fragment& f) { return f.held; });
  }

 private:
  struct Fragment {
    bool held = false;    // the worker has it
    bool away = false;    // a message about it is under way
    bool landed = false;  // and its answer has come
    bool due = false;     // it is to leave in this turn
    int64_t merge_at = 0;
    int64_t merged_at = 0;
  };
  FragmentId count() const { return static_cast<FragmentId>(fragments_.size()); }
  Fragment& of(FragmentId f) { return fragments_[static_cast<size_t>(f)]; }
  const Fragment& of(FragmentId f) const { return fragments_[static_cast<size_t>(f)]; }
  const StepPhases::Use& use(FragmentId f) const { return phases_->fragments[static_cast<size_t>(f)]; }
  /// The step in progress counts.
  int64_t steps_done() const { return (done_ + phases_->parts - 1) / phases_->parts; }
  int64_t begun(int64_t parts) const { return (parts + phases_->parts - phases_->forward) / phases_->parts; }

  Next next_when_asked() const {
    for (FragmentId f = 0; f < count(); ++f)
      if (of(f).landed) return {Do::merge, f, 0};
    if (asked_ < 0 || of(asked_).away) return {Do::train, 0, 0};
    const int64_t earliest = std::max(send_at_, of(asked_).merged_at + 1);
    if (done_ >= earliest) return {Do::send, asked_, 0};
    return {Do::train, 0, count() == 1 ? earliest - done_ : 1};  // step by step where something else may land
  }

  const StepPhases* phases_;
  std::vector<Fragment> fragments_;
  Overlap overlap_;
  bool when_asked_;
  FragmentId asked_ = -1;
  int64_t done_ = 0;     // parts
  int64_t send_at_ = 0;  // steps after which the turn leaves
};

}  // namespace sim
