#include "experiments/run/file_lock.h"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "experiments/run/output_error.h"

namespace experiments {

FileLock::FileLock(const std::filesystem::path& file, Wait wait, const std::string& busy)
    : file_(open(file.c_str(), O_CREAT | O_RDWR | O_CLOEXEC, 0666)) {
  if (file_ < 0) throw OutputError(file.string() + ": cannot be written: " + std::strerror(errno));
  while (flock(file_, wait == Wait::yes ? LOCK_EX : LOCK_EX | LOCK_NB) != 0) {
    if (errno == EINTR) continue;
    if (errno == EWOULDBLOCK) {
      close(file_);
      throw OutputError(busy);
    }
    held_ = false;
    return;
  }
}

FileLock::~FileLock() { close(file_); }

}  // namespace experiments
