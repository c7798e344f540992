#pragma once
#include <chrono>
#include <filesystem>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "experiments/config/json_reader.h"
#include "models/params.h"
#include "models/safetensors.h"

namespace experiments {

/// How often checkpoints are made, in real time, unless asked for otherwise.
inline constexpr std::chrono::minutes kCheckpointInterval{5};

/// Collects what a checkpoint holds and writes it: one JSON document and named vectors, as one safetensors file with a
/// checksum over all of it.
class CheckpointWriter {
 public:
  Json state = Json::object();
  /// `values` must outlive the writing; empty ones are left out.
  void add(const std::string& name, std::span<const float> values);
  void add(const std::string& name, std::span<const double> values);
  /// Puts the checkpoint into the directory, made if need be, as <directory>/state.safetensors; the one that was there
  /// becomes previous.safetensors once the new one is whole and on the disk. Throws models::WeightsError or
  /// filesystem_error; what was there before stays.
  void write(const std::filesystem::path& directory) const;

 private:
  std::vector<models::TensorBytes> tensors_;
};

/// A checkpoint read back, whole and with its checksum right.
class CheckpointReader {
 public:
  /// Throws models::WeightsError saying what is wrong with the file.
  explicit CheckpointReader(const std::filesystem::path& file);
  Json state;
  /// Moves a vector out. Throws models::WeightsError when there is none of that name or its length is another
  /// than `size`.
  models::Params floats(const std::string& name, std::optional<size_t> size = {});
  std::vector<double> doubles(const std::string& name);
  bool has(const std::string& name) const { return floats_.contains(name) || doubles_.contains(name); }
  [[noreturn]] void fail(const std::string& what) const;

 private:
  std::filesystem::path file_;
  std::map<std::string, models::Params> floats_;
  std::map<std::string, std::vector<double>> doubles_;
};

/// The newest checkpoint of the directory that can be read, if there is any; says in `damage` what is wrong with newer
/// ones.
std::optional<CheckpointReader> newest_checkpoint(const std::filesystem::path& directory, std::string& damage);

/// Whether that is a directory of checkpoints.
bool is_checkpoint_directory(const std::filesystem::path& directory);
/// Whether there is a checkpoint anywhere below.
bool holds_checkpoint(const std::filesystem::path& directory);
/// Whether all of them are gone now.
bool remove_checkpoints(const std::filesystem::path& directory);

/// A run's checkpoints are in a directory of this name in the run's.
inline constexpr const char* kCheckpointDirectory = "checkpoint";

}  // namespace experiments
