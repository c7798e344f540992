#pragma once
#include <filesystem>
#include <string>
#include <vector>

#include "experiments/config/composing_keys.h"
#include "experiments/config/invalid_config.h"
#include "experiments/config/json_reader.h"

namespace experiments {

/// A document with its composing keys resolved, and where what it says came from.
class Composition {
 public:
  /// `file`: where the document stands; what it names is relative to that. Throws InvalidConfig where a file, preset or
  /// part is not there or is itself wrong, or names itself through others.
  Composition(Json document, const std::filesystem::path& file);

  const Json& document() const { return document_; }
  /// A mistake in document() where it was written: in one of the document's own parts, or with the name of the file or
  /// preset that says so.
  Mistake written_at(Mistake) const;

 private:
  friend class Composer;
  /// What was put at a place of the document, or below it.
  struct Origin {
    std::string pointer;  ///< of that place
    Json value;           ///< as it was there
    std::string own;      ///< where it stands in the document itself; "" if elsewhere
    std::string name;     ///< of the file or preset, if elsewhere
  };

  Json own_;       // as written
  Json document_;  // whole
  std::vector<Origin> origins_;
};

}  // namespace experiments
