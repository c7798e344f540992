#include <cmath>
#include <type_traits>

#include "experiments/config/fields.h"
#include "experiments/report/files.h"
#include "experiments/report/records.h"
#include "experiments/report/writers.h"
#include "sim/fingerprint.h"

namespace experiments {
namespace {

/// One record as an object.
class RecordWriter {
 public:
  template <class T>
  void field(std::string_view key, T&& value, std::string_view /*unit*/, std::string_view /*meaning*/) {
    object_[std::string(key)] = of(value, key);
  }
  template <class T>
  void later(std::string_view key, T&& value, std::string_view unit, std::string_view meaning) {
    if (is_there(value)) field(key, value, unit, meaning);
  }
  template <class Make>
  void derived(std::string_view key, Make&& make, std::string_view unit, std::string_view meaning) {
    auto value = make();
    field(key, value, unit, meaning);
  }
  template <class Make>
  void derived(Make&& make) {
    part(make());
  }
  template <class Record>
  void part(Record&& record) {
    fields(*this, record);
  }

  template <class Record>
  static Json write(Record&& record) {
    RecordWriter writer;
    fields(writer, record);
    return std::move(writer.object_);
  }

 private:
  template <class T>
  static bool is_there(const T& value) {
    if constexpr (std::is_floating_point_v<T>) return std::isfinite(value);
    return true;
  }
  template <class T>
  static bool is_there(const std::optional<T>& value) {
    return value.has_value();
  }
  static bool is_there(const PathRecord& path) { return !path.shares.empty(); }

  template <class T>
  static Json of(T& value, std::string_view key) {
    using Value = std::remove_const_t<T>;
    if constexpr (std::is_same_v<Value, double>) {
      return number(value);
    } else if constexpr (IsOptional<Value>::value) {
      return value ? of(*value, key) : Json(nullptr);
    } else if constexpr (std::is_same_v<Value, sim::Time>) {
      const sim::Duration since_start = value.time_since_epoch();
      return of(since_start, key);
    } else if constexpr (std::is_same_v<Value, sim::Duration>) {
      return key.ends_with("_nanoseconds") ? Json(value.count()) : Json(sim::to_seconds(value));
    } else if constexpr (std::is_same_v<Value, ByName>) {
      Json object = Json::object();
      for (const auto& [name, number_of_it] : value) object[name] = number(number_of_it);
      return object;
    } else if constexpr (std::is_same_v<Value, HexDigits<const uint64_t>>) {
      return sim::fingerprint_text(value.bits);
    } else if constexpr (IsVector<Value>::value) {
      Json array = Json::array();
      for (auto& item : value) array.push_back(write(item));
      return array;
    } else if constexpr (std::is_arithmetic_v<Value> || std::is_same_v<Value, std::string>) {
      return value;
    } else {
      return write(value);
    }
  }
  Json object_ = Json::object();
};

}  // namespace

Losses losses_of(const RunLog& run, const Evaluation& e) {
  Losses losses{.loss = e.loss, .domain_loss = {}, .bytes_per_token = run.bytes_per_token};
  for (size_t d = 0; d < run.domains.size() && d < e.domain_loss.size(); ++d)
    losses.domain_loss.emplace_back(run.domains[d], e.domain_loss[d]);
  return losses;
}

Losses last_losses(const RunLog& run) {
  return losses_of(run, run.evaluations.empty() ? Evaluation{.at = {}, .loss = final_loss(run), .domain_loss = {}}
                                                : run.evaluations.back());
}

Arrivals arrivals_of(const RunLog& run) {
  Arrivals arrivals;
  for (const UpdateRecord& u : run.updates) ++(u.dropped ? arrivals.dropped : arrivals.applied);
  return arrivals;
}

Staleness staleness_of(const RunLog& run) {
  const bool any = arrivals_of(run).applied > 0;
  return {.mean = mean_staleness(run), .max = any ? std::optional(max_staleness(run)) : std::nullopt};
}

nlohmann::ordered_json cluster_json(ClusterNumbers numbers) { return RecordWriter::write(numbers); }

PathRecord path_record(const CriticalPath& path) {
  PathRecord record{.waits = path.waits, .shares = {}, .late = path.late};
  for (const auto& [worker, cause, time] : path.shares)
    record.shares.push_back(
        {worker == sim::kNobody ? std::nullopt : std::optional<int64_t>(worker), std::string(name_of(cause)), time});
  return record;
}

RunFiles run_files(const RunLog& run, std::optional<double> target_loss) {
  RunFiles files;
  for (const Evaluation& e : run.evaluations)
    files.metrics += text_of(RecordWriter::write(MetricsLine{e.at, losses_of(run, e)})) + "\n";
  for (UpdateRecord update : run.updates) files.updates += text_of(RecordWriter::write(update)) + "\n";
  RunSummary<const RunLog> summary{
      run,          target_loss,           run.final,  run.final.time, arrivals_of(run), {},
      run.diverged, path_record(run.path), run.cluster};
  for (const WorkerUse& use : run.workers) summary.workers.push_back({summary.workers.size(), use});
  files.summary = text_of(RecordWriter::write(summary), 2) + "\n";
  return files;
}

void write_run(const std::filesystem::path& directory, const RunLog& run, std::optional<double> target_loss) {
  const RunFiles files = run_files(run, target_loss);
  write_file(directory / "metrics.jsonl", files.metrics);
  write_file(directory / "updates.jsonl", files.updates);
  write_file(directory / "summary.json", files.summary);
}

}  // namespace experiments
