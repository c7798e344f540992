#pragma once
#include <iostream>

#include "experiments/run/resources.h"

namespace experiments {

/// Says what was done with the input that nobody may expect: converted tensors, names read as others.
inline void tell_notes(const Resources& resources) {
  for (const std::string& note : resources.notes()) std::cerr << "straggle: note: " << note << "\n";
}

}  // namespace experiments
