#include "experiments/run/results_directory.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "experiments/run/checkpoint.h"

namespace experiments {
namespace fs = std::filesystem;

namespace {

constexpr const char* kElsewhere = "; choose another place with --out DIR";
constexpr const char* kLock = ".lock";
constexpr const char* kPartial = ".partial";

/// What stands in the way of replacing what is at `target`, or "".
std::string no_replacement(const fs::path& target, ResultsDirectory::IsEarlier is_earlier) {
  std::error_code error;
  if (!fs::is_directory(fs::symlink_status(target, error))) return "exists and is not a directory";
  if (!is_earlier(target) && !fs::is_empty(target, error))
    return "exists and holds no earlier result, so --overwrite leaves it alone";
  const fs::path here = fs::current_path(error), place = fs::canonical(target, error);
  for (fs::path above = here; !error; above = above.parent_path()) {
    if (above == place) return "holds the working directory, so --overwrite leaves it alone";
    if (above == above.parent_path()) break;
  }
  return "";
}

}  // namespace

bool is_run_result(const fs::path& directory) {
  std::error_code error;
  return fs::exists(directory / "experiment.json", error) && fs::exists(directory / "manifest.json", error);
}

ResultsDirectory::ResultsDirectory(fs::path target, bool replace, IsEarlier is_earlier)
    : ResultsDirectory(std::move(target), replace, Mode::fresh, is_earlier) {}

ResultsDirectory ResultsDirectory::resumable(fs::path target, bool replace) {
  return ResultsDirectory(std::move(target), replace, Mode::resumable);
}

ResultsDirectory ResultsDirectory::resume(fs::path target, bool replace) {
  if (!target.has_filename()) target = target.parent_path();
  if (target.extension() == kPartial && fs::exists(target)) target.replace_extension();
  return ResultsDirectory(std::move(target), replace, Mode::resume);
}

void clear_leftovers(const fs::path& target) {
  std::error_code ignored;
  remove_checkpoints(target);
  fs::remove(target / kLock, ignored);
}

fs::path partial_directory(const fs::path& target) { return target.string() + kPartial; }

ResultsDirectory::ResultsDirectory(fs::path target, bool replace, Mode mode, IsEarlier is_earlier)
    : target_(std::move(target)), replace_(replace) {
  if (!target_.has_filename()) target_ = target_.parent_path();
  if (target_.filename().empty() || target_.filename() == "." || target_.filename() == "..")
    throw OutputError("--out \"" + target_.string() + "\" names no directory of its own" + kElsewhere);
  std::error_code error;
  if (fs::exists(fs::symlink_status(target_, error))) {
    if (!replace && mode == Mode::resume && !holds_checkpoint(partial_directory(target_)))
      throw OutputError(target_.string() + ": is not the finished results of straggle run, and " +
                        partial_directory(target_).string() + " holds no interrupted run");
    if (!replace)
      throw OutputError(target_.string() + ": exists already" + kElsewhere +
                        ", or replace an earlier result with --overwrite");
    if (const std::string reason = no_replacement(target_, is_earlier); !reason.empty())
      throw OutputError(target_.string() + ": " + reason + kElsewhere);
  }
  if (mode == Mode::resume) {
    temporary_ = partial_directory(target_);
    if (!holds_checkpoint(temporary_))
      throw OutputError(temporary_.string() + ": no checkpoint of an interrupted run is there");
    lock();
    remove_torn_files();
    return;
  }
  make_parents();
  if (mode == Mode::resumable)
    make_partial();
  else
    make_temporary();
}

void ResultsDirectory::make_parents() {
  std::error_code error;
  const fs::path parent = target_.has_parent_path() ? target_.parent_path() : fs::path(".");
  for (fs::path above = parent; !above.empty() && !fs::exists(above, error) && above != above.parent_path();
       above = above.parent_path())
    made_.push_back(above);
  fs::create_directories(parent, error);
  if (error) {
    remove_made();
    throw OutputError(target_.string() + ": cannot be created: " + error.message());
  }
}

void ResultsDirectory::make_temporary() {
  const fs::path parent = target_.has_parent_path() ? target_.parent_path() : fs::path(".");
  std::string name = (parent / ("." + target_.filename().string() + ".partial-XXXXXX")).string();
  if (!mkdtemp(name.data())) {
    const int reason = errno;
    remove_made();
    throw OutputError(target_.string() + ": cannot be created: " + std::strerror(reason));
  }
  temporary_ = name;
  std::error_code error;
  fs::permissions(temporary_,
                  fs::perms::owner_all | fs::perms::group_read | fs::perms::group_exec | fs::perms::others_read |
                      fs::perms::others_exec,
                  error);
}

void ResultsDirectory::make_partial() {
  temporary_ = partial_directory(target_);
  std::error_code error;
  if (fs::exists(fs::symlink_status(temporary_, error)) && !fs::exists(temporary_ / kLock, error))
    throw OutputError(temporary_.string() + ": exists and is no interrupted run" + kElsewhere);
  if (!fs::create_directory(temporary_, error) && error) {
    remove_made();
    throw OutputError(target_.string() + ": cannot be created: " + error.message());
  }
  lock();
  if (holds_checkpoint(temporary_) && !replace_)
    throw OutputError(temporary_.string() + ": an interrupted run is there; go on with straggle run --resume " +
                      target_.string() + ", or drop it and begin anew with --overwrite");
  for (const auto& entry : fs::directory_iterator(temporary_))  // of a run that ended before its first checkpoint
    if (entry.path().filename() != kLock) fs::remove_all(entry.path());
}

/// Files that whoever was killed was writing.
void ResultsDirectory::remove_torn_files() {
  std::vector<fs::path> torn;
  for (const auto& entry : fs::recursive_directory_iterator(temporary_))
    if (entry.path().filename().string().find(".partial-") != std::string::npos) torn.push_back(entry.path());
  for (const fs::path& file : torn) fs::remove(file);
}

void ResultsDirectory::lock() {
  lock_.emplace(temporary_ / kLock, FileLock::Wait::no,
                temporary_.string() + ": another straggle run is writing there" + kElsewhere);
}

ResultsDirectory::~ResultsDirectory() {
  if (committed_ || (lock_ && holds_checkpoint(temporary_))) return;
  std::error_code ignored;
  fs::remove_all(temporary_, ignored);
  remove_made();
}

void ResultsDirectory::remove_made() {
  std::error_code ignored;
  for (const fs::path& directory : made_) fs::remove(directory, ignored);  // only while empty
}

void ResultsDirectory::commit() {
  std::error_code error;
  fs::path aside;
  if (replace_ && fs::exists(target_, error)) {
    // In one step, so that whoever kills us finds the old result or the new one; file systems that cannot take two.
    if (renameat2(AT_FDCWD, temporary_.c_str(), AT_FDCWD, target_.c_str(), RENAME_EXCHANGE) == 0) {
      finish(temporary_);
      return;
    }
    aside = temporary_.string() + ".old";
    fs::rename(target_, aside, error);
    if (error) throw OutputError(target_.string() + ": cannot be replaced: " + error.message());
  }
  fs::rename(temporary_, target_, error);
  if (error) {
    std::error_code ignored;
    if (!aside.empty()) fs::rename(aside, target_, ignored);
    throw OutputError(target_.string() + ": cannot be put in place: " + error.message());
  }
  finish(aside);
}

/// Only now that the results are in place are checkpoints of no more use.
void ResultsDirectory::finish(const fs::path& old) {
  committed_ = true;
  std::error_code ignored;
  if (lock_) clear_leftovers(target_);
  if (!old.empty()) fs::remove_all(old, ignored);
}

}  // namespace experiments
