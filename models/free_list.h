#pragma once
#include <memory>
#include <mutex>
#include <vector>

namespace models {

/// Scratch objects shared by whichever threads need one now: as many exist as were ever in use at the same time.
template <class T>
class FreeList {
 public:
  /// Returns itself to the list when destroyed.
  class Loan {
   public:
    Loan(FreeList& list, std::unique_ptr<T> item) : list_(list), item_(std::move(item)) {}
    ~Loan() { list_.give_back(std::move(item_)); }
    Loan(const Loan&) = delete;
    Loan& operator=(const Loan&) = delete;
    T* operator->() const { return item_.get(); }
    T& operator*() const { return *item_; }

   private:
    FreeList& list_;
    std::unique_ptr<T> item_;
  };

  /// An idle object, or what `make` returns.
  template <class Make>
  Loan borrow(Make&& make) {
    {
      const std::lock_guard lock(mutex_);
      if (!idle_.empty()) {
        std::unique_ptr<T> item = std::move(idle_.back());
        idle_.pop_back();
        return Loan(*this, std::move(item));
      }
    }
    return Loan(*this, make());
  }

 private:
  void give_back(std::unique_ptr<T> item) {
    const std::lock_guard lock(mutex_);
    idle_.push_back(std::move(item));
  }
  std::mutex mutex_;
  std::vector<std::unique_ptr<T>> idle_;
};

}  // namespace models
