#include "experiments/run/results_directory.h"

#include <unistd.h>

#include <cerrno>
#include <cstring>

namespace experiments {
namespace fs = std::filesystem;

namespace {

/// What stands in the way of replacing what is at `target`, or "".
std::string no_replacement(const fs::path& target) {
  std::error_code error;
  if (!fs::is_directory(fs::symlink_status(target, error))) return "exists and is not a directory";
  const bool earlier_result =
      fs::exists(target / "experiment.json", error) && fs::exists(target / "manifest.json", error);
  if (!earlier_result && !fs::is_empty(target, error))
    return "exists and holds no earlier result, so --overwrite leaves it alone";
  const fs::path here = fs::current_path(error), place = fs::canonical(target, error);
  for (fs::path above = here; !error; above = above.parent_path()) {
    if (above == place) return "holds the working directory, so --overwrite leaves it alone";
    if (above == above.parent_path()) break;
  }
  return "";
}

}  // namespace

ResultsDirectory::ResultsDirectory(fs::path target, bool replace) : target_(std::move(target)), replace_(replace) {
  const std::string other = "; choose another place with --out DIR";
  if (!target_.has_filename()) target_ = target_.parent_path();
  if (target_.filename().empty() || target_.filename() == "." || target_.filename() == "..")
    throw OutputError("--out \"" + target_.string() + "\" names no directory of its own" + other);
  std::error_code error;
  if (fs::exists(fs::symlink_status(target_, error))) {
    if (!replace)
      throw OutputError(target_.string() + ": exists already" + other +
                        ", or replace an earlier result with --overwrite");
    if (const std::string reason = no_replacement(target_); !reason.empty())
      throw OutputError(target_.string() + ": " + reason + other);
  }
  const fs::path parent = target_.has_parent_path() ? target_.parent_path() : fs::path(".");
  for (fs::path above = parent; !above.empty() && !fs::exists(above, error) && above != above.parent_path();
       above = above.parent_path())
    made_.push_back(above);
  fs::create_directories(parent, error);
  if (error) {
    remove_made();
    throw OutputError(target_.string() + ": cannot be created: " + error.message());
  }
  std::string name = (parent / ("." + target_.filename().string() + ".partial-XXXXXX")).string();
  if (!mkdtemp(name.data())) {
    const int reason = errno;
    remove_made();
    throw OutputError(target_.string() + ": cannot be created: " + std::strerror(reason));
  }
  temporary_ = name;
  fs::permissions(temporary_,
                  fs::perms::owner_all | fs::perms::group_read | fs::perms::group_exec | fs::perms::others_read |
                      fs::perms::others_exec,
                  error);
}

ResultsDirectory::~ResultsDirectory() {
  if (committed_) return;
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
  committed_ = true;
  if (!aside.empty()) fs::remove_all(aside, error);
}

}  // namespace experiments
