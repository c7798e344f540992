#pragma once
#include <optional>
#include <string>
#include <vector>

#include "experiments/config/json_reader.h"

namespace experiments {

/// The file's section "sweep": what varies from point to point. Keys and meanings: below and docs/experiment_format.md.

/// One setting and the values it takes.
struct SweepColumn {
  std::optional<std::string> name;
  OneOrMore pointer;
  std::vector<Json> values;
};
/// One setting of its own, or several whose values move together.
struct SweepAxis : SweepColumn {
  std::vector<SweepColumn> zip;
};
struct SweepConfig {
  std::vector<SweepAxis> axes;
};

/// `must`: without a zip beside them, pointer and values are needed.
template <class V>
void column_fields(V& v, SweepColumn& c, bool must) {
  Limits limits = not_empty();
  limits.required = must;
  v.field("name", c.name, not_empty(), "", "Heads its column in tables and pictures; null: the pointer's last key");
  v.field("pointer", c.pointer, limits, "JSON pointer",
          "The setting that varies, or several that take the same value; * stands for every item of an array: "
          "/workers/*/upload/latency_seconds");
  v.field("values", c.values, limits, "",
          "What it is set to, a value a point; {\"name\": …, \"value\": …} names a value for tables and pictures");
}
template <class V>
void fields(V& v, SweepColumn& c) {
  column_fields(v, c, true);
}
template <class V>
void fields(V& v, SweepAxis& c) {
  column_fields(v, c, false);
  v.field("zip", c.zip, not_empty(), "",
          "Instead of name, pointer and values: settings with equally many values, which move together");
}
template <class V>
void fields(V& v, SweepConfig& c) {
  v.field("axes", c.axes, not_empty().needed(), "",
          "The points are every combination of the axes' values, the first axis varying slowest");
}

}  // namespace experiments
