#pragma once
#include "experiments/config/fields.h"

namespace experiments {

/// Which loss the time to it is told of, seed by seed. baseline: the baseline's final loss; common: the lowest that
/// every method reached.
enum class TargetKind { baseline, common };
/// Or a number of nats per token.
using Target = NameOrNumber<TargetKind>;
inline constexpr Target kBaselineTarget{TargetKind::baseline, std::nullopt};
inline constexpr Target kCommonTarget{TargetKind::common, std::nullopt};

constexpr auto names_of(TargetKind) {
  return std::array{std::pair{TargetKind::baseline, "baseline"}, std::pair{TargetKind::common, "common"}};
}

}  // namespace experiments
