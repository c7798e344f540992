#include "models/weights.h"

#include <unistd.h>

#include <algorithm>
#include <bit>
#include <cstring>
#include <fstream>
#include <nlohmann/json.hpp>
#include <set>
#include <vector>

// Source of the format: https://github.com/huggingface/safetensors, "Format": 8 bytes of header length N,
// little-endian; N bytes of JSON; the tensors' bytes, without holes.

namespace models {
namespace {

using nlohmann::json;
static_assert(std::endian::native == std::endian::little,
              "safetensors are little-endian and written as they lie in memory");

constexpr uint64_t longest_header = 100'000'000;  // the format's own limit

std::string shape_text(const std::vector<int64_t>& shape) { return json(shape).dump(); }

/// Collects what is wrong with one file and throws it all at once.
class Complaints {
 public:
  explicit Complaints(const std::filesystem::path& file) : file_(file) {}
  void add(const std::string& what) {
    // A file of another model differs in every tensor: the first differences tell enough.
    if (++count_ <= 20) text_ += "\n  " + what;
  }
  [[noreturn]] void fail(const std::string& what) {
    add(what);
    raise();
  }
  void raise_if_any() const {
    if (count_ > 0) raise();
  }

 private:
  [[noreturn]] void raise() const {
    const std::string more = count_ > 20 ? "\n  and " + std::to_string(count_ - 20) + " more" : "";
    throw WeightsError(file_.string() + ": cannot be used as weights:" + text_ + more);
  }
  std::filesystem::path file_;
  std::string text_;
  int count_ = 0;
};

/// One tensor's entry in the header.
struct Entry {
  std::string dtype;
  std::vector<int64_t> shape;
  uint64_t begin = 0, end = 0;
};

/// Parses the header and refuses a name given twice, of which JSON libraries keep one silently.
json parse_header(const std::string& text, Complaints& wrong) {
  std::set<std::string> seen;
  const auto watch = [&](int depth, json::parse_event_t event, json& value) {
    if (depth > 8) wrong.fail("the header is nested more than 8 levels deep");
    if (event == json::parse_event_t::key && depth == 1 && !seen.insert(value.get<std::string>()).second)
      wrong.add("tensor \"" + value.get<std::string>() + "\" is there twice; expected once");
    return true;
  };
  try {
    json header = json::parse(text, watch);
    if (!header.is_object()) wrong.fail("the header is not a JSON object");
    return header;
  } catch (const json::exception& error) {
    wrong.fail(std::string("the header is not JSON: ") + error.what());
  }
}

bool read_entry(const json& value, Entry& entry) {
  const auto is_size = [](const json& v) { return v.is_number_unsigned(); };
  if (!value.is_object() || !value.contains("dtype") || !value.contains("shape") || !value.contains("data_offsets"))
    return false;
  const json &dtype = value["dtype"], &shape = value["shape"], &offsets = value["data_offsets"];
  if (!dtype.is_string() || !shape.is_array() || !offsets.is_array() || offsets.size() != 2) return false;
  if (!std::all_of(shape.begin(), shape.end(), is_size) || !std::all_of(offsets.begin(), offsets.end(), is_size))
    return false;
  entry.dtype = dtype.get<std::string>();
  entry.shape = shape.get<std::vector<int64_t>>();
  entry.begin = offsets[0].get<uint64_t>();
  entry.end = offsets[1].get<uint64_t>();
  return true;
}

/// Says how one tensor of the file differs from what the layout wants of it.
void check_entry(const TensorSpec& wanted, const Entry& entry, uint64_t data_bytes, Complaints& wrong) {
  const std::string name = "tensor \"" + wanted.name + "\"";
  const std::string place = "[" + std::to_string(entry.begin) + ", " + std::to_string(entry.end) + ")";
  if (entry.dtype != "F32") wrong.add(name + " has dtype " + entry.dtype + "; expected F32");
  if (entry.shape != wanted.shape)
    wrong.add(name + " has shape " + shape_text(entry.shape) + "; expected " + shape_text(wanted.shape));
  else if (entry.dtype == "F32" && (entry.end < entry.begin || entry.end - entry.begin != wanted.size * sizeof(float)))
    wrong.add(name + " lies at bytes " + place + "; expected " + std::to_string(wanted.size * sizeof(float)) +
              " bytes");
  if (entry.end > data_bytes)
    wrong.add(name + " lies at bytes " + place + " of the data; the file ends after " + std::to_string(data_bytes));
}

/// Tensors must follow one another, touching, from the first byte of the data to the last.
void check_places(std::vector<std::pair<std::string, Entry>> entries, uint64_t data_bytes, Complaints& wrong) {
  std::sort(entries.begin(), entries.end(), [](const auto& a, const auto& b) {
    return std::pair(a.second.begin, a.second.end) < std::pair(b.second.begin, b.second.end);
  });
  uint64_t at = 0;
  for (const auto& [name, entry] : entries) {
    if (entry.begin != at)
      wrong.add("tensor \"" + name + "\" begins at byte " + std::to_string(entry.begin) + " of the data; expected " +
                std::to_string(at) + ": tensors may neither overlap nor leave holes");
    at = std::max(at, entry.end);
  }
  if (at < data_bytes)
    wrong.add("the data is " + std::to_string(data_bytes) + " bytes long; its tensors end after " + std::to_string(at));
}

}  // namespace

void save_weights(const std::filesystem::path& file, const ParamLayout& layout, std::span<const float> params,
                  const std::map<std::string, std::string>& metadata) {
  if (params.size() != layout.size())
    throw WeightsError(file.string() + ": found " + std::to_string(params.size()) +
                       " parameters to save; the layout has " + std::to_string(layout.size()));
  nlohmann::ordered_json header;
  if (!metadata.empty()) header["__metadata__"] = metadata;
  uint64_t at = 0;
  for (const TensorSpec& tensor : layout.tensors()) {
    const uint64_t end = at + tensor.size * sizeof(float);
    header[tensor.name] = {{"dtype", "F32"}, {"shape", tensor.shape}, {"data_offsets", {at, end}}};
    at = end;
  }
  std::string text = header.dump();
  text.resize((text.size() + 7) / 8 * 8, ' ');  // so that the data starts on a boundary of 8 bytes
  const uint64_t length = text.size();

  // A name of this process's own, so that two that write the same file each put a whole one in place.
  const std::filesystem::path aside = file.string() + ".partial-" + std::to_string(getpid());
  std::ofstream out(aside, std::ios::binary | std::ios::trunc);
  out.write(reinterpret_cast<const char*>(&length), sizeof length);
  out.write(text.data(), static_cast<std::streamsize>(text.size()));
  for (const TensorSpec& tensor : layout.tensors())
    out.write(reinterpret_cast<const char*>(params.data() + tensor.offset),
              static_cast<std::streamsize>(tensor.size * sizeof(float)));
  out.close();
  std::error_code error;
  if (out) std::filesystem::rename(aside, file, error);
  if (!out || error) {
    std::error_code ignored;
    std::filesystem::remove(aside, ignored);
    throw WeightsError(file.string() + ": cannot be written" + (error ? ": " + error.message() : ""));
  }
}

void load_weights(const std::filesystem::path& file, const ParamLayout& layout, std::span<float> params) {
  Complaints wrong(file);
  if (params.size() != layout.size())
    wrong.fail("found room for " + std::to_string(params.size()) + " parameters; the layout has " +
               std::to_string(layout.size()));
  std::error_code error;
  const uint64_t file_bytes = std::filesystem::file_size(file, error);
  std::ifstream in(file, std::ios::binary);
  if (error || !in) wrong.fail("the file cannot be read" + (error ? ": " + error.message() : std::string()));
  uint64_t header_bytes = 0;
  if (file_bytes < sizeof header_bytes)
    wrong.fail("the file is " + std::to_string(file_bytes) + " bytes long; a header alone takes 8 and more");
  in.read(reinterpret_cast<char*>(&header_bytes), sizeof header_bytes);
  if (header_bytes > longest_header || header_bytes > file_bytes - sizeof header_bytes)
    wrong.fail("the header claims " + std::to_string(header_bytes) + " bytes; allowed: at most " +
               std::to_string(std::min(longest_header, file_bytes - sizeof header_bytes)) + " in this file");
  std::string text(header_bytes, '\0');
  in.read(text.data(), static_cast<std::streamsize>(header_bytes));
  const json header = parse_header(text, wrong);
  const uint64_t data_bytes = file_bytes - sizeof header_bytes - header_bytes;

  std::map<std::string, Entry> found;
  for (const auto& [name, value] : header.items()) {
    if (name == "__metadata__") continue;
    Entry entry;
    if (!read_entry(value, entry))
      wrong.add("tensor \"" + name + "\" is described by " + value.dump() +
                "; expected dtype, shape and two data_offsets");
    else if (!layout.find(name))
      wrong.add("tensor \"" + name + "\" is there; this model has none of that name");
    found[name] = entry;
  }
  for (const TensorSpec& tensor : layout.tensors()) {
    const auto entry = found.find(tensor.name);
    if (entry == found.end())
      wrong.add("tensor \"" + tensor.name + "\" is missing; expected F32 " + shape_text(tensor.shape));
    else
      check_entry(tensor, entry->second, data_bytes, wrong);
  }
  wrong.raise_if_any();  // where tensors lie means something only once they are the right ones
  check_places({found.begin(), found.end()}, data_bytes, wrong);
  wrong.raise_if_any();

  std::vector<float> values(layout.size(), 0.0f);  // aside first: a failed read leaves `params` as it was
  for (const TensorSpec& tensor : layout.tensors()) {
    in.seekg(static_cast<std::streamoff>(sizeof header_bytes + header_bytes + found[tensor.name].begin));
    in.read(reinterpret_cast<char*>(values.data() + tensor.offset),
            static_cast<std::streamsize>(tensor.size * sizeof(float)));
  }
  if (!in) wrong.fail("reading stopped before the end");
  std::copy(values.begin(), values.end(), params.begin());
}

}  // namespace models
