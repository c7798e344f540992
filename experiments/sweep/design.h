#pragma once
#include <filesystem>
#include <string>
#include <vector>

#include "experiments/config/sweep.h"

namespace experiments {

/// A sweep as sweep.json keeps it: its points and, by key, which runs belong to each. Enough to make the summary from
/// the runs' files.
struct SweepDesign {
  struct Point {
    std::vector<SweepSetting> settings;
    std::vector<std::string> keys;  ///< method by method, seed by seed
  };
  std::string name, description;
  std::string baseline;          ///< "" when the experiment names none
  std::optional<Target> target;  ///< as in the experiment
  std::string binary;            ///< of the program that named the runs
  std::vector<uint64_t> seeds;
  std::vector<std::string> methods;
  std::vector<std::string> axes;
  std::vector<std::string> units;  ///< of each axis; "": none
  std::vector<Point> points;

  const std::string& key(size_t point, size_t method, size_t seed_index) const {
    return points[point].keys[method * seeds.size() + seed_index];
  }
};

Json to_json(const SweepDesign&);

/// The designs that <out>/sweep.json holds, one a sweep's name; none where there is no such file. Throws InvalidResults
/// for a file that is not as a sweep leaves it.
std::vector<SweepDesign> read_designs(const std::filesystem::path& out);

/// Puts `design` into <out>/sweep.json in place of one of the same name. Safe against other processes that do so too.
void add_design(const std::filesystem::path& out, const SweepDesign& design);

}  // namespace experiments
