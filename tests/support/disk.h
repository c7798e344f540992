#pragma once
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

/// The library of disk_witness.cpp; "" where it cannot be preloaded. In paths.cpp.
std::string disk_witness();

namespace tests {

/// What a power cut keeps of the calls whose directory had not been synced since: nobody promises either.
enum class Kept { all, none, some };

/// The disk under a directory while a program changed it, as the preloaded disk_witness.cpp saw it. It can be asked
/// what a power cut would have left at any moment: the worst that is allowed. Of a file that was written to since it
/// was synced, nothing; of names made, moved and removed in a directory not synced since, what `Kept` says.
class Disk {
 public:
  /// `root`: the directory, before the program runs.
  explicit Disk(std::filesystem::path root);
  /// What the shell needs before a program's name for it to be watched, its log going into `log`; "" where no program
  /// can be watched.
  static std::string watch(const std::filesystem::path& root, const std::filesystem::path& log);
  /// The calls that the program made.
  void read(const std::filesystem::path& log);
  /// Those that changed something.
  size_t calls() const { return calls_.size(); }
  /// All that can fail.
  size_t watched() const { return watched_; }
  /// The number of calls up to the last that is `what` of a path that ends so; 0: none is.
  size_t after_last(const std::string& what, const std::string& ending) const;
  /// Which of all that can fail was the `count`-th that changed something.
  size_t watched_at(size_t count) const { return calls_.at(count - 1).number; }

  /// What is left of the first `count` calls: the content of each file by its path below the root, "/" behind a
  /// directory's name.
  std::map<std::string, std::string> after(size_t count, Kept) const;

 private:
  struct Call {
    std::string what, path, more;  ///< more: the target of a move, the content of what is synced
    size_t number = 0;             ///< among all that can fail
  };
  struct Node {
    bool directory = false;
    bool synced = true;
    std::string content;
    std::map<std::string, std::shared_ptr<Node>> now;
  };
  using NodePtr = std::shared_ptr<Node>;

  std::filesystem::path root_;
  std::map<std::string, std::string> before_;
  std::vector<Call> calls_;
  size_t watched_ = 0;
};

/// Writes what Disk::after() tells.
void lay_out(const std::map<std::string, std::string>& files, const std::filesystem::path& root);

}  // namespace tests
