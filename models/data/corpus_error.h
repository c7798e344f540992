#pragma once
#include <stdexcept>

namespace models {

/// A corpus that cannot be used: names the file (and line), what was found, what is allowed.
struct CorpusError : std::runtime_error {
  using std::runtime_error::runtime_error;
};

}  // namespace models
