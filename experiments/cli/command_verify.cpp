#include <algorithm>
#include <iostream>

#include "experiments/cli/commands.h"
#include "experiments/cli/input_notes.h"
#include "experiments/cli/interrupt.h"
#include "experiments/cli/options.h"
#include "experiments/cli/progress.h"
#include "experiments/cli/results_options.h"
#include "experiments/report/read_run.h"
#include "experiments/report/writers.h"
#include "experiments/run/compare_files.h"
#include "experiments/run/file_list.h"
#include "experiments/run/manifest.h"
#include "experiments/run/memory_need.h"

namespace experiments {
namespace {

namespace fs = std::filesystem;
namespace po = boost::program_options;

/// What is another than when the results were made, and may be why they differ.
void note_changes(const Json& stored, const Json& now) {
  for (const char* key : {"program", "git_commit", "binary", "compiler", "compile_flags", "matrix_products", "cpu"})
    if (stored.is_object() && stored.contains(key) && stored[key] != now.at(key))
      std::cout << "note: " << key << " was " << text_of(stored[key]) << ", is " << text_of(now.at(key)) << "\n";
}

/// The rerun's lines without its last evaluation where that is only there because the rerun stopped early.
std::string without_closing_line(const std::string& stored, const std::string& found) {
  if (found.empty()) return found;
  const size_t last = found.rfind('\n', found.size() - 2) + 1;  // npos + 1 is 0: the only line
  const auto lines = std::count(found.begin(), found.end(), '\n');
  size_t begin = 0;
  for (int64_t i = 1; i < lines && begin != std::string::npos && begin < stored.size(); ++i)
    begin = stored.find('\n', begin) + 1;
  const Json ours =
      Json::parse(stored.substr(std::min(begin, stored.size()), stored.find('\n', begin) - begin), nullptr, false);
  const Json theirs = Json::parse(found.substr(last), nullptr, false);
  const auto same = [&](const char* key) {
    return ours.is_object() && ours.contains(key) && ours[key] == theirs.at(key);
  };
  return same("server_updates") && same("local_steps") && same("simulated_seconds") ? found : found.substr(0, last);
}

/// Prints how one run's records differ from those stored in `directory`. Returns whether they do.
bool differs(const fs::path& directory, const RunLog& log, std::optional<double> target, bool beginning) {
  const RunFiles files = run_files(log, target);
  const std::string metrics = read_result(directory / "metrics.jsonl");
  bool any = false;
  const auto tell = [&](const char* file, const std::optional<std::string>& difference) {
    if (!difference) return;
    std::cout << (directory / file).string() << ": " << *difference << "\n";
    any = true;
  };
  tell("updates.jsonl", first_difference(read_result(directory / "updates.jsonl"), files.updates, beginning));
  tell("metrics.jsonl",
       first_difference(metrics, beginning ? without_closing_line(metrics, files.metrics) : files.metrics, beginning));
  if (!beginning)
    tell("summary.json", first_difference(read_json(directory / "summary.json"), Json::parse(files.summary)));
  return any;
}

/// Holds every list of files below the directory against the files. Trains nothing.
int verify_files(const fs::path& directory) {
  const std::vector<fs::path> listed = listed_directories(directory);
  if (listed.empty())
    throw InvalidResults(directory.string() + ": has no list of files (" + kFileList +
                         "): it is no results directory, or an older version made it");
  size_t wrong = 0;
  for (const fs::path& place : listed) {
    const FileFaults faults = file_faults(place);
    for (const auto* whats : {&faults.damaged, &faults.extra})
      for (const std::string& what : *whats) std::cout << what << "\n";
    wrong += faults.damaged.size() + faults.extra.size();
  }
  std::cout << listed.size() << (listed.size() == 1 ? " list" : " lists") << " of files verified: "
            << (wrong ? std::to_string(wrong) + (wrong == 1 ? " file does" : " files do") + " not fit"
                      : std::string("every file is there and whole, and no other"))
            << "\n";
  return wrong ? kExitDiffers : 0;
}

}  // namespace

int command_verify(const std::vector<std::string>& arguments) {
  po::options_description options("Options");
  options.add_options()("updates", po::value<int64_t>()->value_name("N"),
                        "rerun only the first N server updates of each run, and compare how the records begin")(
      "files", "train nothing: only check that every file is there and whole, also of a sweep's results")(
      "threads,j", po::value<int>()->value_name("N"),
      "threads that train (default: all processors); changes no result")(
      "ignore-memory", "begin even if there seems to be too little memory")("quiet,q", "no progress lines");
  po::variables_map values;
  const std::string usage = "straggle verify RESULTS [--updates N | --files]";
  if (!parse_results_options(usage, options, arguments, values)) return 0;
  const auto directories = results_arguments(values);
  if (directories.size() > 1) throw UsageError("verify takes one results directory\nusage: " + usage);
  const fs::path& directory = directories[0];
  if (values.count("files")) {
    if (values.count("updates")) throw UsageError("--files runs nothing, so --updates cannot be given too");
    return verify_files(directory);
  }
  std::optional<int64_t> most_updates;
  if (values.count("updates")) most_updates = values["updates"].as<int64_t>();
  if (most_updates && *most_updates < 1)
    throw UsageError("--updates is " + std::to_string(*most_updates) + "; allowed: at least 1");
  const int threads = thread_count(values);

  const Results stored = read_results(directory);
  ExperimentConfig experiment = stored.experiment;
  experiment.save_weights = false;
  const std::string file = (directory / "experiment.json").string();
  require_files(experiment, file);
  if (!values.count("ignore-memory")) require_memory(file, memory_needed(experiment, threads));
  note_interrupts();
  ThreadPool pool(threads);
  SharedInputs inputs(pool);
  const InterruptWatch watch([&] { pool.cancel(); });
  const SweepPlan plan = plan_comparison(experiment);
  read_inputs(plan.experiments, inputs, true);
  const Json now = manifest(experiment, "", inputs, {}, {});
  note_changes(stored.manifest, now);
  if (const std::string changed = changed_corpus(stored.manifest, now); !changed.empty()) {
    std::cout << (directory / "manifest.json").string() << ": " << changed << "\n";
    return kExitDiffers;
  }

  ProgressDisplay progress(plan, plan.runs, {}, values.count("quiet") > 0);
  const Comparison found =
      execute_comparison(plan, directory, inputs, progress, {.most_updates = most_updates, .checkpoint_every = {}});
  progress.close();

  const ComparisonSummary summary = summarise(experiment, stored.runs);
  size_t differing = found.failures.size();
  for (const RunFailure& failure : found.failures)
    std::cout << run_directory(directory, failure.method, failure.seed).string()
              << " is stored, but now the run fails: " << failure.message << "\n";
  for (const auto* runs : {&found.runs, &found.unpaired})
    for (const RunLog& log : *runs) {
      const auto same = [&](const RunLog& other) { return other.method == log.method && other.seed == log.seed; };
      const RunLog& before = *std::find_if(stored.runs.begin(), stored.runs.end(), same);
      const bool beginning = most_updates && before.final.server_updates >= *most_updates;
      differing +=
          differs(run_directory(directory, log.method, log.seed), log, target_for(summary, log.seed), beginning);
    }
  const std::string runs = std::to_string(stored.runs.size()) + (stored.runs.size() == 1 ? " run" : " runs");
  if (differing > 0) {
    std::cout << differing << " of " << runs << " differ from what is stored\n";
    return kExitDiffers;
  }
  if (const auto still =
          std::count_if(stored.runs.begin(), stored.runs.end(), [](const RunLog& log) { return log.updates.empty(); }))
    std::cout << "note: no update arrived in " << still << " of " << runs
              << "; what was compared of them is the evaluations, the counters, the workers' times and the model\n";
  std::cout << runs << " verified: "
            << (most_updates
                    ? "the first " + std::to_string(*most_updates) + " server updates of each, or all it has, are"
                    : std::string("all records are"))
            << " what is stored, bit for bit\n";
  return 0;
}

}  // namespace experiments
