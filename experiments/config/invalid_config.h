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

/// Every mistake found in an experiment file, one a line: `file: /pointer message`, very long ones without their
/// middle.
class InvalidConfig : public std::runtime_error {
 public:
  InvalidConfig(const std::string& file, std::vector<Mistake> mistakes)
      : std::runtime_error(text(file, mistakes)), mistakes_(std::move(mistakes)) {}
  const std::vector<Mistake>& mistakes() const { return mistakes_; }

 private:
  /// A megabyte of a name helps nobody; what is allowed stands at the end.
  static std::string shortened(const std::string& text) {
    constexpr size_t kEnd = 1000;
    if (text.size() <= 3 * kEnd) return text;
    const auto inside = [&](size_t at) {
      return (static_cast<unsigned char>(text[at]) & 0xC0) == 0x80;
    };  // a code point
    size_t head = kEnd, tail = text.size() - kEnd;
    while (inside(head)) --head;
    while (inside(tail)) ++tail;
    return text.substr(0, head) + " … " + text.substr(tail);
  }
  static std::string text(const std::string& file, const std::vector<Mistake>& mistakes) {
    std::string all;
    for (const Mistake& m : mistakes) {
      if (!all.empty()) all += '\n';
      all += file + ": " + shortened((m.pointer.empty() ? "" : m.pointer + " ") + m.message);
    }
    return all;
  }
  std::vector<Mistake> mistakes_;
};

}  // namespace experiments
