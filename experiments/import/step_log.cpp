#include "experiments/import/step_log.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <optional>

#include "experiments/config/json_reader.h"
#include "experiments/import/dates.h"
#include "experiments/import/importer.h"
#include "experiments/report/format.h"
#include "sim/trace_file.h"

namespace experiments {
namespace {

using Row = sim::CsvFile::Row;

/// A step as the file tells it.
struct Step {
  double seconds;
  const Row* row;
};

/// Cuts the steps at pauses and at jumps of the clock.
StepLog cut(const sim::CsvFile& file, std::string name, const std::vector<Step>& steps) {
  StepLog log{std::move(name), {}, {}};
  std::vector<double> taken;
  for (const Step& step : steps) {
    if (step.seconds == 0.0)
      file.refuse(*step.row, "a step of 0 s: the log's clock is coarser than a step; allowed: times with fractions");
    if (step.seconds > 0.0) taken.push_back(step.seconds);
  }
  if (taken.size() < kFewestSteps)
    throw sim::TraceError(log.name + ": holds " + counted(taken.size(), "step") + "; at least " +
                          std::to_string(kFewestSteps) + " are needed, and a few hundred for jitter and spells");
  const double longest = kPauseOfMedian * quantile(taken, 0.5);
  size_t pauses = 0, jumps = 0;
  double paused = 0.0;
  std::string pause_lines, jump_lines;
  const auto add_line = [](std::string& lines, size_t count, const Row& row) {
    if (count <= 5) lines += (count > 1 ? ", " : "") + std::to_string(row.line);
    if (count == 6) lines += ", …";
  };
  bool begins = true;
  for (const Step& step : steps) {
    if (step.seconds < 0.0) {
      add_line(jump_lines, ++jumps, *step.row);
    } else if (step.seconds > longest) {
      add_line(pause_lines, ++pauses, *step.row);
      paused += step.seconds;
    } else {
      if (begins) log.seconds.emplace_back();
      log.seconds.back().push_back(step.seconds);
      begins = false;
      continue;
    }
    begins = true;
  }
  if (jumps > 0)
    log.notes.push_back("the clock jumps back " + counted(jumps, "time") + " (line " + jump_lines +
                        "): those steps are left out");
  if (pauses > 0)
    log.notes.push_back("left out: " + counted(pauses, "pause") + " of " + duration_text(paused) +
                        " together, each longer than " + number_text(kPauseOfMedian) + " median steps (line " +
                        pause_lines + ")" + (steps.back().seconds > longest ? "; the log ends with one" : ""));
  return log;
}

std::vector<StepLog> ranks_of(const sim::CsvFile& file) {
  std::map<int64_t, std::vector<Step>> ranks;
  std::map<int64_t, int64_t> last;
  for (size_t i = 1; i < file.rows.size(); ++i) {
    const Row& row = file.rows[i];
    if (row.cells.size() != 3) file.refuse(row, "allowed: three cells, step,rank,seconds");
    const int64_t step = file.whole_number(row, 0), rank = file.whole_number(row, 1);
    const auto [before, first] = last.try_emplace(rank, step);
    if (!first && step <= before->second) file.refuse(row, "step " + row.cells[0] + " of its rank does not rise");
    before->second = step;
    ranks[rank].push_back({file.number(row, 2), &row});
  }
  std::vector<StepLog> logs;
  for (const auto& [rank, steps] : ranks) {
    logs.push_back(cut(file, file.name + ", rank " + std::to_string(rank), steps));
    logs.back().notes.insert(logs.back().notes.begin(), "rows of step,rank,seconds");
  }
  return logs;
}

}  // namespace

std::vector<double> StepLog::all() const {
  std::vector<double> values;
  for (const auto& stretch : seconds) values.insert(values.end(), stretch.begin(), stretch.end());
  return values;
}

double quantile(std::vector<double> values, double q) {
  std::sort(values.begin(), values.end());
  const double place = q * static_cast<double>(values.size() - 1);
  const auto low = static_cast<size_t>(place);
  const size_t high = std::min(low + 1, values.size() - 1);
  return values[low] + (place - static_cast<double>(low)) * (values[high] - values[low]);
}

std::vector<StepLog> read_step_logs(const std::filesystem::path& path, LogForm form) {
  const sim::CsvFile file = sim::read_csv_file(path);
  if (file.rows.empty()) throw sim::TraceError(file.name + ": holds no lines; allowed: a step a line");
  const bool header = file.rows[0].cells == std::vector<std::string>{"step", "rank", "seconds"};
  if (form == LogForm::steps && !header) file.refuse(file.rows[0], "allowed: the header step,rank,seconds");
  if (header) return ranks_of(file);
  std::vector<double> values;
  size_t rising = 0;
  const bool dates = iso_seconds(file.rows[0].cells[0]).has_value();
  for (const Row& row : file.rows) {
    const auto date = iso_seconds(row.cells[0]);
    if (row.cells.size() != 1 || date.has_value() != dates)
      file.refuse(row,
                  std::string("allowed: ") + (dates ? "a date" : "a number of seconds") + " as in the lines above");
    const double value = date ? *date : file.number(row, 0);
    rising += !values.empty() && value > values.back();
    values.push_back(value);
  }
  const size_t pairs = values.size() - 1;
  const bool unix_times = values[0] >= 1e8, rises = pairs > 1 && rising == pairs;
  if (form == LogForm::automatic && !dates && !unix_times && !rises && rising * 20 > pairs * 19)
    throw sim::TraceError(file.name + ": almost all of its lines rise: times of a clock that jumps, or durations? " +
                          "allowed: to say so with --log times or --log durations");
  const bool times = form == LogForm::times || (form == LogForm::automatic && (dates || unix_times || rises));
  std::vector<Step> steps;
  for (size_t i = times; i < values.size(); ++i)
    steps.push_back({times ? values[i] - values[i - 1] : values[i], &file.rows[i]});
  StepLog log = cut(file, file.name, steps);
  log.notes.insert(log.notes.begin(), !times       ? "lines are taken as durations, in seconds"
                                      : dates      ? "lines are taken as dates, at each step's end"
                                      : unix_times ? "lines are taken as unix times, in seconds, at each step's end"
                                                   : "lines are taken as seconds since the start, at each step's end");
  return {log};
}

}  // namespace experiments
