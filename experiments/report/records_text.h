#pragma once
#include <string>

namespace experiments {

/// Markdown of every key in the files of a results directory, from the descriptions in records.h. docs/results.md holds
/// this text; a test compares them.
std::string records_text();

}  // namespace experiments
