#include "experiments/run/results_directory.h"

#include "experiments/run/checkpoint.h"
#include "experiments/run/file_list.h"
#include "experiments/run/staged.h"
#include "models/durable.h"

namespace experiments {
namespace fs = std::filesystem;

namespace {

constexpr const char* kElsewhere = "; choose another place with --out DIR";
constexpr const char* kPartial = ".partial";

/// What stands in the way of replacing what is at `target`, or "".
std::string no_replacement(const fs::path& target) {
  std::error_code error;
  if (!fs::is_directory(fs::symlink_status(target, error))) return "exists and is not a directory";
  if (!is_results(target) && !fs::is_empty(target, error))
    return "exists and holds no earlier result, so --overwrite leaves it alone";
  const fs::path here = fs::current_path(error), place = fs::canonical(target, error);
  for (fs::path above = here; !error; above = above.parent_path()) {
    if (above == place) return "holds the working directory, so --overwrite leaves it alone";
    if (above == above.parent_path()) break;
  }
  return "";
}

void remove_left_alone(const fs::path& directory) {
  if_left_alone(directory, [&] {
    std::error_code ignored;
    for (const auto& entry : fs::directory_iterator(directory, ignored))  // the lock last: nobody comes in meanwhile
      if (entry.path().filename() != kLockFile) fs::remove_all(entry.path(), ignored);
    fs::remove_all(directory, ignored);
  });
}

void clear_within(const fs::path& target) {
  std::error_code ignored;
  if (remove_checkpoints(target)) fs::remove(target / kLockFile, ignored);  // else the next command tries again
}

}  // namespace

bool is_results(const fs::path& directory) {
  std::error_code error;
  return fs::exists(directory / kFileList, error) ||
         (fs::exists(directory / kExperimentFile, error) && fs::exists(directory / kManifestFile, error));
}

ResultsDirectory::ResultsDirectory(fs::path target, bool replace)
    : ResultsDirectory(std::move(target), replace, false) {}

ResultsDirectory ResultsDirectory::resume(fs::path target, bool replace) {
  if (!target.has_filename()) target = target.parent_path();
  if (target.extension() == kPartial && fs::exists(target)) target.replace_extension();
  return ResultsDirectory(std::move(target), replace, true);
}

void clear_leftovers(const fs::path& target) {
  const fs::path partial = partial_directory(target), aside = models::moved_aside(partial);
  std::error_code error;
  // What commit() was about to replace, or has replaced; it has a lock file.
  if (fs::exists(aside / kLockFile, error)) {
    if (fs::exists(target, error))
      remove_left_alone(aside);
    else
      if_left_alone(aside, [&] { fs::rename(aside, target, error); });
  }
  if (!is_results(target)) return;
  if (fs::exists(partial / kLockFile, error) && !holds_checkpoint(partial)) remove_left_alone(partial);
  if (fs::exists(target / kLockFile, error) || holds_checkpoint(target))
    if_left_alone(target, [&] { clear_within(target); });
}

fs::path partial_directory(const fs::path& target) {
  return (target.has_filename() ? target : target.parent_path()).string() + kPartial;
}

ResultsDirectory::ResultsDirectory(fs::path target, bool replace, bool resumes)
    : target_(std::move(target)), replace_(replace) {
  if (!target_.has_filename()) target_ = target_.parent_path();
  if (target_.filename().empty() || target_.filename() == "." || target_.filename() == "..")
    throw OutputError("--out \"" + target_.string() + "\" names no directory of its own" + kElsewhere);
  clear_leftovers(target_);
  std::error_code error;
  if (fs::exists(fs::symlink_status(target_, error))) refuse_existing(resumes);
  if (resumes) {
    temporary_ = partial_directory(target_);
    if (!holds_checkpoint(temporary_))
      throw OutputError(temporary_.string() + ": no checkpoint of an interrupted run is there");
    lock();
    keep_what_resumes();
    return;
  }
  make_parents();
  try {
    make_partial();
  } catch (...) {
    remove_made();
    throw;
  }
}

/// Unless what is there may be replaced.
void ResultsDirectory::refuse_existing(bool resumes) const {
  if (!replace_ && resumes && !holds_checkpoint(partial_directory(target_)))
    throw OutputError(target_.string() + ": is not the finished results of straggle run, and " +
                      partial_directory(target_).string() + " holds no interrupted run");
  if (!replace_)
    throw OutputError(target_.string() + ": exists already" + kElsewhere +
                      ", or replace an earlier result with --overwrite");
  if (const std::string reason = no_replacement(target_); !reason.empty())
    throw OutputError(target_.string() + ": " + reason + kElsewhere);
}

void ResultsDirectory::make_parents() {
  std::error_code error;
  const fs::path parent = target_.parent_path();
  for (fs::path above = parent; !above.empty() && !fs::exists(above, error) && above != above.parent_path();
       above = above.parent_path())
    made_.push_back(above);
  if ((error = models::make_directories(parent))) {
    remove_made();
    throw OutputError(target_.string() + ": cannot be created: " + error.message());
  }
}

void ResultsDirectory::make_partial() {
  temporary_ = partial_directory(target_);
  std::error_code error;
  if (fs::exists(fs::symlink_status(temporary_, error)) && !fs::exists(temporary_ / kLockFile, error) &&
      !fs::is_empty(temporary_, error))  // empty: killed before it had its lock
    throw OutputError(temporary_.string() + ": exists and is no interrupted run" + kElsewhere);
  if ((error = models::make_directories(temporary_)))
    throw OutputError(target_.string() + ": cannot be created: " + error.message());
  lock();
  if (holds_checkpoint(temporary_) && !replace_)
    throw OutputError(temporary_.string() + ": an interrupted run is there; go on with straggle run --resume " +
                      target_.string() + ", or drop it and begin anew with --overwrite");
  for (const auto& entry : fs::directory_iterator(temporary_))  // of a run that ended before its first checkpoint
    if (entry.path().filename() != kLockFile) fs::remove_all(entry.path());
}

/// Whoever was killed may have been writing results; they are written anew.
void ResultsDirectory::keep_what_resumes() {
  std::vector<fs::path> written;
  for (fs::recursive_directory_iterator it(temporary_), end; it != end; ++it) {
    const fs::path name = it->path().filename();
    const bool kept = it.depth() == 0 &&
                      (name == kLockFile || name == kExperimentFile || name == kManifestFile || name == kIdentityFile);
    if (is_checkpoint_directory(it->path())) it.disable_recursion_pending();
    if (it->is_regular_file() && !kept) written.push_back(it->path());
  }
  for (const fs::path& file : written) fs::remove(file);
}

void ResultsDirectory::lock() {
  lock_.emplace(temporary_ / kLockFile, FileLock::Wait::no,
                temporary_.string() + ": another straggle run is writing there" + kElsewhere);
  // What is known by its lock after a power cut: no name may come to the disk before this one.
  if (const std::error_code error = models::sync_directory(temporary_))
    throw OutputError(temporary_.string() + ": cannot be written: " + error.message());
}

ResultsDirectory::~ResultsDirectory() {
  if (committed_ || holds_checkpoint(temporary_)) return;
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
  std::optional<FileLock> replaced;
  try {
    if (fs::exists(target_, error)) {
      if (!replace_) throw OutputError(target_.string() + ": exists already");
      // What is replaced is known as such, should we be killed before it is removed.
      clear_within(target_);
      replaced.emplace(target_ / kLockFile, FileLock::Wait::no,
                       target_.string() + ": another straggle run replaces it");
      if ((error = models::sync_directory(target_)))
        throw OutputError(target_.string() + ": cannot be put in place: " + error.message());
    }
    put_whole(temporary_, target_);
  } catch (const OutputError&) {
    if (replaced) fs::remove(target_ / kLockFile, error);
    throw;
  }
  committed_ = true;
  clear_within(target_);
  lock_.reset();
  replaced.reset();
  clear_leftovers(target_);
}

}  // namespace experiments
