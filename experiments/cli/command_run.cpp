#include <iostream>

#include "experiments/cli/commands.h"
#include "experiments/cli/dry_run.h"
#include "experiments/cli/input_notes.h"
#include "experiments/cli/interrupt.h"
#include "experiments/cli/options.h"
#include "experiments/cli/progress.h"
#include "experiments/cli/run_results.h"
#include "experiments/cli/terminal.h"
#include "experiments/config/doubts.h"
#include "experiments/report/files.h"
#include "experiments/report/path_text.h"
#include "experiments/report/read_results.h"
#include "experiments/report/summary.h"
#include "experiments/report/writers.h"
#include "experiments/run/checkpoint.h"
#include "experiments/run/file_list.h"
#include "experiments/run/manifest.h"
#include "experiments/run/memory_need.h"
#include "experiments/run/run_key.h"

namespace experiments {
namespace {

namespace fs = std::filesystem;
namespace po = boost::program_options;

constexpr const char* kRunUsage = "straggle run FILE [options]\n       straggle run --resume DIR [options]";

struct RunCommand {
  ExperimentConfig experiment;
  std::string file;       ///< for messages
  std::string file_name;  ///< for the manifest
  Json begun = nullptr;   ///< the manifest of what is resumed
  int threads = 1;
  bool quiet = false, verbose = false, wide = false;
  bool ignore_memory = false;
  std::chrono::milliseconds checkpoint_every{};
};

std::chrono::milliseconds checkpoint_interval(const po::variables_map& values) {
  const double minutes = values["checkpoint"].as<double>();
  if (!(minutes > 0.0 && minutes <= 1e6))
    throw UsageError("--checkpoint is " + number_text(minutes) + "; allowed: a number above 0, up to 1000000");
  return std::chrono::milliseconds(static_cast<int64_t>(minutes * 60'000.0));
}

void require_room(const RunCommand& command) {
  if (!command.ignore_memory) require_memory(command.file, memory_needed(command.experiment, command.threads));
}

/// Stops where what goes on would not be what was begun.
void require_same(const Json& begun, const Json& now, const fs::path& partial) {
  const std::string anew = "; straggle run FILE --overwrite begins anew";
  const Json identity = read_json(partial / kIdentityFile);
  if (!identity.is_object())
    throw InvalidResults((partial / kIdentityFile).string() + ": is no JSON object; the file is damaged");
  if (identity.value("program", Json()) != now.at("program"))
    throw OutputError(partial.string() +
                      ": was begun by another build of straggle, whose numbers need not be this one's" +
                      " to the last bit (git commit " + text_of(begun.at("git_commit")) + " then, " + commit_text() +
                      " now); finish it with that build" + anew);
  if (const std::string changed = changed_part(identity, now); !changed.empty())
    throw OutputError(partial.string() + ": was begun with another experiment: " + changed +
                      "; put that back to go on" + anew);
}

int train_and_write(const RunCommand& command, ResultsDirectory& results) {
  const ExperimentConfig& experiment = command.experiment;
  ThreadPool pool(command.threads);
  SharedInputs inputs(pool);
  const InterruptWatch watch([&] { pool.cancel(); });
  const SweepPlan plan = plan_comparison(experiment);
  read_inputs(plan.experiments, inputs, true);
  tell_inventories(inventories(plan.experiments, inputs));
  check_interrupt();
  const auto now = [&](const Comparison& comparison) {
    return manifest(experiment, command.file_name, inputs, comparison.runs, comparison.failures);
  };
  const Json identity =
      RunKeys([&](const RunConfig& run) { return inputs.text(run)->corpus_hash; }).identity(experiment);
  // Onto the disk before the first checkpoint, which goes on with them.
  const auto describe = [&](const Json& how) {
    replace_file(results.path() / kExperimentFile, text_of(to_json(experiment), 2) + "\n");
    replace_file(results.path() / kIdentityFile, text_of(identity, 2) + "\n");
    replace_file(results.path() / kManifestFile, text_of(how, 2) + "\n");
  };
  if (command.begun.is_null())
    describe(now({}));
  else
    require_same(command.begun, identity, results.path());

  ProgressDisplay progress(plan, plan.runs, {}, command.quiet);
  const Comparison comparison = execute_comparison(plan, results.path(), inputs, progress,
                                                   {.most_updates = {}, .checkpoint_every = command.checkpoint_every});
  progress.close();

  const ComparisonSummary summary = summarise(without_failed(experiment, comparison.failures), comparison.runs);
  const Json how = now(comparison);
  describe(how);
  write_results(results, experiment, comparison, summary, how);
  const size_t columns = command.wide ? 0 : terminal_size().columns;
  std::cout << "\n"
            << terminal_table(summary, columns) << late_lines(comparison.runs, columns) << "\nResults in "
            << results.target().string() << "; open " << (results.target() / "report.html").string() << "\n";
  return tell_ends(comparison, command.verbose);
}

/// Whatever ends it early: what has been computed is kept, and the user told how to go on.
int train_or_keep(const RunCommand& command, ResultsDirectory& results) {
  try {
    return train_and_write(command, results);
  } catch (...) {
    if (!holds_checkpoint(results.path())) throw;
    std::cerr << "straggle: " << (interrupted() ? "interrupted; " : "") << "what is done is kept in "
              << results.path().string() << "; straggle run --resume " << results.target().string()
              << " goes on from there\n";
    if (interrupted()) return kExitInterrupted;
    throw;
  }
}

/// Begins the run that `command` describes.
int begin(const RunCommand& command, const fs::path& out, bool replace) {
  require_files(command.experiment, command.file);
  note_interrupts();
  for (const MethodConfig& method : command.experiment.methods)
    for (const uint64_t seed : command.experiment.seeds) clock_of(method, seed, command.file);
  require_room(command);
  ResultsDirectory results(out, replace);
  return train_or_keep(command, results);
}

/// Results that are there and all of whose runs have ended: whole, or damaged and made again.
int resume_finished(RunCommand command, const fs::path& place) {
  const FileFaults faults = file_faults(place);
  if (!faults.listed) read_results(place);  // throws where it finds something wrong
  if (faults.damaged.empty()) {
    std::cout << place.string() << " is finished; nothing is left to resume"
              << (faults.listed ? "" : " (an older version made it, without the list of files that would show damage)")
              << "\n";
    return 0;
  }
  const std::string file = (place / kExperimentFile).string();
  std::string damage;
  bool known = true;
  for (const std::string& what : faults.damaged) {
    damage += "\n  " + what;
    known = known && !what.starts_with(file) && !what.starts_with((place / kFileList).string());
  }
  if (!known)
    throw OutputError(place.string() + ": is damaged, and with it what it was made from; straggle run FILE --out " +
                      place.string() + " --overwrite makes it again:" + damage);
  std::cerr << "straggle: note: " << place.string() << ": is damaged, so all is run again:" << damage << "\n";
  command.file = file;
  command.file_name = kExperimentFile;
  command.experiment = parse_experiment(read_json(file), file);
  return begin(command, place, true);
}

int resume(const po::variables_map& values, RunCommand command) {
  for (const char* other : {"FILE", "set", "target", "out", "dry-run", "what-if"})
    if (values.count(other))
      throw UsageError(std::string("--resume takes the experiment and its place from where it was begun; ") +
                       (std::string(other) == "FILE" ? "a file" : "--" + std::string(other)) + " cannot be given too");
  const fs::path place = values["resume"].as<std::string>();
  const bool partial = place.extension() == ".partial";
  if (!partial) clear_leftovers(place);
  if (!partial && is_results(place) && !holds_checkpoint(partial_directory(place)))
    return resume_finished(std::move(command), place);
  // Results that are damaged were being made again.
  const bool replace = values.count("overwrite") || !file_faults(place).damaged.empty();
  ResultsDirectory results = ResultsDirectory::resume(place, replace);
  command.file = (results.path() / kExperimentFile).string();
  command.experiment = parse_experiment(read_json(command.file), command.file);
  command.begun = read_json(results.path() / kManifestFile);
  for (const char* key : {"experiment_file", "git_commit"})
    if (!command.begun.is_object() || !command.begun.contains(key) || !command.begun[key].is_string())
      throw InvalidResults((results.path() / kManifestFile).string() + ": has no \"" + key +
                           "\"; the file is damaged; straggle run FILE --overwrite begins anew");
  command.file_name = command.begun.at("experiment_file").get<std::string>();
  require_files(command.experiment, command.file);
  require_room(command);
  note_interrupts();
  return train_or_keep(command, results);
}

}  // namespace

int command_run(const std::vector<std::string>& arguments) {
  po::options_description options("Options");
  options.add_options()("out,o", po::value<std::string>()->value_name("DIR"),
                        "results directory (default: results/<name>); must not exist yet")(
      "overwrite", "replace the results directory if it exists, and drop an interrupted run's checkpoints")(
      "resume", po::value<std::string>()->value_name("DIR"),
      "go on with the interrupted run whose results were to be in DIR, to the same results")(
      "checkpoint",
      po::value<double>()->value_name("MINUTES")->default_value(static_cast<double>(kCheckpointInterval.count())),
      "how often each run saves where it is, in real time")(
      "set", po::value<std::vector<std::string>>()->composing()->value_name("/POINTER=VALUE"),
      "change a setting, e.g. --set /stop/local_steps=800; may be repeated")(
      "threads,j", po::value<int>()->value_name("N"),
      "threads that train (default: all processors); changes no result")(
      "ignore-memory", "begin even if there seems to be too little memory")(
      "dry-run",
      "run the clock without training and print the schedule's statistics (straggle bench FILE: how long training "
      "takes)")("what-if",
                "with --dry-run: run every clock again with one thing otherwise (equal speeds, twice the bandwidth, no "
                "failures, …) and print what that changes")("quiet,q", "no progress lines")(
      "verbose,v", "also print each run's trajectory fingerprint")(
      "target", po::value<std::string>()->value_name("LOSS"), kTargetHelp)("wide", kWideHelp);
  po::variables_map values;
  if (!parse_options(kRunUsage, options, arguments, values)) return 0;
  RunCommand command;
  command.threads = thread_count(values);
  command.ignore_memory = values.count("ignore-memory") > 0;
  command.quiet = values.count("quiet") > 0;
  command.verbose = values.count("verbose") > 0;
  command.wide = values.count("wide") > 0;
  command.checkpoint_every = checkpoint_interval(values);
  if (values.count("resume")) return resume(values, std::move(command));
  if (!values.count("FILE"))
    throw UsageError("which experiment file? e.g. straggle run experiments/catalog/quickstart.json");

  command.file = values["FILE"].as<std::string>();
  command.file_name = fs::path(command.file).filename().string();
  command.experiment = load_experiment(command.file, settings_of(values));
  tell_doubts(doubts_of(command.experiment));
  if (values.count("what-if") && !values.count("dry-run"))
    throw UsageError("--what-if goes with --dry-run: it trains nothing");
  if (values.count("dry-run")) {
    require_workers(command.experiment, command.file);
    std::cout << dry_run(command.experiment, command.file);
    if (values.count("what-if")) std::cout << what_if_tables(command.experiment, command.file);
    return 0;
  }
  return begin(
      command,
      values.count("out") ? fs::path(values["out"].as<std::string>()) : fs::path("results") / command.experiment.name,
      values.count("overwrite") > 0);
}

}  // namespace experiments
