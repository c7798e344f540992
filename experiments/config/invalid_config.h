#pragma once
#include <stdexcept>
#include <string>
#include <vector>

namespace experiments {

/// One mistake in an experiment file.
struct Mistake {
  std::string pointer;  ///< JSON pointer to the place; "" is the whole file
  std::string message;  ///< what was found and what is allowed
  friend bool operator==(const Mistake&, const Mistake&) = default;
};

/// Every mistake found in an experiment file, one a line: `file: /pointer message`.
class InvalidConfig : public std::runtime_error {
 public:
  InvalidConfig(const std::string& file, std::vector<Mistake> mistakes)
      : std::runtime_error(text(file, mistakes)), mistakes_(std::move(mistakes)) {}
  const std::vector<Mistake>& mistakes() const { return mistakes_; }

 private:
  static std::string text(const std::string& file, const std::vector<Mistake>& mistakes) {
    std::string all;
    for (const Mistake& m : mistakes) {
      if (!all.empty()) all += '\n';
      all += file + ": " + (m.pointer.empty() ? "" : m.pointer + " ") + m.message;
    }
    return all;
  }
  std::vector<Mistake> mistakes_;
};

}  // namespace experiments
