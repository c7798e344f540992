#pragma once
#include <string>

namespace experiments {

/// Every key of an experiment file as Markdown tables (type, unit, default, meaning), from the same descriptions that
/// the parser uses. docs/experiment_format.md contains this text; a test compares them.
std::string format_text();

}  // namespace experiments
