#pragma once
#include <exception>
#include <functional>

namespace models {

/// A task ended early because nobody wants its result any more.
struct Cancelled : std::exception {
  const char* what() const noexcept override { return "cancelled"; }
};

/// Asked between steps of long work; true ends it with Cancelled.
using CancelCheck = std::function<bool()>;

}  // namespace models
