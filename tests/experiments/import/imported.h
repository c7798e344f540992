#pragma once
#include <string>
#include <vector>

#include "experiments/config/experiment_config.h"
#include "experiments/import/importer.h"
#include "tests/support/error_message.h"
#include "tests/support/temp_directory.h"
#include "tests/support/tiny_experiment.h"

/// What an importer makes of files of these contents.
namespace tests {

using experiments::Imported;
using experiments::ImportOptions;
using experiments::Json;

inline Imported imported(const std::string& format, const std::vector<std::string>& contents,
                         const ImportOptions& options = {}, const std::string& ending = "") {
  const TempDirectory directory;
  experiments::ImportFiles files;
  for (const std::string& content : contents)
    files.push_back(directory.write("in" + std::to_string(files.size()) + ending, content));
  for (const experiments::ImportFormat& known : experiments::import_formats())
    if (known.name == format) return known.import(files, options);
  throw std::invalid_argument(format);
}

/// The tiny experiment with the cluster, which is written into `directory`, as a run.
inline experiments::RunConfig run_with(const Imported& made, const TempDirectory& directory) {
  experiments::write_cluster(made, "a test", directory.path() / "cluster");
  Json document = tiny::document();
  document.erase("workers");
  document["cluster"] = (directory.path() / "cluster/cluster.json").string();
  return tiny::run_of(document);
}

/// What is said against a file of this content.
inline std::string refused(const std::string& format, const std::string& content, const ImportOptions& options = {}) {
  return error_message<std::runtime_error>([&] { imported(format, {content}, options); });
}

inline std::string all_notes(const Imported& made) {
  std::string all;
  for (const std::string& note : made.notes) all += note + "\n";
  return all;
}

}  // namespace tests
