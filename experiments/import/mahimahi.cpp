#include <cmath>

#include "experiments/import/capacity.h"
#include "sim/trace_file.h"

namespace experiments {

/// Of Mahimahi's link_queue.hh, its largest packet; its own README speaks of 1,500.
constexpr double kPacketBytes = 1504;

/// Each line is a millisecond at which one packet may pass; the trace lasts until the last and repeats in Mahimahi.
/// Packets are counted over windows, (k w, (k + 1) w]. Checked against ravinet/mahimahi, link_queue.cc.
Imported import_mahimahi(const ImportFiles& files, const ImportOptions& options) {
  Imported made;
  std::vector<Capacity> links;
  std::vector<double> ends;
  if (!(options.window > 0)) throw InvalidConfig("--window", {{"", "allowed: above 0 s"}});
  for (const auto& path : files) {
    const sim::CsvFile file = sim::read_csv_file(path);
    if (file.rows.empty()) throw sim::TraceError(file.name + ": holds no lines; allowed: milliseconds, one a line");
    int64_t last = 0;
    for (const sim::CsvFile::Row& row : file.rows) {
      if (row.cells.size() != 1) file.refuse(row, "allowed: one number, milliseconds");
      const int64_t ms = file.whole_number(row, 0);
      if (ms < last)
        file.refuse(row, row.cells[0] + " ms comes after " + std::to_string(last) + "; allowed: not to fall");
      last = ms;
    }
    if (last == 0) file.refuse(file.rows.back(), "the trace takes no time; allowed: a last line above 0");
    const double end = static_cast<double>(last) / 1e3;
    const double windows = std::max(1.0, std::ceil(end / options.window - 1e-9));  // no sliver that rounding made
    if (windows > 1e7) file.refuse(file.rows.back(), "more than 10000000 windows; allowed: a longer --window");
    Capacity points;
    size_t next = 0;
    for (double k = 0; k < windows; ++k) {
      const double begin = k * options.window, until = k + 1 < windows ? begin + options.window : end;
      size_t packets = 0;
      for (; next < file.rows.size() && file.number(file.rows[next], 0) / 1e3 <= until; ++next) ++packets;
      points.emplace_back(begin, static_cast<double>(packets) * kPacketBytes / (until - begin));
    }
    made.notes.push_back(path.filename().string() + ": " + counted(file.rows.size(), "packet") +
                         " of 1504 bytes; unit assumed: milliseconds; windows of " + number_text(options.window) +
                         " s");
    links.push_back(std::move(points));
    ends.push_back(end);
  }
  return add_capacities(made, files, std::move(links), ends, options);
}

}  // namespace experiments
