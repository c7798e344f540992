#include "experiments/run/file_list.h"

#include <zlib.h>

#include <algorithm>
#include <array>
#include <fstream>
#include <map>
#include <set>

#include "experiments/config/json_reader.h"
#include "experiments/run/checkpoint.h"
#include "experiments/run/output_error.h"
#include "models/durable.h"
#include "models/input_file.h"

namespace experiments {
namespace fs = std::filesystem;
namespace {

struct Entry {
  uint64_t bytes = 0;
  std::string crc32;
  bool operator==(const Entry&) const = default;
};
using Entries = std::map<std::string, Entry>;  // by path below the directory

/// Throws OutputError.
Entry entry_of(const fs::path& file) {
  if (const std::string reason = models::not_a_file(file); !reason.empty())
    throw OutputError(file.string() + ": " + reason);
  std::ifstream in(file, std::ios::binary);
  std::array<char, 1 << 16> part{};
  Entry entry;
  uLong sum = crc32(0, nullptr, 0);
  while (in) {
    in.read(part.data(), part.size());
    sum = crc32(sum, reinterpret_cast<const Bytef*>(part.data()), static_cast<uInt>(in.gcount()));
    entry.bytes += static_cast<uint64_t>(in.gcount());
  }
  if (!in.eof() || in.bad()) throw OutputError(file.string() + ": cannot be read");
  std::array<char, 9> text{};
  std::snprintf(text.data(), text.size(), "%08lx", static_cast<unsigned long>(sum));
  entry.crc32 = text.data();
  return entry;
}

/// What a list of the directory has to have.
std::set<std::string> files_below(const fs::path& directory) {
  std::set<std::string> files;
  std::error_code error;
  for (fs::recursive_directory_iterator it(directory, error), end; !error && it != end; it.increment(error)) {
    const std::string name = it->path().filename().string();
    if (it->is_directory(error)) {
      if (name[0] == '.' || is_checkpoint_directory(it->path()) || fs::exists(it->path() / kFileList, error))
        it.disable_recursion_pending();
    } else if (name[0] != '.' && name != kFileList) {
      files.insert(it->path().lexically_relative(directory).string());
    }
  }
  if (error) throw OutputError(directory.string() + ": cannot be read: " + error.message());
  return files;
}

std::string text_of_list(const Entries& entries) {
  Json files = Json::object();
  for (const auto& [name, entry] : entries) files[name] = {{"bytes", entry.bytes}, {"crc32", entry.crc32}};
  return text_of(Json{{"straggle", "files 1"}, {"files", files}}, 2) + "\n";
}

/// False where the directory has no list that can be read.
bool read_list(const fs::path& directory, Entries& entries) {
  std::ifstream in(directory / kFileList, std::ios::binary);
  const Json list = Json::parse(in, nullptr, false);
  if (!list.is_object() || list.value("straggle", Json()) != "files 1" || !list.value("files", Json()).is_object())
    return false;
  for (const auto& [name, entry] : list["files"].items()) {
    if (!entry.is_object() || !entry.value("bytes", Json()).is_number_unsigned() ||
        !entry.value("crc32", Json()).is_string())
      return false;
    entries[name] = {entry["bytes"].get<uint64_t>(), entry["crc32"].get<std::string>()};
  }
  return true;
}

void require_list(const std::error_code& error, const fs::path& directory) {
  if (error) throw OutputError((directory / kFileList).string() + ": cannot be written: " + error.message());
}

}  // namespace

void write_file_list(const fs::path& directory) {
  Entries entries;
  for (const std::string& name : files_below(directory)) entries[name] = entry_of(directory / name);
  const std::string text = text_of_list(entries);
  require_list(models::write_file(directory / kFileList, {std::as_bytes(std::span(text))}), directory);
}

void list_again(const fs::path& file) {
  const fs::path place = fs::absolute(file).lexically_normal();
  for (fs::path directory = place.parent_path(); directory != directory.root_path();
       directory = directory.parent_path()) {
    Entries entries;
    std::error_code error;
    if (!fs::exists(directory / kFileList, error)) continue;
    if (!read_list(directory, entries)) return;
    entries[place.lexically_relative(directory).string()] = entry_of(place);
    const std::string text = text_of_list(entries);
    require_list(models::replace_file(directory / kFileList, {std::as_bytes(std::span(text))}), directory);
    return;
  }
}

FileFaults file_faults(const fs::path& directory) {
  FileFaults faults;
  std::error_code error;
  if (!fs::exists(directory / kFileList, error)) {
    faults.listed = false;
    return faults;
  }
  Entries entries;
  if (!read_list(directory, entries)) {
    faults.damaged.push_back((directory / kFileList).string() + ": is no list of files; it is damaged or cut off");
    return faults;
  }
  std::set<std::string> there = files_below(directory);
  for (const auto& [name, listed] : entries) {
    const std::string place = (directory / name).string();
    if (!there.erase(name) && !fs::exists(place, error)) {
      faults.damaged.push_back(place + ": is missing");
      continue;
    }
    try {
      const Entry found = entry_of(place);
      if (found.bytes != listed.bytes)
        faults.damaged.push_back(place + ": has " + std::to_string(found.bytes) + " bytes; " +
                                 std::to_string(listed.bytes) + " are listed");
      else if (found.crc32 != listed.crc32)
        faults.damaged.push_back(place + ": has the checksum " + found.crc32 + "; " + listed.crc32 + " is listed");
    } catch (const OutputError& unreadable) {
      faults.damaged.push_back(unreadable.what());
    }
  }
  for (const std::string& name : there) faults.extra.push_back((directory / name).string() + ": is not listed");
  return faults;
}

std::vector<fs::path> listed_directories(const fs::path& directory) {
  std::vector<fs::path> found;
  std::error_code error;
  if (fs::exists(directory / kFileList, error)) found.push_back(directory);
  for (fs::recursive_directory_iterator it(directory, error), end; !error && it != end; it.increment(error)) {
    if (!it->is_directory(error)) continue;
    if (it->path().filename().string()[0] == '.')
      it.disable_recursion_pending();
    else if (fs::exists(it->path() / kFileList, error))
      found.push_back(it->path());
  }
  std::sort(found.begin(), found.end());
  return found;
}

}  // namespace experiments
