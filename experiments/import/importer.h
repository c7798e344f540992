#pragma once
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "experiments/config/json_reader.h"

namespace experiments {

/// What files of another program do not tell; each format names those it asks for.
struct ImportOptions {
  std::optional<std::string> after;  ///< what holds past the end of a trace; none: hold, of steps refuse
  std::optional<double> until;       ///< s; how long availability is repeated
  std::string server;                ///< the node that is no worker; "": one called "server", else the first
  std::string link = "both";         ///< which of a worker's links a trace is of: upload, download, both
  double window = 1.0;               ///< s; over which packets are counted
  double seconds_per_step = 1.0;     ///< of workers whose speed the files do not tell
};

/// Keys of an experiment file that describe a cluster, the traces that they name, and what the user should know.
struct Imported {
  Json cluster = Json::object();
  std::map<std::string, std::string> files;  ///< by name, beside the cluster's
  std::vector<std::string> notes;            ///< what was read, assumed and left out; a line each
};

using ImportFiles = std::vector<std::filesystem::path>;

struct ImportFormat {
  std::string_view name, reads, options;  ///< options: the names of those it asks for, with spaces
  /// Throws sim::TraceError or InvalidConfig, naming the file and the line or place, for what it cannot take.
  Imported (*import)(const ImportFiles&, const ImportOptions&);
};
/// Every format there is.
const std::vector<ImportFormat>& import_formats();

/// One importer per format, a file each.
Imported import_skypilot(const ImportFiles&, const ImportOptions&);
Imported import_bamboo(const ImportFiles&, const ImportOptions&);
Imported import_availability(const ImportFiles&, const ImportOptions&);
Imported import_steps(const ImportFiles&, const ImportOptions&);
Imported import_wandb(const ImportFiles&, const ImportOptions&);
Imported import_torch_profiler(const ImportFiles&, const ImportOptions&);
Imported import_iperf3(const ImportFiles&, const ImportOptions&);
Imported import_links(const ImportFiles&, const ImportOptions&);
Imported import_simgrid(const ImportFiles&, const ImportOptions&);
Imported import_mahimahi(const ImportFiles&, const ImportOptions&);
Imported import_bandwidth(const ImportFiles&, const ImportOptions&);

/// The text of a JSON file, also .gz and .zst, as a value. Throws InvalidConfig.
Json read_json_input(const std::filesystem::path&);
/// The number at the pointer. Throws InvalidConfig where it is none, is negative or is not finite.
double number_at(const Json& document, const std::string& pointer, const std::filesystem::path& file);

/// Throws sim::TraceError unless there is one.
const std::filesystem::path& only_file(const ImportFiles&, std::string_view format);

/// `after` as chosen, or the first of those allowed, with a note that says which. Throws InvalidConfig for another.
std::string after_of(Imported&, const ImportOptions&, const std::vector<std::string>& allowed);

/// The speed of a worker of which the files tell none, and a note's end that says so.
Json assumed_speed(const ImportOptions&);
std::string assumed_speed_text(const ImportOptions&);

/// Names the entries of the cluster's workers, unless two names are the same.
void name_workers(Imported&, const std::vector<std::string>& names);
/// The files' names without folders and ending.
std::vector<std::string> stems_of(const ImportFiles&);

/// Puts the cluster and its traces at the directory `place`, whole, which must not exist or be empty. Throws
/// OutputError.
void write_cluster(const Imported&, const std::string& source, const std::filesystem::path& place);

/// "1 worker", "2 workers".
std::string counted(size_t count, const std::string& noun);

}  // namespace experiments
