#pragma once
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <string>
#include <string_view>

#include "tests/support/temp_directory.h"

/// What a fuzz target (https://llvm.org/docs/LibFuzzer.html) may rely on: it refuses bad input by one kind of
/// exception, which it catches; any other exception, a broken promise, a sanitizer's finding, 2 GB or 10 s end the
/// program.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size);

namespace fuzz {

inline std::string text(const uint8_t* data, size_t size) { return {reinterpret_cast<const char*>(data), size}; }

/// Unlike an assert also in a release build.
inline void require(bool truth, const char* what) {
  if (truth) return;
  std::fprintf(stderr, "broken promise: %s\n", what);
  std::abort();
}

/// A file of this name that holds `content`, until the next call.
inline std::filesystem::path file(const std::string& name, std::string_view content) {
  static const TempDirectory directory;
  return directory.write(name, content);
}

}  // namespace fuzz
