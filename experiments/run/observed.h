#pragma once
#include <atomic>

namespace experiments {

/// Passes calls to an observer on and remembers if one has thrown: that ends everything, where another exception in the
/// middle of a run is that run's own. Thread-safe.
class Observed {
 public:
  template <class Call>
  void operator()(Call&& call) {
    try {
      call();
    } catch (...) {
      ended_ = true;
      throw;
    }
  }
  bool ended() const { return ended_; }

 private:
  std::atomic<bool> ended_{false};
};

}  // namespace experiments
