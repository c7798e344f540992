#include "experiments/config/presets.h"

#include "experiments/config/json_file.h"

namespace experiments {

extern const char* const kPresetsText;  // presets.json, which the build compiles in

const Json& presets() {
  static const Json all = parse_json(kPresetsText, "presets.json");
  return all;
}

}  // namespace experiments
