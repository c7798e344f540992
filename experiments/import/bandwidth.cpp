#include "experiments/import/capacity.h"
#include "sim/trace_file.h"

namespace experiments {
namespace {

/// Lines with a space or tab for the comma, too.
void split_at_space(sim::CsvFile::Row& row) {
  const size_t space = row.cells.size() == 1 ? row.cells[0].find_first_of(" \t") : std::string::npos;
  if (space == std::string::npos) return;
  const size_t second = row.cells[0].find_first_not_of(" \t", space);
  row.cells = {row.cells[0].substr(0, space), row.cells[0].substr(second)};
}

}  // namespace

/// Lines `seconds Mbit/s`, or the program's own `time,bytes_per_second`. Without a header the trace lasts one line
/// longer than its last time, by the last step between two.
Imported import_bandwidth(const ImportFiles& files, const ImportOptions& options) {
  Imported made;
  std::vector<Capacity> links;
  std::vector<double> ends;
  for (const auto& path : files) {
    sim::CsvFile file = sim::read_csv_file(path);
    const bool own = !file.rows.empty() && file.rows[0].cells == std::vector<std::string>{"time", "bytes_per_second"};
    if (own) file.rows.erase(file.rows.begin());
    if (file.rows.empty())
      throw sim::TraceError(file.name + ": holds no lines; allowed: seconds and Mbit/s, a pair a line");
    Capacity points;
    double begin = 0.0;
    for (sim::CsvFile::Row& row : file.rows) {
      split_at_space(row);
      if (row.cells.size() != 2) file.refuse(row, "allowed: two numbers, seconds and Mbit/s");
      if (points.empty()) begin = file.number(row, 0);
      const double time = file.number(row, 0) - begin;
      if (!points.empty() && time <= points.back().first)
        file.refuse(row, "time " + row.cells[0] + " does not rise; allowed: times that do");
      points.emplace_back(time, file.number(row, 1) * (own ? 1.0 : 1e6 / 8));
    }
    const size_t n = points.size();
    if (points.back().second == 0.0 && options.after.value_or("hold") == "hold")
      file.refuse(file.rows.back(), "the last rate is 0 and would hold for ever; allowed: above 0, or --after repeat");
    made.notes.push_back(path.filename().string() + ": " + counted(n, "line") + "; units assumed: seconds, " +
                         (own ? "bytes per second" : "Mbit/s") +
                         (begin > 0 ? "; begins at " + number_text(begin) + ", which is taken as 0" : ""));
    ends.push_back(own || n < 2 ? points.back().first : 2 * points[n - 1].first - points[n - 2].first);
    links.push_back(std::move(points));
  }
  return add_capacities(made, files, std::move(links), ends, options);
}

}  // namespace experiments
