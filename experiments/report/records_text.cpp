#include "experiments/report/records_text.h"

#include <type_traits>

#include "experiments/report/records.h"

namespace experiments {
namespace {

/// The keys of one record as rows of a table; keys that share a meaning share a row.
class RecordTable {
 public:
  template <class Record>
  static std::string of(const std::string& heading, const std::string& introduction, Record record = {}) {
    RecordTable table;
    fields(table, record);
    table.end_row();
    return "## " + heading + "\n\n" + introduction + "\n\n| key | unit | meaning |\n| --- | --- | --- |\n" +
           table.rows_ + "\n";
  }

  template <class T>
  void field(std::string_view key, const T&, std::string_view unit, std::string_view meaning) {
    add(key, unit, meaning);
    if constexpr (std::is_same_v<T, Estimate> || std::is_same_v<T, std::optional<Estimate>>) keys_ += ", `…_ci95`";
  }
  template <class T>
  void later(std::string_view key, const T&, std::string_view unit, std::string_view meaning) {
    add(key, unit, meaning);
  }
  template <class Make>
  void derived(std::string_view key, Make&&, std::string_view unit, std::string_view meaning) {
    add(key, unit, meaning);
  }
  template <class Record>
  void derived(Record&&) {}
  template <class Record>
  void part(Record&&) {}

 private:
  void add(std::string_view key, std::string_view unit, std::string_view meaning) {
    if (!meaning.empty()) end_row();
    if (!meaning.empty()) meaning_ = meaning;
    keys_ += (keys_.empty() ? "`" : ", `") + std::string(key) + "`";
    if (unit != last_unit_) units_ += (units_.empty() ? "" : ", ") + std::string(unit);
    last_unit_ = unit;
  }
  void end_row() {
    if (!keys_.empty()) rows_ += "| " + keys_ + " | " + units_ + (units_.empty() ? "" : " ") + "| " + meaning_ + " |\n";
    keys_.clear();
    units_.clear();
    last_unit_.clear();
  }
  std::string rows_, keys_, units_, last_unit_, meaning_;
};

}  // namespace

std::string records_text() {
  RunLog run;
  const Counters priced{.usd = 0, .kwh = 0};
  MethodRow row;
  for (size_t c = 0; c < std::size(kCurrencies); ++c) row.told.push_back(c);
  return RecordTable::of<MetricsLine>("metrics.jsonl",
                                      "The first line is the start, before any training; the last is the end of the "
                                      "run. Evaluation costs no simulated time.") +
         RecordTable::of<UpdateRecord>("updates.jsonl", "A line per arrival at the server.") +
         RecordTable::of("summary.json of a run", "The counters and losses of the last line of `metrics.jsonl`, and:",
                         RunSummary<RunLog>{.run = run, .at = priced}) +
         RecordTable::of<WorkerLine>("An item of `workers` in summary.json", "How the worker spent the run.") +
         RecordTable::of<PathRecord>("`critical_path` in summary.json",
                                     "What the run's end waited for, followed back to its beginning: "
                                     "[simulation.md](simulation.md#critical-path).") +
         RecordTable::of<PathShareLine>("An item of its `shares`", "A worker's, or the server's, part of the path.") +
         RecordTable::of<sim::Lateness>("An item of its `late`", "How long others waited for the worker alone.") +
         RecordTable::of<ClusterNumbers>("`cluster` in summary.json",
                                         "Clusters with equal numbers behave alike: "
                                         "[simulation.md](simulation.md#cluster-numbers).") +
         RecordTable::of("summary.csv",
                         "A row per method; `…_ci95` stands for the name before it with that end. `x` and "
                         "`x_ci95` are the mean over seeds and half of its 95 % "
                         "interval (Student's t; empty for one seed).",
                         row);
}

}  // namespace experiments
