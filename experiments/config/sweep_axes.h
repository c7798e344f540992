#pragma once
#include <string>
#include <vector>

#include "experiments/config/json_reader.h"
#include "experiments/config/place.h"

namespace experiments {

struct NamedValue {
  std::string label;  ///< its name, or its JSON text (a string without its quotes)
  Json value;
  std::string origin;  ///< where the file gives it
};

/// One setting's values, and the pointers they go to.
struct SweepColumnValues {
  std::string origin;
  std::string name;
  std::vector<std::string> pointers;
  std::vector<NamedValue> values;
};

/// Settings that move together; all have equally many values, and there is at least one of each.
struct SweepAxisValues {
  std::string origin;
  std::vector<SweepColumnValues> columns;
  size_t count() const { return columns[0].values.size(); }
};

/// The axes of a section "sweep". Appends to `mistakes` (pointers from the document's root); only without any is the
/// answer of use.
std::vector<SweepAxisValues> read_axes(const Json& section, std::vector<Mistake>& mistakes);

}  // namespace experiments
