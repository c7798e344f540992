#include <algorithm>
#include <optional>
#include <set>

#include "experiments/import/dates.h"
#include "experiments/import/presence.h"
#include "sim/trace_file.h"

namespace experiments {
namespace {

using Row = sim::CsvFile::Row;

/// Its time in seconds, which must not fall; `units` of a number are a second.
double next_time(const sim::CsvFile& file, const Row& row, double units, double& last) {
  const std::optional<double> date = iso_seconds(row.cells[0]);
  const double time = date ? *date : file.number(row, 0) / units;
  if (time < last)
    file.refuse(row, "time " + row.cells[0] + " comes after a later one; allowed: times that do not fall");
  return last = time;
}

/// `seconds,count` or `date,count`, with a header or without.
Presence counts_of(const sim::CsvFile& file, size_t first) {
  std::vector<std::pair<double, int64_t>> counts;
  double last = 0.0;
  for (size_t i = first; i < file.rows.size(); ++i) {
    const Row& row = file.rows[i];
    if (row.cells.size() != 2) file.refuse(row, "allowed: two cells, time and count");
    counts.emplace_back(next_time(file, row, 1.0, last), file.whole_number(row, 1));
    if (counts.back().second > 1'000'000) file.refuse(row, "are too many nodes; allowed: at most 1000000");
  }
  const double begin = counts.front().first;
  for (auto& [time, count] : counts) time -= begin;
  return presence_of_counts(counts, last - begin);
}

/// `milliseconds,add|remove,node`. A node that comes takes the place of one that has gone: the lowest worker that is
/// free, and was before this instant where there is one.
Presence events_of(const sim::CsvFile& file, Imported& made) {
  Presence p;
  std::map<std::string, size_t> place;  // of the nodes that are there
  std::set<size_t> free, left;          // workers: without a node; without since this instant
  std::set<std::string> names;
  size_t unseen = 0;
  double last = 0.0;
  for (size_t i = 0; i < file.rows.size();) {
    const double time = next_time(file, file.rows[i], 1e3, last);
    left.clear();
    std::vector<const Row*> coming;
    for (; i < file.rows.size() && next_time(file, file.rows[i], 1e3, last) == time; ++i) {
      const Row& row = file.rows[i];
      if (row.cells.size() != 3 || (row.cells[1] != "add" && row.cells[1] != "remove"))
        file.refuse(row, "allowed: milliseconds,add|remove,node");
      if (row.cells[1] == "add") {
        coming.push_back(&row);
        continue;
      }
      const auto node = place.find(row.cells[2]);
      if (node == place.end()) file.refuse(row, row.cells[2] + " is removed, but is not there");
      left.insert(node->second);
      place.erase(node);
    }
    for (const Row* row : coming) {
      if (!place.try_emplace(row->cells[2], p.workers.size()).second)
        file.refuse(*row, row->cells[2] + " is there already");
      names.insert(row->cells[2]);
      std::set<size_t>& from = !free.empty() ? free : left;
      if (from.empty()) {
        p.workers.push_back({time == 0.0, {}});
        if (time > 0.0) p.workers.back().switches.push_back(time);
        continue;
      }
      const size_t worker = *from.begin();
      place[row->cells[2]] = worker;
      if (&from == &left)
        ++unseen;
      else
        p.workers[worker].switches.push_back(time);
      from.erase(worker);
    }
    for (const size_t worker : left) p.workers[worker].switches.push_back(time);
    free.merge(left);
  }
  p.span = last;
  made.notes.push_back(counted(names.size(), "node") + " in the places of " + counted(p.workers.size(), "worker") +
                       "; unit assumed: milliseconds");
  if (unseen > 0)
    made.notes.push_back(counted(unseen, "node") + " replaced within its millisecond, which is seen as no absence");
  return p;
}

}  // namespace

/// Checked against uclasystem/bamboo: the simulator's reader of events, and files of counts with and without a header.
Imported import_bamboo(const ImportFiles& files, const ImportOptions& options) {
  Imported made;
  std::vector<Presence> all;
  for (const auto& path : files) {
    const sim::CsvFile file = sim::read_csv_file(path);
    const auto headed = [&](const char* time) { return file.rows[0].cells == std::vector<std::string>{time, "count"}; };
    const size_t first = !file.rows.empty() && (headed("time") || headed("timestamp"));
    if (file.rows.size() <= first) throw sim::TraceError(file.name + ": holds no rows; allowed: events or counts");
    made.notes.push_back(path.filename().string() + ": " + counted(file.rows.size() - first, "row"));
    if (file.rows[first].cells.size() == 3) {
      all.push_back(events_of(file, made));
      continue;
    }
    all.push_back(counts_of(file, first));
    made.notes.push_back(
        "unit assumed: seconds or dates; numbers tell how many are there, not which: the highest go first");
  }
  return add_presence(made, files, all, options);
}

}  // namespace experiments
