#include "experiments/report/read_run.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <fstream>
#include <limits>
#include <optional>
#include <sstream>

#include "experiments/config/invalid_config.h"
#include "experiments/config/parse.h"
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

/// An object of a file; every value that is asked for must be there and of its kind.
class Record {
 public:
  Record(const Json& object, std::string place) : object_(object), place_(std::move(place)) {
    if (!object.is_object()) throw InvalidResults(place_ + ": is " + describe(object) + "; allowed: an object");
  }
  const Json& at(const char* key) const {
    const auto found = object_.find(key);
    if (found == object_.end()) throw InvalidResults(place_ + ": has no \"" + key + "\"");
    return *found;
  }
  /// Null is NaN: what is not finite is written so.
  double number(const char* key) const { return number_in(at(key), key); }
  std::optional<double> optional_number(const char* key) const {
    return at(key).is_null() ? std::nullopt : std::optional(number(key));
  }
  double number_in(const Json& value, const std::string& key) const {
    if (value.is_null()) return std::numeric_limits<double>::quiet_NaN();
    if (!value.is_number()) wrong(key, value, "a number or null");
    return value.get<double>();
  }
  int64_t count(const char* key) const {
    const Json& value = at(key);
    if (!value.is_number_integer() || value.get<int64_t>() < 0) wrong(key, value, "a whole number of at least 0");
    return value.get<int64_t>();
  }
  /// A count that the type can hold.
  template <class Integer>
  Integer number_of(const char* key) const {
    const int64_t value = count(key);
    constexpr auto most = std::numeric_limits<Integer>::max();
    if (value > most) wrong(key, at(key), "a whole number of at most " + std::to_string(most));
    return static_cast<Integer>(value);
  }
  sim::Duration seconds(const char* key) const {
    const Json& value = at(key);
    if (!value.is_number() || !(value.get<double>() >= 0) || value.get<double>() > 2 * sim::kMaxSeconds)
      wrong(key, value, "seconds of at least 0");
    return sim::from_seconds(value.get<double>());
  }
  sim::Duration nanoseconds(const char* key) const { return sim::Duration{count(key)}; }
  std::string text(const char* key) const {
    if (!at(key).is_string()) wrong(key, at(key), "a string");
    return at(key).get<std::string>();
  }
  bool truth(const char* key) const {
    if (!at(key).is_boolean()) wrong(key, at(key), "true or false");
    return at(key).get<bool>();
  }
  bool has(const char* key) const { return object_.contains(key); }
  const std::string& place() const { return place_; }
  [[noreturn]] void wrong(const std::string& key, const Json& value, const std::string& allowed) const {
    throw InvalidResults(place_ + ": \"" + key + "\" is " + describe(value) + "; allowed: " + allowed);
  }

 private:
  const Json& object_;
  std::string place_;
};

Counters counters_of(const Record& r) {
  Counters at;
  at.server_updates = r.count("server_updates");
  at.local_steps = r.count("local_steps");
  at.tokens = r.count("tokens");
  at.time = sim::kTimeZero + r.seconds("simulated_seconds");
  at.bytes_up = static_cast<uint64_t>(r.count("bytes_up"));
  at.bytes_down = static_cast<uint64_t>(r.count("bytes_down"));
  return at;
}

Evaluation evaluation_of(const Record& r, std::vector<std::string>& domains, bool first) {
  Evaluation e{.at = counters_of(r), .loss = r.number("loss"), .domain_loss = {}};
  const Json& by_domain = r.at("domain_loss");
  if (!by_domain.is_object()) r.wrong("domain_loss", by_domain, "an object, a loss a domain");
  std::vector<std::string> names;
  for (const auto& [name, loss] : by_domain.items()) {
    names.push_back(name);
    e.domain_loss.push_back(r.number_in(loss, name));
  }
  if (first) domains = names;
  if (names != domains) throw InvalidResults(r.place() + ": its domains are not those of the first line");
  return e;
}

UpdateRecord update_of(const Record& r) {
  UpdateRecord u;
  u.time = sim::kTimeZero + r.seconds("simulated_seconds");
  u.server_update = r.count("server_update");
  u.round = r.count("round");
  u.worker = r.number_of<sim::NodeId>("worker");
  u.shard = r.number_of<int>("shard");
  u.local_steps = r.count("local_steps");
  u.staleness_updates = r.count("staleness_updates");
  u.staleness = r.seconds("staleness_seconds");
  u.train_loss = r.number("train_loss");
  u.gradient_norm = r.number("gradient_norm");
  u.cosine_to_momentum = r.optional_number("cosine_to_momentum");
  u.dropped = r.truth("dropped");
  return u;
}

WorkerUse use_of(const Record& r) {
  WorkerUse use;
  use.compute = r.nanoseconds("compute_nanoseconds");
  use.upload = r.nanoseconds("upload_nanoseconds");
  use.download = r.nanoseconds("download_nanoseconds");
  use.wait = r.nanoseconds("wait_nanoseconds");
  use.down = r.nanoseconds("down_nanoseconds");
  use.rounds = r.count("rounds");
  use.local_steps = r.count("local_steps");
  return use;
}

uint64_t fingerprint_of(const Record& r) {
  const std::string text = r.text("fingerprint");
  uint64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value, 16);
  if (text.size() != 16 || error != std::errc() || end != text.data() + text.size())
    r.wrong("fingerprint", r.at("fingerprint"), "16 hexadecimal digits");
  return value;
}

template <class Each>
void each_line(const fs::path& file, Each&& each) {
  std::istringstream text(read_result(file));
  int number = 0;
  for (std::string line; std::getline(text, line);) {
    const std::string place = file.string() + ": line " + std::to_string(++number);
    if (text.eof()) throw InvalidResults(place + ": has no line end; the file is cut off");
    const Json value = parsed(line, place, true);
    each(Record(value, place));
  }
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
  const Json summary = read_json(directory / "summary.json");
  const Record whole(summary, (directory / "summary.json").string());
  log.method = whole.text("method");
  if (!whole.at("seed").is_number_unsigned()) whole.wrong("seed", whole.at("seed"), "a whole number of at least 0");
  log.seed = whole.at("seed").get<uint64_t>();
  log.final = counters_of(whole);
  const sim::Time ends = log.final.time;  // as metrics.jsonl writes it
  log.final.time = sim::kTimeZero + whole.nanoseconds("makespan_nanoseconds");
  log.lost_steps = whole.count("lost_steps");
  log.dropped_steps = whole.count("dropped_steps");
  log.crashed_steps = whole.count("crashed_steps");
  log.crashes = whole.count("crashes");
  log.out_of_workers = whole.truth("out_of_workers");
  if (whole.has("diverged")) log.diverged = whole.truth("diverged");
  if (whole.has("fingerprint")) log.fingerprint = fingerprint_of(whole);
  log.bytes_per_token = whole.number("bytes_per_token");
  if (whole.has("guessing_loss")) log.guessing_loss = whole.number("guessing_loss");
  if (!whole.at("workers").is_array()) whole.wrong("workers", whole.at("workers"), "an array");
  for (const Json& worker : whole.at("workers"))
    log.workers.push_back(use_of(Record(worker, whole.place() + ": /workers/" + std::to_string(log.workers.size()))));

  each_line(directory / "metrics.jsonl", [&](const Record& line) {
    log.evaluations.push_back(evaluation_of(line, log.domains, log.evaluations.empty()));
    const auto n = log.evaluations.size();
    if (n > 1 && log.evaluations[n - 1].at.time < log.evaluations[n - 2].at.time)
      throw InvalidResults(line.place() + ": is earlier than the line before it");
  });
  if (log.evaluations.empty())
    throw InvalidResults((directory / "metrics.jsonl").string() + ": is empty; a run has an evaluation at its start");
  if (!whole.has("diverged"))  // an older version's
    log.diverged = std::any_of(log.evaluations.begin(), log.evaluations.end(),
                               [](const Evaluation& e) { return !std::isfinite(e.loss); });
  int64_t dropped = 0;
  each_line(directory / "updates.jsonl", [&](const Record& line) {
    log.updates.push_back(update_of(line));
    log.longest_round = std::max(log.longest_round, log.updates.back().local_steps);
    dropped += log.updates.back().dropped;
    if (static_cast<size_t>(log.updates.back().worker) >= log.workers.size())
      throw InvalidResults(line.place() + ": is of worker " + std::to_string(log.updates.back().worker) +
                           ", but summary.json has " + std::to_string(log.workers.size()) + " workers");
  });
  const Record arrivals(whole.at("arrivals"), whole.place() + ": /arrivals");
  const int64_t applied = static_cast<int64_t>(log.updates.size()) - dropped;
  if (applied != arrivals.count("applied") || dropped != arrivals.count("dropped"))
    throw InvalidResults((directory / "updates.jsonl").string() + ": has " + std::to_string(applied) +
                         " arrivals applied and " + std::to_string(dropped) + " dropped, but summary.json says " +
                         std::to_string(arrivals.count("applied")) + " and " +
                         std::to_string(arrivals.count("dropped")) + "; a line is lost, or a file is of another run");
  const Counters& last = log.evaluations.back().at;
  if (last.local_steps != log.final.local_steps || last.time != ends)
    throw InvalidResults((directory / "metrics.jsonl").string() + ": ends after " + std::to_string(last.local_steps) +
                         " local steps at " + number_text(sim::to_seconds(last.time)) + " s, but summary.json says " +
                         std::to_string(log.final.local_steps) + " at " + number_text(sim::to_seconds(ends)) +
                         " s; a file is cut off or of another run");
  return log;
}

}  // namespace experiments
