#pragma once
#include <string>
#include <vector>

namespace experiments {

struct ExperimentConfig;
struct SweepPoint;

/// What is legal in an experiment and was surely meant otherwise, a sentence each: latencies above a minute, rounds
/// longer than the run.
std::vector<std::string> doubts_of(const ExperimentConfig&);

/// The same of a sweep's points, and of the points together: axes that change nothing about a method, a fixed update
/// weight where the number of workers varies.
std::vector<std::string> doubts_of(const std::vector<SweepPoint>&);

}  // namespace experiments
