#include "experiments/run/results_directory.h"

#include <unistd.h>

#include <cerrno>
#include <cstring>

namespace experiments {
namespace fs = std::filesystem;

ResultsDirectory::ResultsDirectory(fs::path target, bool replace) : target_(std::move(target)), replace_(replace) {
  if (!target_.has_filename()) target_ = target_.parent_path();
  std::error_code error;
  if (fs::exists(fs::symlink_status(target_, error)) && !replace)
    throw OutputError(target_.string() + ": exists already; choose another place with --out DIR, or replace it with --overwrite");
  if (fs::exists(target_, error) && !fs::is_directory(target_, error))
    throw OutputError(target_.string() + ": exists and is not a directory; choose another place with --out DIR");
  const fs::path parent = target_.has_parent_path() ? target_.parent_path() : fs::path(".");
  fs::create_directories(parent, error);
  if (error) throw OutputError(target_.string() + ": cannot be created: " + error.message());
  std::string name = (parent / ("." + target_.filename().string() + ".partial-XXXXXX")).string();
  if (!mkdtemp(name.data())) throw OutputError(target_.string() + ": cannot be created: " + std::strerror(errno));
  temporary_ = name;
  fs::permissions(temporary_, fs::perms::owner_all | fs::perms::group_read | fs::perms::group_exec | fs::perms::others_read | fs::perms::others_exec, error);
}

ResultsDirectory::~ResultsDirectory() {
  std::error_code ignored;
  if (!committed_) fs::remove_all(temporary_, ignored);
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
