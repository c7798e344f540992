#pragma once
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <map>
#include <span>
#include <stdexcept>
#include <string>
#include <vector>

namespace models {

/// A weights file that cannot be used: says which file, what was found and what was expected.
struct WeightsError : std::runtime_error {
  using std::runtime_error::runtime_error;
};

/// Collects what is wrong with one file and throws it all at once, as WeightsError.
class Complaints {
 public:
  /// `use`: what the file was wanted for, e.g. "weights".
  Complaints(std::filesystem::path file, std::string use) : file_(std::move(file)), use_(std::move(use)) {}
  void add(const std::string& what);
  [[noreturn]] void fail(const std::string& what);
  void raise_if_any() const;

 private:
  [[noreturn]] void raise() const;
  std::filesystem::path file_;
  std::string use_;
  std::string text_;
  int count_ = 0;
};

/// One tensor to be written.
struct TensorBytes {
  std::string name;
  std::string dtype;  ///< as safetensors names it: F32, F64
  std::vector<int64_t> shape;
  std::span<const std::byte> bytes;
};

/// Replaces the file by one with the tensors in this order (replace_file of durable.h). `metadata` becomes
/// __metadata__. Throws WeightsError.
void write_safetensors(const std::filesystem::path& file, const std::vector<TensorBytes>& tensors,
                       const std::map<std::string, std::string>& metadata);

/// One tensor's entry in the header: bytes [begin, end) of the data.
struct TensorEntry {
  std::string dtype;
  std::vector<int64_t> shape;
  uint64_t begin = 0, end = 0;
};

/// A safetensors file open for reading, its header read. What is wrong with single entries is added to the complaints,
/// what makes the file unreadable is thrown.
class SafetensorsFile {
 public:
  SafetensorsFile(const std::filesystem::path& file, Complaints& wrong);
  const std::map<std::string, TensorEntry>& tensors() const { return tensors_; }
  const std::map<std::string, std::string>& metadata() const { return metadata_; }
  uint64_t data_bytes() const { return data_bytes_; }
  /// Adds a complaint unless the tensors follow one another, touching, from the first byte of the data to the last.
  void check_places(Complaints&) const;
  /// Reads a tensor; `into` has its length. False when the file ends before.
  bool read(const TensorEntry&, std::span<std::byte> into);

 private:
  std::ifstream in_;
  std::map<std::string, TensorEntry> tensors_;
  std::map<std::string, std::string> metadata_;
  uint64_t data_begin_ = 0, data_bytes_ = 0;
};

}  // namespace models
