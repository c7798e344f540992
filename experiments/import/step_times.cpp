#include "experiments/import/step_times.h"

#include <algorithm>

#include "experiments/report/format.h"

namespace experiments {
namespace {

/// Numbers each rank's steps 0, 1, …; how many numbers were skipped.
int64_t join(StepTimes& times) {
  int64_t skipped = 0;
  for (auto& [rank, steps] : times) {
    skipped += steps.rbegin()->first - steps.begin()->first + 1 - static_cast<int64_t>(steps.size());
    std::map<int64_t, double> numbered;
    for (const auto& [step, seconds] : steps) numbered.emplace(static_cast<int64_t>(numbered.size()), seconds);
    steps = std::move(numbered);
  }
  return skipped;
}

}  // namespace

Imported& add_steps(Imported& made, StepTimes times, const ImportOptions& options, bool joined) {
  if (joined)
    if (const int64_t skipped = join(times); skipped > 0)
      made.notes.push_back("gaps: " + counted(static_cast<size_t>(skipped), "step") +
                           " between the first and the last of its rank not recorded; the others follow one another");
  std::vector<std::pair<std::pair<int64_t, int64_t>, double>> rows;  // (step, rank)
  std::vector<double> means;
  size_t fewest = times.begin()->second.size(), most = 0;
  double longest = 0.0;
  for (const auto& [rank, steps] : times) {
    double sum = 0.0;
    for (const auto& [step, seconds] : steps) {
      rows.push_back({{step, rank}, seconds});
      sum += seconds;
    }
    fewest = std::min(fewest, steps.size());
    most = std::max(most, steps.size());
    longest = std::max(longest, sum);
    means.push_back(sum / static_cast<double>(steps.size()));
  }
  std::sort(rows.begin(), rows.end());
  made.notes.push_back(counted(times.size(), "rank") + ", " + (fewest == most ? "" : std::to_string(fewest) + " to ") +
                       counted(most, "step") + " each, up to " + duration_text(longest) +
                       "; mean step of the fastest " + duration_text(*std::min_element(means.begin(), means.end())) +
                       ", of the slowest " + duration_text(*std::max_element(means.begin(), means.end())));
  const std::string after = after_of(made, options, {"refuse", "repeat"});
  std::string csv = "step,rank,seconds\n";
  for (const auto& [place, seconds] : rows)
    csv += std::to_string(place.first) + "," + std::to_string(place.second) + "," + number_text(seconds) + "\n";
  made.files["steps.csv"] = csv;
  made.cluster["workers"] = Json::array();
  std::vector<std::string> names;
  for (const auto& [rank, steps] : times) {
    made.cluster["workers"].push_back(
        {{"speed", {{"kind", "replay"}, {"trace", "steps.csv"}, {"rank", rank}, {"after", after}}}});
    names.push_back("rank " + std::to_string(rank));
  }
  name_workers(made, names);
  return made;
}

}  // namespace experiments
