#pragma once
#include <optional>
#include <string_view>

namespace experiments {

/// Seconds since 1970 (UTC) of an ISO 8601 time: 2021-07-26T18:42:00, a space for the T, fractions of seconds, and Z or
/// ±hh:mm behind it (none: UTC). Nothing for anything else.
std::optional<double> iso_seconds(std::string_view text);

}  // namespace experiments
