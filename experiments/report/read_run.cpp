#include "experiments/report/read_run.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <concepts>
#include <fstream>
#include <limits>
#include <optional>
#include <sstream>

#include "experiments/config/fields.h"
#include "experiments/config/invalid_config.h"
#include "experiments/config/parse.h"
#include "experiments/report/records.h"
#include "models/input_file.h"

namespace experiments {
namespace {

namespace fs = std::filesystem;

/// Strictly: a key that stands twice in an object is no JSON here. A corpus of any number of domains makes as many
/// keys. `line`: the text is one of a file's, which `place` names.
Json parsed(const std::string& text, const std::string& place, bool line = false) {
  try {
    return parse_json(text, place, std::numeric_limits<size_t>::max());
  } catch (const InvalidConfig& error) {
    const Mistake& first = error.mistakes().at(0);
    const std::string above = "line 1, ";  // of the text: a line knows better
    const bool counted = line && first.message.starts_with(above);
    throw InvalidResults(place +
                         (counted ? ", " + first.message.substr(above.size())
                                  : ": " + (first.pointer.empty() ? "" : first.pointer + " ") + first.message) +
                         "; the file is damaged or cut off");
  }
}

/// Reads one object of a file into a record; every value that is asked for must be there and of its kind.
class RecordReader {
 public:
  /// The record that `object` is. `place` is where it stands, for messages.
  template <class Record>
  static Record read(const Json& object, const std::string& place, Record record = {}) {
    if (!object.is_object()) throw InvalidResults(place + ": is " + describe(object) + "; allowed: an object");
    RecordReader reader(object, place);
    fields(reader, record);
    return record;
  }

  template <class T>
  void field(std::string_view key, T&& value, std::string_view /*unit*/, std::string_view /*meaning*/) {
    const auto found = object_.find(key);
    if (found == object_.end()) throw InvalidResults(place_ + ": has no \"" + std::string(key) + "\"");
    read_value(key, *found, value);
  }
  template <class T>
  void later(std::string_view key, T&& value, std::string_view unit, std::string_view meaning) {
    if (object_.contains(key)) field(key, value, unit, meaning);
  }
  template <class... Any>
  void derived(Any&&...) {}
  template <class Record>
  void part(Record& record) {
    fields(*this, record);
  }

 private:
  RecordReader(const Json& object, const std::string& place) : object_(object), place_(place) {}

  /// Null is NaN: what is not finite is written so.
  void read_value(std::string_view key, const Json& json, double& value) const {
    if (!json.is_null() && !json.is_number()) wrong(key, json, "a number or null");
    value = json.is_null() ? std::numeric_limits<double>::quiet_NaN() : json.get<double>();
  }
  void read_value(std::string_view key, const Json& json, std::optional<double>& value) const {
    value.reset();
    if (!json.is_null()) read_value(key, json, value.emplace());
  }
  void read_value(std::string_view key, const Json& json, std::optional<int64_t>& value) const {
    value.reset();
    if (!json.is_null()) read_value(key, json, value.emplace());
  }
  void read_value(std::string_view key, const Json& json, std::optional<bool>& value) const {
    read_value(key, json, value.emplace());
  }
  template <std::integral Integer>
  void read_value(std::string_view key, const Json& json, Integer& value) const {
    const std::string allowed = "a whole number of at ";
    if (!json.is_number_unsigned() || (!std::is_same_v<Integer, uint64_t> && json.get<uint64_t>() >> 63))
      wrong(key, json, allowed + "least 0");
    constexpr auto most = std::numeric_limits<Integer>::max();
    if (json.get<uint64_t>() > static_cast<uint64_t>(most)) wrong(key, json, allowed + "most " + std::to_string(most));
    value = json.get<Integer>();
  }
  void read_value(std::string_view key, const Json& json, bool& value) const {
    if (!json.is_boolean()) wrong(key, json, "true or false");
    value = json.get<bool>();
  }
  void read_value(std::string_view key, const Json& json, std::string& value) const {
    if (!json.is_string()) wrong(key, json, "a string");
    value = json.get<std::string>();
  }
  void read_value(std::string_view key, const Json& json, sim::Duration& value) const {
    if (key.ends_with("_nanoseconds")) {
      int64_t nanoseconds = 0;
      read_value(key, json, nanoseconds);
      value = sim::Duration{nanoseconds};
      return;
    }
    if (!json.is_number() || !(json.get<double>() >= 0) || json.get<double>() > 2 * sim::kMaxSeconds)
      wrong(key, json, "seconds of at least 0");
    value = sim::from_seconds(json.get<double>());
  }
  void read_value(std::string_view key, const Json& json, sim::Time& value) const {
    sim::Duration since_start{};
    read_value(key, json, since_start);
    value = sim::kTimeZero + since_start;
  }
  void read_value(std::string_view key, const Json& json, HexDigits<uint64_t>& value) const {
    std::string text;
    read_value(key, json, text);
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value.bits, 16);
    if (text.size() != 16 || error != std::errc() || end != text.data() + text.size())
      wrong(key, json, "16 hexadecimal digits");
  }
  void read_value(std::string_view key, const Json& json, ByName& values) const {
    if (!json.is_object()) wrong(key, json, "an object, a loss a domain");
    for (const auto& [name, value] : json.items()) read_value(name, value, values.emplace_back(name, 0.0).second);
  }
  template <class Record>
  void read_value(std::string_view key, const Json& json, std::vector<Record>& records) const {
    if (!json.is_array()) wrong(key, json, "an array");
    for (const Json& item : json)
      records.push_back(read<Record>(item, below(key) + "/" + std::to_string(records.size())));
  }
  void read_value(std::string_view key, const Json& json, Arrivals& record) const {
    record = read<Arrivals>(json, below(key));
  }
  void read_value(std::string_view key, const Json& json, PathRecord& record) const {
    record = read<PathRecord>(json, below(key));
  }

  void read_value(std::string_view key, const Json& json, std::optional<ClusterNumbers>& record) const {
    record = read<ClusterNumbers>(json, below(key));
  }

  std::string below(std::string_view key) const { return place_ + ": /" + std::string(key); }
  [[noreturn]] void wrong(std::string_view key, const Json& value, const std::string& allowed) const {
    throw InvalidResults(place_ + ": \"" + std::string(key) + "\" is " + describe(value) + "; allowed: " + allowed);
  }

  const Json& object_;
  const std::string& place_;
};

/// Calls each(record, place) for every line of the file.
template <class Record, class Each>
void each_line(const fs::path& file, Each&& each) {
  std::istringstream text(read_result(file));
  int number = 0;
  for (std::string line; std::getline(text, line);) {
    const std::string place = file.string() + ": line " + std::to_string(++number);
    if (text.eof()) throw InvalidResults(place + ": has no line end; the file is cut off");
    each(RecordReader::read<Record>(parsed(line, place, true), place), place);
  }
}

/// Without the stretches, which are not stored.
CriticalPath path_of(const PathRecord& record, const std::string& place) {
  CriticalPath path{.stretches = {}, .shares = {}, .late = record.late, .waits = record.waits};
  for (const PathShareLine& line : record.shares) {
    const auto& names = NamesOf<sim::PathCause>::values;
    const auto named = std::find_if(names.begin(), names.end(), [&](const auto& n) { return n.second == line.cause; });
    if (named == names.end())
      throw InvalidResults(place + ": /critical_path/shares: \"cause\" is " + text_of(line.cause) +
                           ", which is none of those that docs/results.md names");
    path.shares.push_back({static_cast<sim::NodeId>(line.worker.value_or(sim::kNobody)), named->first, line.time});
  }
  return path;
}

}  // namespace

std::string read_result(const fs::path& file) {
  if (const std::string reason = models::not_a_file(file); !reason.empty())
    throw InvalidResults(file.string() + ": " + reason + "; a results directory has a file there");
  std::ifstream in(file, std::ios::binary);
  std::string text((std::istreambuf_iterator<char>(in)), {});
  if (!in) throw InvalidResults(file.string() + ": cannot be read");
  return text;
}

Json read_json(const fs::path& file) { return parsed(read_result(file), file.string()); }

RunLog read_run(const fs::path& directory) {
  RunLog log;
  const std::string place = (directory / "summary.json").string();
  const auto summary =
      RecordReader::read<RunSummary<RunLog>>(read_json(directory / "summary.json"), place, {.run = log});
  log.final = summary.at;
  log.final.time = summary.makespan;
  for (const WorkerLine& worker : summary.workers) log.workers.push_back(worker.use);
  log.path = path_of(summary.path, place);
  log.cluster = summary.cluster;

  each_line<MetricsLine>(directory / "metrics.jsonl", [&](const MetricsLine& line, const std::string& at) {
    Evaluation e{.at = line.at, .loss = line.losses.loss, .domain_loss = {}};
    std::vector<std::string> names;
    for (const auto& [name, loss] : line.losses.domain_loss) {
      names.push_back(name);
      e.domain_loss.push_back(loss);
    }
    if (log.evaluations.empty()) log.domains = names;
    if (names != log.domains) throw InvalidResults(at + ": its domains are not those of the first line");
    if (!log.evaluations.empty() && e.at.time < log.evaluations.back().at.time)
      throw InvalidResults(at + ": is earlier than the line before it");
    log.evaluations.push_back(std::move(e));
  });
  if (log.evaluations.empty())
    throw InvalidResults((directory / "metrics.jsonl").string() + ": is empty; a run has an evaluation at its start");
  log.diverged = summary.diverged.value_or(std::any_of(log.evaluations.begin(), log.evaluations.end(),
                                                       [](const Evaluation& e) { return !std::isfinite(e.loss); }));
  each_line<UpdateRecord>(directory / "updates.jsonl", [&](const UpdateRecord& update, const std::string& at) {
    log.updates.push_back(update);
    log.longest_round = std::max(log.longest_round, update.local_steps);
    if (static_cast<size_t>(update.worker) >= log.workers.size())
      throw InvalidResults(at + ": is of worker " + std::to_string(update.worker) + ", but summary.json has " +
                           std::to_string(log.workers.size()) + " workers");
  });
  const Arrivals found = arrivals_of(log), counted = summary.arrivals;
  if (found != counted)
    throw InvalidResults((directory / "updates.jsonl").string() + ": has " + std::to_string(found.applied) +
                         " arrivals applied and " + std::to_string(found.dropped) + " dropped, but summary.json says " +
                         std::to_string(counted.applied) + " and " + std::to_string(counted.dropped) +
                         "; a line is lost, or a file is of another run");
  const Counters& last = log.evaluations.back().at;
  if (last.local_steps != log.final.local_steps || last.time != summary.at.time)
    throw InvalidResults((directory / "metrics.jsonl").string() + ": ends after " + std::to_string(last.local_steps) +
                         " local steps at " + number_text(sim::to_seconds(last.time)) + " s, but summary.json says " +
                         std::to_string(log.final.local_steps) + " at " +
                         number_text(sim::to_seconds(summary.at.time)) + " s; a file is cut off or of another run");
  return log;
}

}  // namespace experiments
