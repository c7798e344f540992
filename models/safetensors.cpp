#include "models/safetensors.h"

#include <algorithm>
#include <bit>
#include <cstring>
#include <nlohmann/json.hpp>
#include <set>

#include "models/durable.h"
#include "models/input_file.h"

// Source of the format: https://github.com/huggingface/safetensors, "Format": 8 bytes of header length N,
// little-endian; N bytes of JSON; the tensors' bytes, without holes.

namespace models {
namespace {

using nlohmann::json;
static_assert(std::endian::native == std::endian::little,
              "safetensors are little-endian and written as they lie in memory");

constexpr uint64_t longest_header = 100'000'000;  // the format's own limit

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

bool read_entry(const json& value, TensorEntry& entry) {
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

std::string header_text(const std::vector<TensorBytes>& tensors, const std::map<std::string, std::string>& metadata) {
  nlohmann::ordered_json header;
  if (!metadata.empty()) header["__metadata__"] = metadata;
  uint64_t at = 0;
  for (const TensorBytes& tensor : tensors) {
    const uint64_t end = at + tensor.bytes.size();
    header[tensor.name] = {{"dtype", tensor.dtype}, {"shape", tensor.shape}, {"data_offsets", {at, end}}};
    at = end;
  }
  std::string text = header.dump();
  text.resize((text.size() + 7) / 8 * 8, ' ');  // so that the data starts on a boundary of 8 bytes
  return text;
}

}  // namespace

void Complaints::add(const std::string& what) {
  // A file of another model differs in every tensor: the first differences tell enough.
  if (++count_ <= 20) text_ += "\n  " + what;
}

void Complaints::fail(const std::string& what) {
  add(what);
  raise();
}

void Complaints::raise_if_any() const {
  if (count_ > 0) raise();
}

void Complaints::raise() const {
  const std::string more = count_ > 20 ? "\n  and " + std::to_string(count_ - 20) + " more" : "";
  throw WeightsError(file_.string() + ": cannot be used as " + use_ + ":" + text_ + more);
}

void write_safetensors(const std::filesystem::path& file, const std::vector<TensorBytes>& tensors,
                       const std::map<std::string, std::string>& metadata) {
  const std::string text = header_text(tensors, metadata);
  const uint64_t length = text.size();
  Pieces pieces{std::as_bytes(std::span(&length, 1)), std::as_bytes(std::span(text))};
  for (const TensorBytes& tensor : tensors) pieces.push_back(tensor.bytes);
  if (const auto error = replace_file(file, pieces))
    throw WeightsError(file.string() + ": cannot be written: " + error.message());
}

SafetensorsFile::SafetensorsFile(const std::filesystem::path& file, Complaints& wrong) {
  if (const std::string reason = not_a_file(file); !reason.empty()) wrong.fail("the file " + reason);
  in_.open(file, std::ios::binary);
  std::error_code error;
  const uint64_t file_bytes = std::filesystem::file_size(file, error);
  if (error || !in_) wrong.fail("the file cannot be read" + (error ? ": " + error.message() : std::string()));
  uint64_t header_bytes = 0;
  if (file_bytes < sizeof header_bytes)
    wrong.fail("the file is " + std::to_string(file_bytes) + " bytes long; a header alone takes 8 and more");
  in_.read(reinterpret_cast<char*>(&header_bytes), sizeof header_bytes);
  if (header_bytes > longest_header || header_bytes > file_bytes - sizeof header_bytes)
    wrong.fail("the header claims " + std::to_string(header_bytes) + " bytes; allowed: at most " +
               std::to_string(std::min(longest_header, file_bytes - sizeof header_bytes)) + " in this file");
  std::string text(header_bytes, '\0');
  in_.read(text.data(), static_cast<std::streamsize>(header_bytes));
  const json header = parse_header(text, wrong);
  data_begin_ = sizeof header_bytes + header_bytes;
  data_bytes_ = file_bytes - data_begin_;
  for (const auto& [name, value] : header.items()) {
    if (name == "__metadata__") {
      for (const auto& [key, word] : value.items())
        if (word.is_string()) metadata_[key] = word.get<std::string>();
      continue;
    }
    TensorEntry entry;
    if (!read_entry(value, entry))
      wrong.add("tensor \"" + name + "\" is described by " + value.dump() +
                "; expected dtype, shape and two data_offsets");
    tensors_[name] = std::move(entry);
  }
}

void SafetensorsFile::check_places(Complaints& wrong) const {
  std::vector<std::pair<std::string, TensorEntry>> entries(tensors_.begin(), tensors_.end());
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
  if (at < data_bytes_)
    wrong.add("the data is " + std::to_string(data_bytes_) + " bytes long; its tensors end after " +
              std::to_string(at));
}

bool SafetensorsFile::read(const TensorEntry& entry, std::span<std::byte> into) {
  in_.seekg(static_cast<std::streamoff>(data_begin_ + entry.begin));
  in_.read(reinterpret_cast<char*>(into.data()), static_cast<std::streamsize>(into.size()));
  return static_cast<bool>(in_);
}

}  // namespace models
