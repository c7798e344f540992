#include "models/weights.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstring>
#include <nlohmann/json.hpp>
#include <set>

#include "models/hugging_face_names.h"

namespace models {
namespace {

std::string shape_text(const std::vector<int64_t>& shape) { return nlohmann::json(shape).dump(); }
std::string quoted(const std::string& name) { return "tensor \"" + name + "\""; }

/// Bytes of a value of a type that is read; 0 for every other.
uint64_t bytes_each(const std::string& dtype) {
  if (dtype == "F32") return 4;
  if (dtype == "F64") return 8;
  return dtype == "F16" || dtype == "BF16" ? 2 : 0;
}

float from_half(uint16_t bits) {
  const int exponent = bits >> 10 & 31, mantissa = bits & 1023;
  const float size = exponent == 31  ? (mantissa ? NAN : INFINITY)
                     : exponent == 0 ? std::ldexp(static_cast<float>(mantissa), -24)
                                     : std::ldexp(static_cast<float>(1024 + mantissa), exponent - 25);
  return bits & 0x8000 ? -size : size;
}

template <class Raw, class Convert>
std::vector<float> each_as_float(const std::vector<std::byte>& bytes, Convert convert) {
  std::vector<float> values(bytes.size() / sizeof(Raw));
  for (size_t i = 0; i < values.size(); ++i) {
    Raw raw;
    std::memcpy(&raw, bytes.data() + i * sizeof raw, sizeof raw);
    values[i] = convert(raw);
  }
  return values;
}

/// Values of a dtype that is read, as F32, to the nearest.
std::vector<float> as_floats(const std::string& dtype, const std::vector<std::byte>& bytes) {
  if (dtype == "F64") return each_as_float<double>(bytes, [](double value) { return static_cast<float>(value); });
  if (dtype == "F16") return each_as_float<uint16_t>(bytes, from_half);
  if (dtype == "BF16")
    return each_as_float<uint16_t>(
        bytes, [](uint16_t bits) { return std::bit_cast<float>(static_cast<uint32_t>(bits) << 16); });
  return each_as_float<float>(bytes, [](float value) { return value; });
}

/// Where the i-th value of a tensor stands, as [row, column].
std::string index_text(size_t i, const std::vector<int64_t>& shape) {
  std::vector<int64_t> index(shape.size());
  for (size_t d = shape.size(); d-- > 0; i /= static_cast<size_t>(shape[d]))
    index[d] = static_cast<int64_t>(i % static_cast<size_t>(shape[d]));
  return shape_text(index);
}

std::string value_text(float value) {
  if (std::isnan(value)) return "nan";
  if (std::isinf(value)) return value < 0 ? "-inf" : "inf";
  return nlohmann::json(value).dump();
}

/// Models diverge from such a start, and the learning rate would get the blame.
void check_finite(const std::string& name, const TensorEntry& entry, const std::vector<float>& values,
                  Complaints& wrong) {
  const auto bad = [](float value) { return !std::isfinite(value); };
  const auto first = std::find_if(values.begin(), values.end(), bad);
  if (first == values.end()) return;
  wrong.add(quoted(name) + " is " + value_text(*first) + " at " +
            index_text(static_cast<size_t>(first - values.begin()), entry.shape) + ", one of " +
            std::to_string(std::count_if(first, values.end(), bad)) + " such values; allowed: finite numbers" +
            (entry.dtype == "F64" ? " within F32's range" : ""));
}

/// A tensor of the file and those of the layout that it holds, one below the other.
struct Source {
  std::string name;
  TensorEntry entry;
  std::vector<const TensorSpec*> parts;
  bool transposed = false;
};

/// What the file must have of a source: its parts' rows together, or their transpose.
std::vector<int64_t> expected_shape(const Source& source) {
  std::vector<int64_t> shape = source.parts[0]->shape;
  shape[0] *= static_cast<int64_t>(source.parts.size());
  if (source.transposed) std::reverse(shape.begin(), shape.end());
  return shape;
}

/// Says how one tensor of the file differs from what the layout wants of it.
void check_entry(const Source& source, uint64_t data_bytes, Complaints& wrong) {
  const TensorEntry& entry = source.entry;
  const std::string name = quoted(source.name);
  const std::string place = "[" + std::to_string(entry.begin) + ", " + std::to_string(entry.end) + ")";
  const uint64_t each = bytes_each(entry.dtype);
  if (each == 0) wrong.add(name + " has dtype " + entry.dtype + "; expected F32, or F64, F16 or BF16 to be converted");
  const std::vector<int64_t> shape = expected_shape(source);
  const uint64_t bytes = source.parts[0]->size * source.parts.size() * each;
  if (entry.shape != shape)
    wrong.add(name + " has shape " + shape_text(entry.shape) + "; expected " + shape_text(shape) +
              (source.transposed ? ", as GPT-2's Conv1D stores it" : ""));
  else if (each && (entry.end < entry.begin || entry.end - entry.begin != bytes))
    wrong.add(name + " lies at bytes " + place + "; expected " + std::to_string(bytes) + " bytes");
  if (entry.end > data_bytes)
    wrong.add(name + " lies at bytes " + place + " of the data; the file ends after " + std::to_string(data_bytes));
}

void scatter(const Source& source, const std::vector<float>& from, std::span<float> params) {
  const size_t rows = static_cast<size_t>(source.parts[0]->shape[0]), columns = source.parts[0]->size / rows;
  const size_t all_rows = rows * source.parts.size();
  for (size_t p = 0; p < source.parts.size(); ++p) {
    float* const to = params.data() + source.parts[p]->offset;
    for (size_t r = 0; r < rows; ++r)
      for (size_t c = 0; c < columns; ++c) {
        const size_t row = p * rows + r;
        to[r * columns + c] = from[source.transposed ? c * all_rows + row : row * columns + c];
      }
  }
}

/// What the names in a file mean for a layout.
struct Reading {
  std::vector<Source> sources;  ///< by name in the file
  std::optional<Source> tied;   ///< a head whose place is the embedding's
  std::vector<std::string> notes;
};

Reading read_names(const SafetensorsFile& in, const ParamLayout& layout, Complaints& wrong) {
  Reading reading;
  std::map<std::string, std::string> taken;  // our names, and whose they are in the file
  std::set<std::string_view> families;
  std::string buffers;
  for (const auto& [name, entry] : in.tensors()) {
    HuggingFaceTensor meant{"", {name}, false};
    if (!layout.find(name))
      if (auto theirs = read_hugging_face_name(name)) meant = *std::move(theirs);
    if (!meant.family.empty()) families.insert(meant.family);
    if (meant.names.empty()) {
      buffers += (buffers.empty() ? "\"" : ", \"") + name + "\"";
      continue;
    }
    Source source{name, entry, {}, meant.transposed};
    const TensorSpec* const embedding = layout.find("embed.weight");
    const bool tied = embedding && meant.names[0] == "head.weight" && !layout.find("head.weight");
    for (const std::string& ours : meant.names) {
      const TensorSpec* const spec = tied ? embedding : layout.find(ours);
      const std::string role = ours == name ? "" : " \"" + ours + "\"";
      if (!spec)
        wrong.add(quoted(name) + " is there; this model has " + (role.empty() ? "none of that name" : "no" + role));
      else if (const auto [other, fresh] = taken.try_emplace(ours, name); !fresh)
        wrong.add(quoted(name) + " is \"" + ours + "\" as \"" + other->second + "\" is; expected once");
      else
        source.parts.push_back(spec);
    }
    if (source.parts.size() < meant.names.size()) continue;
    check_entry(source, in.data_bytes(), wrong);
    if (tied)
      reading.tied = std::move(source);
    else
      reading.sources.push_back(std::move(source));
  }
  for (const TensorSpec& tensor : layout.tensors())
    if (!taken.contains(tensor.name))
      wrong.add(quoted(tensor.name) + " is missing; expected F32 " + shape_text(tensor.shape));
  for (const std::string_view family : families)
    reading.notes.push_back("its tensors have Hugging Face's names of " + std::string(family) +
                            ", read as in docs/model.md");
  if (!buffers.empty()) reading.notes.push_back("left out, as buffers and no parameters: " + buffers);
  return reading;
}

/// A head beside a tied embedding says the same twice, or is of a model that does not tie.
void check_tied(const Source& head, const std::vector<float>& values, const ParamLayout& layout,
                std::span<const float> params, Complaints& wrong) {
  const float* const embedding = params.data() + layout.find("embed.weight")->offset;
  for (size_t i = 0; i < values.size(); ++i)
    if (values[i] != embedding[i]) {
      wrong.add(quoted(head.name) + " is " + value_text(values[i]) + " at " + index_text(i, head.entry.shape) +
                ", where the embedding is " + value_text(embedding[i]) +
                "; expected the same, because this model ties its head to the embedding; with \"tie_embeddings\": "
                "false it has a head of its own");
      return;
    }
}

}  // namespace

void save_weights(const std::filesystem::path& file, const ParamLayout& layout, std::span<const float> params,
                  const std::map<std::string, std::string>& metadata) {
  if (params.size() != layout.size())
    throw WeightsError(file.string() + ": found " + std::to_string(params.size()) +
                       " parameters to save; the layout has " + std::to_string(layout.size()));
  std::vector<TensorBytes> tensors;
  for (const TensorSpec& tensor : layout.tensors())
    tensors.push_back({tensor.name, "F32", tensor.shape, std::as_bytes(params.subspan(tensor.offset, tensor.size))});
  write_safetensors(file, tensors, metadata);
}

std::vector<std::string> load_weights(const std::filesystem::path& file, const ParamLayout& layout,
                                      std::span<float> params) {
  Complaints wrong(file, "weights");
  if (params.size() != layout.size())
    wrong.fail("found room for " + std::to_string(params.size()) + " parameters; the layout has " +
               std::to_string(layout.size()));
  SafetensorsFile in(file, wrong);
  Reading reading = read_names(in, layout, wrong);
  wrong.raise_if_any();  // where tensors lie means something only once they are the right ones
  in.check_places(wrong);
  wrong.raise_if_any();

  std::map<std::string, int64_t> converted;
  const auto values_of = [&](const Source& source) {
    std::vector<std::byte> bytes(source.entry.end - source.entry.begin);
    if (!in.read(source.entry, bytes)) wrong.fail("reading stopped before the end");
    if (source.entry.dtype != "F32") ++converted[source.entry.dtype];
    std::vector<float> values = as_floats(source.entry.dtype, bytes);
    check_finite(source.name, source.entry, values, wrong);
    return values;
  };
  std::vector<float> all(layout.size(), 0.0f);  // aside first: a failed read leaves `params` as it was
  for (const Source& source : reading.sources) scatter(source, values_of(source), all);
  if (reading.tied) {
    check_tied(*reading.tied, values_of(*reading.tied), layout, all, wrong);
    reading.notes.push_back("\"" + reading.tied->name + "\" equals the embedding that this model ties its head to");
  }
  wrong.raise_if_any();
  std::copy(all.begin(), all.end(), params.begin());
  for (const auto& [dtype, count] : converted)
    reading.notes.push_back(std::to_string(count) + (count == 1 ? " tensor" : " tensors") + " of dtype " + dtype +
                            " converted to F32");
  return reading.notes;
}

}  // namespace models
