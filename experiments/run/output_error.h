#pragma once
#include <stdexcept>

namespace experiments {

/// A place that cannot be written to: names it and says why.
struct OutputError : std::runtime_error {
  using std::runtime_error::runtime_error;
};

}  // namespace experiments
