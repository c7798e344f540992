#include <algorithm>
#include <cmath>

#include "experiments/import/step_times.h"
#include "sim/trace_file.h"

namespace experiments {
namespace {

size_t column(const sim::CsvFile& file, const std::string& name) {
  const auto& header = file.rows[0].cells;
  const auto found = std::find(header.begin(), header.end(), name);
  if (found == header.end())
    file.refuse(file.rows[0], "has no column " + name + "; allowed: a run's history with _step and _runtime");
  return static_cast<size_t>(found - header.begin());
}

}  // namespace

/// `_runtime` is seconds since the run began (wandb's sdk/internal/handler.py: the row's _timestamp minus the run's
/// start), `_step` counts calls of log().
Imported import_wandb(const ImportFiles& files, const ImportOptions& options) {
  Imported made;
  StepTimes times;
  for (size_t rank = 0; rank < files.size(); ++rank) {
    const sim::CsvFile file = sim::read_csv_file(files[rank]);
    if (file.rows.size() < 3) throw sim::TraceError(file.name + ": needs a header and at least two rows");
    const size_t step_column = column(file, "_step"), time_column = column(file, "_runtime");
    std::map<int64_t, double>& steps = times[static_cast<int64_t>(rank)];
    int64_t before = 0, averaged = 0;
    double last = 0.0;
    size_t empty = 0, rows = 0;
    bool whole = true;
    for (size_t i = 1; i < file.rows.size(); ++i) {
      const sim::CsvFile::Row& row = file.rows[i];
      if (row.cells.size() != file.rows[0].cells.size())
        file.refuse(row, std::to_string(row.cells.size()) + " cells; allowed: as many as the header's");
      if (row.cells[step_column].empty() || row.cells[time_column].empty()) {
        ++empty;
        continue;
      }
      const int64_t step = file.whole_number(row, step_column);
      const double time = file.number(row, time_column);
      whole = whole && time == std::floor(time);
      if (rows++ > 0) {
        if (step <= before) file.refuse(row, "_step " + row.cells[step_column] + " does not rise");
        if (time <= last)
          file.refuse(row, "_runtime " + row.cells[time_column] +
                               " does not rise: the run went on after a stop, or its clock is coarser than a step");
        if (step > before + 1) averaged += step - before;
        if (step - before > 10'000'000) file.refuse(row, "too many steps since the row before; allowed: 10000000");
        for (int64_t s = before; s < step; ++s) steps[s] = (time - last) / static_cast<double>(step - before);
      }
      before = step;
      last = time;
    }
    if (rows < 2) throw sim::TraceError(file.name + ": needs at least two rows with _step and _runtime");
    made.notes.push_back("rank " + std::to_string(rank) + ", " + files[rank].filename().string() + ": " +
                         counted(rows, "row") + ", " + std::to_string(empty) + " without _step or _runtime left out" +
                         (averaged > 0 ? "; " + counted(static_cast<size_t>(averaged), "step") +
                                             " between rows that are further apart than one, at their mean"
                                       : "") +
                         (whole ? "; times are whole seconds, so a step is known to 1 s at best" : ""));
  }
  made.notes.push_back("unit assumed: seconds; a step is one call of log()");
  return add_steps(made, std::move(times), options, false);
}

}  // namespace experiments
