#include "experiments/import/step_times.h"
#include "sim/trace_file.h"

namespace experiments {

/// A rank's steps rise by one; ranks may come in any order.
Imported import_steps(const ImportFiles& files, const ImportOptions& options) {
  Imported made;
  StepTimes times;
  const sim::CsvFile file = sim::read_csv_file(only_file(files, "steps"));
  if (file.rows.size() < 2 || file.rows[0].cells != std::vector<std::string>{"step", "rank", "seconds"})
    throw sim::TraceError(file.name + ": is no record of steps; allowed: a first line step,rank,seconds, then rows");
  for (size_t i = 1; i < file.rows.size(); ++i) {
    const sim::CsvFile::Row& row = file.rows[i];
    if (row.cells.size() != 3) file.refuse(row, "allowed: three cells, step,rank,seconds");
    const int64_t step = file.whole_number(row, 0);
    std::map<int64_t, double>& of_rank = times[file.whole_number(row, 1)];
    const std::string whose = " of rank " + row.cells[1];
    if (!of_rank.empty() && step <= of_rank.rbegin()->first)
      file.refuse(row, "step " + row.cells[0] + whose + " comes after step " + std::to_string(of_rank.rbegin()->first) +
                           "; allowed: steps that rise");
    if (!of_rank.empty() && step != of_rank.rbegin()->first + 1)
      file.refuse(row, "step " + std::to_string(of_rank.rbegin()->first + 1) + whose +
                           " is missing, the first gap; allowed: every step between a rank's first and last");
    const double seconds = file.number(row, 2);
    if (!(seconds >= 1e-9 && seconds <= 1e6))
      file.refuse(row, row.cells[2] + " s is no time of a step; allowed: from 1e-09 to 1000000 s");
    of_rank.emplace(step, seconds);
  }
  made.notes.push_back(counted(file.rows.size() - 1, "row") + "; unit assumed: seconds; gaps: none");
  return add_steps(made, std::move(times), options, false);
}

}  // namespace experiments
