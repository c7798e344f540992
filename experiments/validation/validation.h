#pragma once
#include <map>
#include <string>
#include <vector>

#include "experiments/report/figure.h"

namespace experiments {

/// What a source demands, and whether our numbers meet it.
struct Rule {
  std::string says;      ///< with its tolerance
  std::string measured;  ///< what decides it
  bool holds = false;
};

/// Cells are Markdown; the first column is aligned left.
struct ComparedTable {
  std::vector<std::string> head;
  std::vector<std::vector<std::string>> rows;
};

/// What a source published, beside what our clock makes of the same set-up.
struct Validation {
  std::string title;
  std::string source;               ///< publication and table, and how sure its numbers are
  std::string set_up;               ///< Markdown: the clock's, and the reason for the tolerances
  std::vector<std::string> fitted;  ///< constants that no publication gives, each with its value
  std::vector<Rule> rules;
  std::vector<ComparedTable> tables;
  std::map<std::string, Figure> charts;  ///< by file name without extension
};

}  // namespace experiments
