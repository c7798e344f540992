#include "experiments/run/checkpoint.h"

#include <algorithm>
#include <cstring>

#include "models/durable.h"
#include "sim/fingerprint.h"

namespace experiments {
namespace fs = std::filesystem;
namespace {

constexpr const char* kFormat = "checkpoint 1";
constexpr const char* kNew = "next.safetensors";  // there only between two renames, and whole
constexpr const char* kNewest = "state.safetensors";
constexpr const char* kPrevious = "previous.safetensors";
constexpr const char* kNames[] = {kNew, kNewest, kPrevious};  // the newest first

void add_bytes(sim::Fingerprint& sum, std::span<const std::byte> bytes) {
  sum.add(bytes.size());
  size_t i = 0;
  for (uint64_t word; i + sizeof word <= bytes.size(); i += sizeof word) {
    std::memcpy(&word, bytes.data() + i, sizeof word);
    sum.add(word);
  }
  uint64_t rest = 0;
  if (i < bytes.size()) std::memcpy(&rest, bytes.data() + i, bytes.size() - i);
  sum.add(rest);
}

void add_text(sim::Fingerprint& sum, const std::string& text) { add_bytes(sum, std::as_bytes(std::span(text))); }

}  // namespace

void CheckpointWriter::add(const std::string& name, std::span<const float> values) {
  if (values.empty()) return;
  tensors_.push_back({name, "F32", {static_cast<int64_t>(values.size())}, std::as_bytes(values)});
}

void CheckpointWriter::add(const std::string& name, std::span<const double> values) {
  if (values.empty()) return;
  tensors_.push_back({name, "F64", {static_cast<int64_t>(values.size())}, std::as_bytes(values)});
}

void CheckpointWriter::write(const fs::path& directory) const {
  const std::string text = state.dump();
  sim::Fingerprint sum;
  add_text(sum, text);
  for (const models::TensorBytes& tensor : tensors_) {
    add_text(sum, tensor.name);
    add_bytes(sum, tensor.bytes);
  }
  const auto require = [&](const std::error_code& error) {
    if (error) throw models::WeightsError(directory.string() + ": cannot be written: " + error.message());
  };
  require(models::make_directories(directory));
  models::write_safetensors(directory / kNew, tensors_,
                            {{"straggle", kFormat}, {"state", text}, {"checksum", sim::fingerprint_text(sum.value())}});
  if (fs::exists(directory / kNewest)) fs::rename(directory / kNewest, directory / kPrevious);
  fs::rename(directory / kNew, directory / kNewest);
  require(models::sync_directory(directory));
}

CheckpointReader::CheckpointReader(const fs::path& file) : file_(file) {
  models::Complaints wrong(file, "a checkpoint");
  models::SafetensorsFile in(file, wrong);
  in.check_places(wrong);
  wrong.raise_if_any();
  const auto word = [&](const char* key) {
    const auto found = in.metadata().find(key);
    if (found == in.metadata().end()) fail(std::string("it has no \"") + key + "\"");
    return found->second;
  };
  if (word("straggle") != kFormat) fail("it is a \"" + word("straggle") + "\"; expected a \"" + kFormat + "\"");
  // In the order of their bytes, which is that of writing.
  std::map<uint64_t, std::string> order;
  for (const auto& [name, entry] : in.tensors())
    if (entry.end > entry.begin) order[entry.begin] = name;
  sim::Fingerprint sum;
  const std::string text = word("state");
  add_text(sum, text);
  const auto read = [&](const std::string& name, const models::TensorEntry& entry, auto& values) {
    if (entry.end > in.data_bytes()) fail("reading stopped before the end");
    values.resize((entry.end - entry.begin) / sizeof values[0]);
    const auto bytes = std::as_writable_bytes(std::span(values));
    // The checksum is of what was written: not of the types and shapes, which nobody else would look at.
    if (bytes.size() != entry.end - entry.begin || entry.shape != std::vector{static_cast<int64_t>(values.size())})
      fail("the type, shape and length of \"" + name + "\" do not fit one another");
    if (!in.read(entry, bytes)) fail("reading stopped before the end");
    add_text(sum, name);
    add_bytes(sum, bytes);
  };
  for (const auto& [begin, name] : order) {
    const models::TensorEntry& entry = in.tensors().at(name);
    if (entry.dtype == "F64")
      read(name, entry, doubles_[name]);
    else if (entry.dtype == "F32")
      read(name, entry, floats_[name]);
    else
      fail("\"" + name + "\" is of type \"" + entry.dtype + "\"; allowed: F32, F64");
  }
  if (word("checksum") != sim::fingerprint_text(sum.value()))
    fail("its checksum is " + word("checksum") + ", its content's " + sim::fingerprint_text(sum.value()) +
         ": it is damaged");
  state = Json::parse(text, nullptr, false);
  if (!state.is_object()) fail("its state is no JSON object");
}

models::Params CheckpointReader::floats(const std::string& name, std::optional<size_t> size) {
  const auto found = floats_.find(name);
  const size_t there = found == floats_.end() ? 0 : found->second.size();
  if (found == floats_.end() || there != size.value_or(there))
    fail("\"" + name + "\" has " + std::to_string(there) + " numbers; expected " + std::to_string(size.value_or(1)));
  return std::move(found->second);
}

std::vector<double> CheckpointReader::doubles(const std::string& name) { return std::move(doubles_[name]); }

void CheckpointReader::fail(const std::string& what) const { models::Complaints(file_, "a checkpoint").fail(what); }

std::optional<CheckpointReader> newest_checkpoint(const fs::path& directory, std::string& damage) {
  for (const char* name : kNames) {
    std::error_code error;
    if (!fs::exists(directory / name, error)) continue;
    try {
      return CheckpointReader(directory / name);
    } catch (const models::WeightsError& wrong) {
      damage += std::string(damage.empty() ? "" : "\n") + wrong.what();
    }
  }
  return std::nullopt;
}

bool is_checkpoint_directory(const fs::path& directory) {
  std::error_code error;
  return directory.filename() == kCheckpointDirectory &&
         std::any_of(std::begin(kNames), std::end(kNames),
                     [&](const char* name) { return fs::exists(directory / name, error); });
}

namespace {

/// The directories below in which there is a checkpoint.
std::vector<fs::path> checkpoint_directories(const fs::path& directory) {
  std::vector<fs::path> found;
  std::error_code error;
  for (fs::recursive_directory_iterator it(directory, error), end; !error && it != end; it.increment(error))
    if (is_checkpoint_directory(it->path())) found.push_back(it->path());
  return found;
}

}  // namespace

bool holds_checkpoint(const fs::path& directory) { return !checkpoint_directories(directory).empty(); }

bool remove_checkpoints(const fs::path& directory) {
  std::vector<fs::path> places = checkpoint_directories(directory);
  std::error_code error;
  for (fs::recursive_directory_iterator it(directory, error), end; !error && it != end; it.increment(error))
    if (it->path().filename() == kCheckpointDirectory && fs::is_empty(it->path(), error))
      places.push_back(it->path());  // in which none could be written
  bool all = !error;
  for (const fs::path& place : places) {
    fs::remove_all(place, error);
    all = all && !error;
  }
  return all;
}

}  // namespace experiments
