#include "experiments/import/presence.h"
#include "sim/trace_file.h"

namespace experiments {

/// Before its first row a worker was the opposite, as in the program's own traces.
Imported import_availability(const ImportFiles& files, const ImportOptions& options) {
  Imported made;
  const sim::TraceFile file = sim::read_trace_file(only_file(files, "availability"),
                                                   {"t,worker,up|down", "t,worker,state", "time,worker,state"});
  Presence p;
  std::map<int64_t, bool> up;  // of the workers that have a row
  for (const sim::TraceFile::Row& row : file.rows) {
    const int64_t index = file.whole_number(row, 1);
    if (index > 1'000'000) file.refuse(row, "worker " + row.cells[1] + " is too many; allowed: at most 1000000");
    const bool comes = row.cells[2] == "up";
    if (!comes && row.cells[2] != "down") file.refuse(row, "\"" + row.cells[2] + "\" is no state; allowed: up, down");
    if (static_cast<size_t>(index) >= p.workers.size()) p.workers.resize(static_cast<size_t>(index) + 1);
    Presence::Worker& worker = p.workers[static_cast<size_t>(index)];
    const double time = file.number(row, 0);
    const auto [state, first] = up.try_emplace(index, comes);
    if (!first && state->second == comes)
      file.refuse(row, "worker " + row.cells[1] + " is " + row.cells[2] + " already");
    if (!first && time == (worker.switches.empty() ? 0.0 : worker.switches.back()))
      file.refuse(row, "worker " + row.cells[1] + " has two rows at " + row.cells[0] + " s; allowed: one");
    state->second = comes;
    if (first) worker.up_at_start = time == 0.0 ? comes : !comes;
    if (time > 0.0) worker.switches.push_back(time);
    p.span = time;
  }
  made.notes.push_back(counted(file.rows.size(), "row") + "; unit assumed: seconds; the span ends with the last row");
  if (up.size() < p.workers.size())
    made.notes.push_back(counted(p.workers.size() - up.size(), "worker") + " without a row: always there");
  return add_presence(made, files, {p}, options);
}

}  // namespace experiments
