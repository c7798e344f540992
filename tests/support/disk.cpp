#include "tests/support/disk.h"

#include <algorithm>
#include <fstream>
#include <iterator>
#include <sstream>

#include "tests/support/paths.h"

namespace tests {
namespace fs = std::filesystem;
namespace {

std::string content_of(const fs::path& file) {
  std::ifstream in(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

}  // namespace

Disk::Disk(fs::path root) : root_(std::move(root)) {
  for (const auto& entry : fs::recursive_directory_iterator(root_)) {
    const std::string name = entry.path().lexically_relative(root_).string();
    if (entry.is_directory())
      before_[name + "/"];
    else
      before_[name] = content_of(entry.path());
  }
}

std::string Disk::watch(const fs::path& root, const fs::path& log) {
  fs::create_directories(log);
  return "DISK_ROOT=\"" + root.string() + "\" DISK_LOG=\"" + log.string() + "\" LD_PRELOAD=\"" + disk_witness() + "\" ";
}

void Disk::read(const fs::path& log) {
  std::ifstream in(log / "log");
  for (std::string line; std::getline(in, line);) {
    Call call;
    std::istringstream parts(line);
    std::getline(parts, call.what, '\t');
    std::getline(parts, call.path, '\t');
    std::getline(parts, call.more, '\t');
    parts >> call.number;
    if (call.what == "sync") call.more = content_of(log / call.more);
    if (call.what == "calls")
      watched_ = std::stoul(call.path);
    else
      calls_.push_back(call);
  }
}

size_t Disk::after_last(const std::string& what, const std::string& ending) const {
  for (size_t i = calls_.size(); i > 0; --i)
    if (calls_[i - 1].what == what && calls_[i - 1].path.ends_with(ending)) return i;
  return 0;
}

std::map<std::string, std::string> Disk::after(size_t count, Kept kept) const {
  const auto directory = [] {
    const auto node = std::make_shared<Node>();
    node->directory = true;
    return node;
  };
  const NodePtr top = directory();
  const auto below = [&](const std::string& path) { return fs::path(path).lexically_relative(root_); };
  const auto find = [&](const fs::path& path) {
    NodePtr node = top;
    for (const fs::path& part : path)
      if (node && part != ".") node = node->now.contains(part.string()) ? node->now.at(part.string()) : nullptr;
    return node;
  };
  for (const auto& [name, content] : before_) {
    const fs::path path = name.ends_with('/') ? fs::path(name).parent_path() : fs::path(name);
    const NodePtr node = std::make_shared<Node>();
    node->directory = name.ends_with('/');
    node->content = content;
    find(path.parent_path())->now[path.filename().string()] = node;
  }
  // The names that a power cut finds, for each directory; and what was done to names since.
  std::map<NodePtr, std::map<std::string, NodePtr>> stored;
  const std::function<void(const NodePtr&)> store = [&](const NodePtr& node) {
    stored[node] = node->now;
    for (const auto& [name, child] : node->now)
      if (child->directory) store(child);
  };
  store(top);
  struct Change {
    NodePtr directory;
    std::string name;
    NodePtr node;  // null: removed
  };
  struct Step {
    std::vector<Change> changes;  // together or not at all
    bool synced = false;
  };
  std::vector<Step> steps;
  const auto change = [&](std::vector<Change> changes) {
    for (const Change& one : changes) {
      if (one.node)
        one.directory->now[one.name] = one.node;
      else
        one.directory->now.erase(one.name);
    }
    steps.push_back({std::move(changes), false});
  };
  const auto file_at = [&](const fs::path& path) {
    NodePtr node = find(path);
    if (!node) {  // made where nobody saw it
      node = std::make_shared<Node>();
      change({{find(path.parent_path()), path.filename().string(), node}});
    }
    return node;
  };
  for (size_t i = 0; i < std::min(count, calls_.size()); ++i) {
    const Call& call = calls_[i];
    const fs::path path = below(call.path);
    const NodePtr parent = find(path.parent_path());
    const std::string name = path.filename().string();
    if (call.what == "create") {
      file_at(path);
    } else if (call.what == "mkdir") {
      change({{parent, name, directory()}});
    } else if (call.what == "dirty") {
      file_at(path)->synced = false;
    } else if (call.what == "sync") {
      const NodePtr node = file_at(path);
      node->synced = true;
      node->content = call.more;
    } else if (call.what == "syncdir") {
      const NodePtr synced = find(path);
      for (Step& step : steps)
        step.synced |= std::any_of(step.changes.begin(), step.changes.end(),
                                   [&](const Change& one) { return one.directory == synced; });
    } else if (call.what == "unlink") {
      change({{parent, name, nullptr}});
    } else {
      const fs::path target = below(call.more);
      const NodePtr node = find(path), other = find(target);
      change({{parent, name, call.what == "exchange" ? other : nullptr},
              {find(target.parent_path()), target.filename().string(), node}});
    }
  }
  for (size_t i = 0; i < steps.size(); ++i) {
    const bool lucky = kept == Kept::all || (kept == Kept::some && (i * 2654435761u >> 7) % 2 == 0);
    if (!steps[i].synced && !lucky) continue;
    for (const Change& one : steps[i].changes) {
      if (one.node)
        stored[one.directory][one.name] = one.node;
      else
        stored[one.directory].erase(one.name);
    }
  }
  std::map<std::string, std::string> files;
  const std::function<void(const NodePtr&, const std::string&)> list = [&](const NodePtr& node, const std::string& at) {
    for (const auto& [name, child] : stored[node]) {
      if (child->directory) {
        files[at + name + "/"];
        list(child, at + name + "/");
      } else {
        files[at + name] = child->synced ? child->content : "";
      }
    }
  };
  list(top, "");
  return files;
}

void lay_out(const std::map<std::string, std::string>& files, const fs::path& root) {
  for (const auto& [name, content] : files) {
    if (name.ends_with('/'))
      fs::create_directories(root / name);
    else
      std::ofstream(root / name, std::ios::binary) << content;
  }
}

}  // namespace tests
