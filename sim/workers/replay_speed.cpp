#include "sim/workers/replay_speed.h"

#include <cassert>
#include <stdexcept>

#include "sim/trace_file.h"

namespace sim {

StepRecord read_step_record(const std::filesystem::path& path) {
  const TraceFile file = read_trace_file(path, {"step,rank,seconds"});
  StepRecord record;
  std::map<int64_t, int64_t> next;  // by rank: the number of its next step
  for (const TraceFile::Row& row : file.rows) {
    const int64_t step = file.whole_number(row, 0), rank = file.whole_number(row, 1);
    const double seconds = file.number(row, 2);
    if (!(seconds >= 1e-9 && seconds <= 1e6))
      file.refuse(row, row.cells[2] + " s is no time of a step; allowed: from 1e-09 to 1000000 s");
    const auto [place, first] = next.try_emplace(rank, step);
    const std::string of_rank = " of rank " + std::to_string(rank);
    if (step < place->second) file.refuse(row, "step " + row.cells[0] + of_rank + " stands there already");
    if (step > place->second)
      file.refuse(row, "step " + std::to_string(place->second) + of_rank +
                           " is missing, the first gap; allowed: every step between a rank's first and last");
    ++place->second;
    record[rank].push_back(seconds);
  }
  return record;
}

ReplayedSteps::ReplayedSteps(std::vector<double> seconds, ReplayEnd after, std::string name)
    : multipliers_(std::move(seconds)), after_(after), name_(std::move(name)) {
  assert(!multipliers_.empty());
  double above = 0.0;  // the first step, which is the mean of equal ones to the bit
  for (const double m : multipliers_) above += m - multipliers_[0];
  mean_ = multipliers_[0] + above / static_cast<double>(multipliers_.size());
  for (double& m : multipliers_) m /= mean_;
}

double ReplayedSteps::work(int64_t, int64_t first_step, int64_t steps) const {
  const auto count = static_cast<int64_t>(multipliers_.size());
  if (after_ == ReplayEnd::refuse && first_step + steps > count)
    throw std::overflow_error("the record of " + name_ + " has " + std::to_string(count) +
                              " steps, and the run begins more; allowed: a shorter run, or \"after\": \"repeat\"");
  double sum = 0.0;
  for (int64_t i = 0; i < steps; ++i) sum += multipliers_[static_cast<size_t>((first_step + i) % count)];
  return sum;
}

}  // namespace sim
