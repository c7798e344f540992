#pragma once
#include <zstd.h>

#include <stdexcept>
#include <string>

/// `content` as the bytes of a .zst file.
inline std::string zstd(const std::string& content) {
  std::string packed(ZSTD_compressBound(content.size()), '\0');
  const size_t size = ZSTD_compress(packed.data(), packed.size(), content.data(), content.size(), 1);
  if (ZSTD_isError(size)) throw std::runtime_error("zstd does not finish");
  packed.resize(size);
  return packed;
}
