#pragma once
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace models {

/// How many there are, and the first ten.
struct FirstTen {
  size_t count = 0;
  std::vector<std::string> first;

  void add(std::string message) {
    if (++count <= 10) first.push_back(std::move(message));
  }
  /// A line each, its end in front.
  std::string lines() const {
    std::string text;
    for (const std::string& line : first) text += "\n  " + line;
    return text;
  }
};

/// What was read of a corpus and what was not, so that nothing is left out in silence.
struct CorpusInventory {
  /// A file by its name in the corpus, and what there is to say about it.
  struct Remark {
    std::string file, what;
  };

  std::string path;
  std::vector<std::string> files;  ///< read, by name
  std::vector<Remark> left_out;    ///< and why
  std::vector<Remark> remarks;     ///< read all the same
  FirstTen bad_lines;              ///< of JSON that cannot be read, skipped
  size_t repeats = 0;              ///< documents that stand in the corpus before
  size_t repeats_left_out = 0;
  size_t domains = 0, documents = 0, bytes = 0;

  // Of the split:
  size_t validation_bytes = 0;
  size_t pooled = 0;           ///< domains too small for a validation part of their own
  size_t pooled_held_out = 0;  ///< documents of theirs that are the pool's validation part
  size_t unvalidated = 0;      ///< domains without one window of validation text, pooled or own

  // Of the tokenizer, where there was one:
  size_t tokens = 0;
};

}  // namespace models
