#pragma once
#include <optional>
#include <string>
#include <vector>

namespace experiments {

/// What somebody says of a cluster before the first experiment.
struct Starter {
  std::string name = "experiment";
  std::vector<std::string> workers;  ///< KIND:COUNT; KIND a preset's name, FLOP/s ("80 TFLOP/s") or s a step ("0.5 s")
  std::optional<std::string> wan;    ///< "200 ms,1 Gbit/s": each worker's way to the server, one way
  std::optional<std::string> model;  ///< parameters of the model that is charged for: "1.3B"
  std::string text;                  ///< what is learned: a directory or a file
};

/// A commented experiment file: the paper's methods and balanced rounds on that cluster. Throws std::invalid_argument,
/// naming the option, for what it cannot read.
std::string starter_file(const Starter&);

}  // namespace experiments
