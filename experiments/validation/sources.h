#pragma once
#include <string>
#include <vector>

#include "experiments/validation/validation.h"

namespace experiments {

/// Every source, in the page's order; each is computed when it is called.
const std::vector<Validation (*)()>& validation_sources();

/// The page, in Markdown: a table of verdicts, then a section a source. `command` is the one that writes it, `charts`
/// the folder of its charts, relative to it.
std::string validation_page(const std::vector<Validation>&, const std::string& command, const std::string& charts);

}  // namespace experiments
