#include "experiments/import/importer.h"

#include <algorithm>
#include <cmath>
#include <set>

#include "experiments/config/json_file.h"
#include "experiments/report/files.h"
#include "experiments/run/results_directory.h"
#include "models/data/text_file.h"
#include "models/input_file.h"
#include "sim/trace_file.h"

namespace experiments {
namespace fs = std::filesystem;

const std::vector<ImportFormat>& import_formats() {
  static const std::vector<ImportFormat> all{
      {"skypilot", "SkyPilot's spot traces, JSON; a file per zone", "after until seconds-per-step", import_skypilot},
      {"bamboo", "Bamboo's traces, CSV: events or counts", "after until seconds-per-step", import_bamboo},
      {"availability", "CSV t,worker,up|down", "after until seconds-per-step", import_availability},
      {"steps", "CSV step,rank,seconds", "after", import_steps},
      {"wandb", "history of a W&B run, CSV; a file per rank", "after", import_wandb},
      {"torch-profiler", "traces of torch.profiler, JSON; a file per rank", "after", import_torch_profiler},
      {"iperf3", "iperf3 -J, a file per measurement", "seconds-per-step", import_iperf3},
      {"links", "CSV from,to,gbps,ms", "server seconds-per-step", import_links},
      {"simgrid", "a platform of SimGrid 4, XML", "server", import_simgrid},
      {"mahimahi", "packet traces of Mahimahi; a file per worker", "after link window seconds-per-step",
       import_mahimahi},
      {"bandwidth", "lines of seconds and Mbit/s; a file per worker", "after link seconds-per-step", import_bandwidth}};
  return all;
}

Json read_json_input(const fs::path& file) {
  if (const std::string reason = models::not_a_file(file); !reason.empty())
    throw InvalidConfig(file.string(), {{"", reason}});
  return parse_json(models::read_all(file), file.string(), 1'000'000);
}

double number_at(const Json& document, const std::string& pointer, const fs::path& file) {
  const Json::json_pointer place(pointer);
  if (!document.contains(place))
    throw InvalidConfig(file.string(), {{pointer, "is not there; allowed: a number of at least 0"}});
  const Json& value = document.at(place);
  if (!value.is_number() || !(value.get<double>() >= 0) || !std::isfinite(value.get<double>()))
    throw InvalidConfig(file.string(), {{pointer, "is " + describe(value) + "; allowed: a number of at least 0"}});
  return value.get<double>();
}

const fs::path& only_file(const ImportFiles& files, std::string_view format) {
  if (files.size() != 1)
    throw sim::TraceError(files.at(1).string() + ": is one file too many; allowed: one of format " +
                          std::string(format));
  return files[0];
}

std::string after_of(Imported& made, const ImportOptions& options, const std::vector<std::string>& allowed) {
  const std::string after = options.after.value_or(allowed[0]);
  if (std::find(allowed.begin(), allowed.end(), after) == allowed.end())
    throw InvalidConfig("--after", {{"", unknown_value(Json(after), "values", {allowed.begin(), allowed.end()})}});
  made.notes.push_back("past its end: " + after + (options.after ? "" : ", as --after was not given"));
  return after;
}

Json assumed_speed(const ImportOptions& options) {
  return {{"kind", "steady"}, {"seconds_per_step", options.seconds_per_step}};
}

std::string assumed_speed_text(const ImportOptions& options) {
  return "not told, so assumed: " + number_text(options.seconds_per_step) + " s per step";
}

void name_workers(Imported& made, const std::vector<std::string>& names) {
  if (std::set<std::string>(names.begin(), names.end()).size() < names.size()) return;
  Json& workers = made.cluster["workers"];
  for (size_t i = 0; i < names.size(); ++i) {
    Json named = {{"name", names[i]}};
    named.update(workers.at(i));
    workers[i] = named;
  }
}

std::vector<std::string> stems_of(const ImportFiles& files) {
  std::vector<std::string> stems;
  for (const auto& file : files) stems.push_back(file.stem().string());
  return stems;
}

void write_cluster(const Imported& made, const std::string& source, const fs::path& place) {
  std::error_code error;
  const bool empty = fs::is_directory(place, error) && fs::is_empty(place, error);
  ResultsDirectory out(place, empty);
  Json document = Json::object();
  std::string description;
  for (const std::string& note : made.notes) description += (description.empty() ? "" : "; ") + note;
  document["description"] = description;
  document["source"] = source;
  document.update(made.cluster);
  for (const auto& [name, content] : made.files) write_file(out.path() / name, content);
  write_file(out.path() / "cluster.json", text_of(document, 2) + "\n");
  out.commit();
}

std::string counted(size_t count, const std::string& noun) {
  return std::to_string(count) + " " + noun + (count == 1 ? "" : "s");
}

}  // namespace experiments
