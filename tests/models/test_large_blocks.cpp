#include "models/large_blocks.h"

#include <unistd.h>

#include <cstdint>
#include <cstring>
#include <fstream>

#include "models/params.h"
#include "tests/support/catch.h"

using namespace models;

namespace {

constexpr size_t kSize = 2 * kLargeBlock;

/// Bytes of this process that lie in memory.
int64_t resident() {
  std::ifstream statm("/proc/self/statm");
  int64_t pages = 0;
  statm >> pages >> pages;
  return pages * sysconf(_SC_PAGESIZE);
}

}  // namespace

TEST_CASE("a large block that was given back serves the next request of its size") {
  void* const block = take_large_block(kSize);
  CHECK(reinterpret_cast<uintptr_t>(block) % (size_t{2} << 20) == 0);
  void* const other = take_large_block(kSize);
  CHECK(other != block);
  give_back_large_block(block, kSize);
  CHECK(take_large_block(kSize) == block);
  give_back_large_block(block, kSize);
  give_back_large_block(other, kSize);

  const void* place = nullptr;
  {
    const Params params(kSize / sizeof(float));
    place = params.data();
  }
  const Params again(kSize / sizeof(float));
  CHECK(again.data() == place);
  CHECK(again.front() == 0.0f);
}

TEST_CASE("what is kept is freed before memory of another size is taken", "[out-of-memory]") {
  give_back_large_block(take_large_block(kLargeBlock), kLargeBlock);  // frees what other tests have left
  const int64_t before = resident();
  void* const block = take_large_block(kSize);
  std::memset(block, 1, kSize);
  give_back_large_block(block, kSize);
  CHECK(resident() - before > static_cast<int64_t>(kSize) / 2);
  void* const larger = take_large_block(kSize + 4096);
  CHECK(resident() - before < static_cast<int64_t>(kSize) / 2);
  // One of the size before that comes back now is not mixed with those of the new size.
  void* const old = take_large_block(kSize);
  give_back_large_block(larger, kSize + 4096);
  give_back_large_block(old, kSize);
  void* const fresh = take_large_block(kSize + 4096);
  CHECK(fresh != old);
  give_back_large_block(fresh, kSize + 4096);
}
