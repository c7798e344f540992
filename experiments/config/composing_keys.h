#pragma once

namespace experiments {

/// What an experiment may be put together of, besides its own keys: another file that it `extends`, merged as methods
/// are; a `cluster`, a file's, a preset's or its own; `parts`, values with names, which an object takes the place of by
/// {"use": NAME, …}, its other keys laid over.
inline constexpr const char* kComposingKeys[] = {"extends", "cluster", "parts"};

/// The keys that a cluster has; and besides `description`, `source`, `extends` and `parts`.
inline constexpr const char* kClusterKeys[] = {"workers", "availability_trace", "network", "server", "stand_in"};

}  // namespace experiments
