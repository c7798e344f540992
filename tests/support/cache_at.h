#pragma once
#include <cstdlib>
#include <filesystem>
#include <optional>
#include <string>

/// Everything is cached in `directory` while this lives.
class CacheAt {
 public:
  explicit CacheAt(const std::filesystem::path& directory) {
    if (const char* value = std::getenv("STRAGGLE_CACHE")) before_ = value;
    setenv("STRAGGLE_CACHE", directory.c_str(), 1);
  }
  ~CacheAt() {
    if (before_)
      setenv("STRAGGLE_CACHE", before_->c_str(), 1);
    else
      unsetenv("STRAGGLE_CACHE");
  }
  CacheAt(const CacheAt&) = delete;
  CacheAt& operator=(const CacheAt&) = delete;

 private:
  std::optional<std::string> before_;
};
