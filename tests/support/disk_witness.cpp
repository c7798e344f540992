// A library to be preloaded into a program. It sees every call that changes files below $DISK_ROOT, in its order:
//
//   DISK_LOG=DIR     writes a line for each to DIR/log, and what a synced file held to DIR/<number>
//   DISK_FAIL=N      lets the N-th fail with errno $DISK_ERRNO, and with DISK_ON=1 all that follow
//   DISK_KILL=N      kills the program instead of the N-th
//   DISK_NO_EXCHANGE=1   is a file system that cannot exchange two directories
//
// What the C library does within itself is not seen: of stdio only that a file was opened. tests/support/disk.h reads
// the log.
#include <dlfcn.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <pthread.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#include <cerrno>

namespace {

pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
char root[PATH_MAX], log_directory[PATH_MAX];
long calls = 0, fail_at = 0, kill_at = 0;
int fail_with = 0, log_file = -1, contents = 0;
bool fail_on = false, no_exchange = false, first_process = false;

long number(const char* name) {
  const char* text = getenv(name);
  return text ? atol(text) : 0;
}

__attribute__((constructor)) void begin() {
  const char* below = getenv("DISK_ROOT");
  snprintf(root, sizeof root, "%s/", below ? below : "");
  char process[16];
  snprintf(process, sizeof process, "%d", getpid());
  setenv("DISK_PROCESS", process, 0);
  first_process = number("DISK_PROCESS") == getpid();  // what it starts is seen, but goes on
  fail_at = first_process ? number("DISK_FAIL") : 0;
  kill_at = first_process ? number("DISK_KILL") : 0;
  fail_with = static_cast<int>(number("DISK_ERRNO"));
  fail_on = number("DISK_ON") != 0;
  no_exchange = number("DISK_NO_EXCHANGE") != 0;
  const char* log = getenv("DISK_LOG");
  if (!log) return;
  snprintf(log_directory, sizeof log_directory, "%s", log);
  char name[PATH_MAX + 8];
  snprintf(name, sizeof name, "%s/log", log);
  log_file = static_cast<int>(syscall(SYS_openat, AT_FDCWD, name, O_CREAT | O_WRONLY | O_APPEND | O_CLOEXEC, 0644));
  contents = static_cast<int>(getpid()) * 1000;
}

__attribute__((destructor)) void end() {
  if (log_file < 0 || !first_process) return;
  char line[64];
  const int length = snprintf(line, sizeof line, "calls\t%ld\t\n", calls);
  if (syscall(SYS_write, log_file, line, length) != length) abort();
}

/// What `fd` stands for; "" if nothing with a name.
void path_of(int fd, char* path) {
  char link[64];
  snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
  const ssize_t length = readlink(link, path, PATH_MAX - 1);
  path[length > 0 ? length : 0] = 0;
}

void absolute(int directory, const char* name, char* path) {
  if (name[0] == '/') {
    snprintf(path, PATH_MAX, "%s", name);
    return;
  }
  char above[PATH_MAX];
  if (directory == AT_FDCWD) {
    if (!getcwd(above, sizeof above)) above[0] = 0;
  } else {
    path_of(directory, above);
  }
  if (snprintf(path, PATH_MAX, "%s/%s", above, name) >= PATH_MAX) abort();
}

/// Below the root, or the root itself, whose names are watched.
bool watched(const char* path) {
  const size_t length = strlen(root) - 1;
  return strncmp(path, root, length) == 0 && (path[length] == '/' || path[length] == 0);
}

void write_line(const char* what, const char* path, const char* more) {
  if (log_file < 0) return;
  char line[3 * PATH_MAX];
  const int length = snprintf(line, sizeof line, "%s\t%s\t%s\t%ld\n", what, path, more, calls);
  if (syscall(SYS_write, log_file, line, length) != length) abort();
}

/// One watched call at a time. `stopped`: it is to fail.
class Call {
 public:
  Call() {
    pthread_mutex_lock(&mutex);
    ++calls;
    if (calls == kill_at) kill(getpid(), SIGKILL);
    stopped = fail_at > 0 && (calls == fail_at || (fail_on && calls > fail_at));
  }
  ~Call() {
    const int kept = errno;
    pthread_mutex_unlock(&mutex);
    errno = stopped ? fail_with : kept;
  }
  bool stopped;
};

int open_at(int directory, const char* name, int flags, mode_t mode) {
  const auto real = [&] { return static_cast<int>(syscall(SYS_openat, directory, name, flags, mode)); };
  char path[PATH_MAX];
  absolute(directory, name, path);
  if (!watched(path)) return real();
  const Call call;
  if (call.stopped) return -1;
  struct stat before;
  const bool there = stat(path, &before) == 0;
  const int fd = real();
  if (fd >= 0 && !there && (flags & O_CREAT)) write_line("create", path, "");
  if (fd >= 0 && there && (flags & O_TRUNC)) write_line("dirty", path, "");
  return fd;
}

mode_t mode_of(int flags, va_list rest) { return flags & (O_CREAT | O_TMPFILE) ? va_arg(rest, mode_t) : 0; }

template <class Real>
ssize_t change(int fd, Real&& real) {
  char path[PATH_MAX];
  path_of(fd, path);
  if (!watched(path)) return real();
  const Call call;
  if (call.stopped) return -1;
  const ssize_t done = real();
  if (done >= 0) write_line("dirty", path, "");
  return done;
}

int sync(int fd) {
  char path[PATH_MAX];
  path_of(fd, path);
  if (!watched(path)) return static_cast<int>(syscall(SYS_fsync, fd));
  const Call call;
  if (call.stopped) return -1;
  struct stat status;
  if (fstat(fd, &status) != 0) return -1;
  if (S_ISDIR(status.st_mode)) {
    write_line("syncdir", path, "");
    return 0;
  }
  if (log_file < 0) return 0;
  char link[64], copy[PATH_MAX + 16], part[1 << 14], name[16];
  snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
  snprintf(name, sizeof name, "%d", ++contents);
  snprintf(copy, sizeof copy, "%s/%s", log_directory, name);
  const long from = syscall(SYS_openat, AT_FDCWD, link, O_RDONLY | O_CLOEXEC, 0);
  const long to = syscall(SYS_openat, AT_FDCWD, copy, O_CREAT | O_WRONLY | O_CLOEXEC, 0644);
  if (from < 0 || to < 0) abort();
  for (long read; (read = syscall(SYS_read, from, part, sizeof part)) > 0;)
    if (syscall(SYS_write, to, part, read) != read) abort();
  syscall(SYS_close, from);
  syscall(SYS_close, to);
  write_line("sync", path, name);
  return 0;
}

int move(int from_directory, const char* from, int to_directory, const char* to, unsigned flags) {
  const auto real = [&] {
    return static_cast<int>(syscall(SYS_renameat2, from_directory, from, to_directory, to, flags));
  };
  char path[PATH_MAX], target[PATH_MAX];
  absolute(from_directory, from, path);
  absolute(to_directory, to, target);
  if (!watched(target)) return real();
  const Call call;
  if (call.stopped) return -1;
  if (no_exchange && (flags & RENAME_EXCHANGE)) {
    errno = EINVAL;
    return -1;
  }
  const int done = real();
  if (done == 0) write_line(flags & RENAME_EXCHANGE ? "exchange" : "rename", path, target);
  return done;
}

int remove_at(int directory, const char* name, int flags) {
  const auto real = [&] { return static_cast<int>(syscall(SYS_unlinkat, directory, name, flags)); };
  char path[PATH_MAX];
  absolute(directory, name, path);
  if (!watched(path)) return real();
  const Call call;
  if (call.stopped) return -1;
  const int done = real();
  if (done == 0) write_line("unlink", path, "");
  return done;
}

template <class Real>
int make(const char* path, Real&& real) {
  if (!watched(path)) return real();
  const Call call;
  if (call.stopped) return -1;
  const int done = real();
  if (done == 0) write_line("mkdir", path, "");
  return done;
}

FILE* open_stream(const char* function, const char* name, const char* mode) {
  using Function = FILE* (*)(const char*, const char*);
  const auto real = reinterpret_cast<Function>(dlsym(RTLD_NEXT, function));
  char path[PATH_MAX];
  absolute(AT_FDCWD, name, path);
  if (!watched(path)) return real(name, mode);
  const Call call;
  if (call.stopped) return nullptr;
  struct stat before;
  const bool there = stat(path, &before) == 0;
  FILE* const stream = real(name, mode);
  if (stream && mode[0] != 'r') write_line(there ? "dirty" : "create", path, "");
  return stream;
}

}  // namespace

extern "C" {

int open(const char* name, int flags, ...) {
  va_list rest;
  va_start(rest, flags);
  const mode_t mode = mode_of(flags, rest);
  va_end(rest);
  return open_at(AT_FDCWD, name, flags, mode);
}
int open64(const char* name, int flags, ...) {
  va_list rest;
  va_start(rest, flags);
  const mode_t mode = mode_of(flags, rest);
  va_end(rest);
  return open_at(AT_FDCWD, name, flags, mode);
}
int openat(int directory, const char* name, int flags, ...) {
  va_list rest;
  va_start(rest, flags);
  const mode_t mode = mode_of(flags, rest);
  va_end(rest);
  return open_at(directory, name, flags, mode);
}
FILE* fopen(const char* name, const char* mode) { return open_stream("fopen", name, mode); }
FILE* fopen64(const char* name, const char* mode) { return open_stream("fopen64", name, mode); }

ssize_t write(int fd, const void* from, size_t size) {
  return change(fd, [&] { return static_cast<ssize_t>(syscall(SYS_write, fd, from, size)); });
}
ssize_t writev(int fd, const struct iovec* parts, int count) {
  return change(fd, [&] { return static_cast<ssize_t>(syscall(SYS_writev, fd, parts, count)); });
}
ssize_t sendfile(int to, int from, off_t* offset, size_t size) {
  return change(to, [&] { return static_cast<ssize_t>(syscall(SYS_sendfile, to, from, offset, size)); });
}
int fsync(int fd) { return sync(fd); }
int fdatasync(int fd) { return sync(fd); }

int rename(const char* from, const char* to) { return move(AT_FDCWD, from, AT_FDCWD, to, 0); }
int renameat2(int from_directory, const char* from, int to_directory, const char* to, unsigned flags) {
  return move(from_directory, from, to_directory, to, flags);
}

int unlink(const char* name) { return remove_at(AT_FDCWD, name, 0); }
int unlinkat(int directory, const char* name, int flags) { return remove_at(directory, name, flags); }
int rmdir(const char* name) { return remove_at(AT_FDCWD, name, AT_REMOVEDIR); }
int remove(const char* name) {
  struct stat status;
  return remove_at(AT_FDCWD, name, lstat(name, &status) == 0 && S_ISDIR(status.st_mode) ? AT_REMOVEDIR : 0);
}

int mkdir(const char* name, mode_t mode) {
  char path[PATH_MAX];
  absolute(AT_FDCWD, name, path);
  return make(path, [&] { return static_cast<int>(syscall(SYS_mkdirat, AT_FDCWD, name, mode)); });
}
char* mkdtemp(char* name) {
  using Function = char* (*)(char*);
  const auto real = reinterpret_cast<Function>(dlsym(RTLD_NEXT, "mkdtemp"));
  char path[PATH_MAX];
  absolute(AT_FDCWD, name, path);
  const int made = make(path, [&] {
    const bool done = real(name) != nullptr;
    absolute(AT_FDCWD, name, path);
    return done ? 0 : -1;
  });
  return made == 0 ? name : nullptr;
}

}  // extern "C"
