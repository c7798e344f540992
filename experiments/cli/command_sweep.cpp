#include <algorithm>
#include <iostream>

#include "experiments/cli/commands.h"
#include "experiments/cli/input_notes.h"
#include "experiments/cli/interrupt.h"
#include "experiments/cli/options.h"
#include "experiments/cli/progress.h"
#include "experiments/cli/sweep_list.h"
#include "experiments/cli/sweep_options.h"
#include "experiments/cli/terminal.h"
#include "experiments/config/doubts.h"
#include "experiments/config/place.h"
#include "experiments/report/process.h"
#include "experiments/run/drive.h"
#include "experiments/run/memory_need.h"
#include "experiments/run/results_directory.h"
#include "experiments/sweep/summary.h"

namespace experiments {
namespace {

namespace fs = std::filesystem;

/// A setting that every point overwrites would be lost without a word.
void check_settings(const std::vector<std::string>& settings, const Sweep& sweep) {
  for (const std::string& setting : settings) {
    const std::string pointer = setting.substr(0, setting.find('='));
    for (const std::string& varied : sweep.pointers)
      if (lies_in(pointer, varied))
        throw InvalidConfig("--set " + setting, {{"", "has no effect, because the sweep itself varies " + varied}});
  }
}

/// This program and its arguments for a part of the sweep, from any directory.
std::string part_command(const SweepOptions& options, const fs::path& out, int threads) {
  std::string command = shell_word(fs::read_symlink("/proc/self/exe").string()) + " sweep " +
                        shell_word(fs::absolute(options.file).lexically_normal().string()) + " --out " +
                        shell_word(out.string());
  for (const std::string& setting : options.settings) command += " --set " + shell_word(setting);
  if (options.retry_failed) command += " --retry-failed";
  if (options.ignore_memory) command += " --ignore-memory";
  return command + " --threads " + std::to_string(threads);
}

std::string collect_command(const fs::path& out) {
  return shell_word(fs::read_symlink("/proc/self/exe").string()) + " collect " + shell_word(out.string());
}

bool to_do(RunState state, bool retry_failed) {
  return state == RunState::absent || state == RunState::damaged || (state == RunState::failed && retry_failed);
}

/// The parts of `parts` with a run left to do.
std::vector<size_t> open_parts(const SweepPlan& plan, const RunStore& store, size_t parts, bool retry_failed) {
  std::vector<size_t> open;
  for (size_t part = 1; part <= parts; ++part) {
    const auto runs = part_of(plan.runs, part, parts);
    if (std::any_of(runs.begin(), runs.end(), [&](const PlannedRun& run) {
          return to_do(store.state(run.key, plan.save_weights()), retry_failed);
        }))
      open.push_back(part);
  }
  return open;
}

int hand_over(const SweepOptions& options, const SweepPlan& plan, const RunStore& store) {
  const fs::path out = fs::absolute(store.out()).lexically_normal();
  const size_t parts = (plan.runs.size() + options.per_task - 1) / options.per_task;
  const std::vector<size_t> open = open_parts(plan, store, parts, options.retry_failed);
  if (open.empty()) {
    std::cout << "nothing is left to run; " << collect_command(out) << " writes the summary\n";
    return 0;
  }
  if (options.parallel) {
    const int threads = options.threads_given ? options.threads : 1;
    const size_t jobs = options.jobs ? options.jobs : static_cast<size_t>(std::max(1, default_threads() / threads));
    std::string list;
    for (const size_t part : open) list += " " + std::to_string(part);
    if (open.size() == parts) list = " $(seq " + std::to_string(parts) + ")";
    std::cout << "parallel --jobs " << jobs << " "
              << shell_word(part_command(options, out, threads) + " --quiet --shard {}/" + std::to_string(parts))
              << " :::" << list << "; " << collect_command(out) << "\n";
    return 0;
  }
  SlurmJobs jobs{.name = plan.design.name,
                 .directory = out / "slurm",
                 .sweep_command = part_command(options, out, options.resources.cpus),
                 .collect_command = collect_command(out),
                 .parts = open,
                 .of = parts,
                 .largest_array = options.array_chunk ? options.array_chunk : max_array_size(),
                 .resources = options.resources};
  if (jobs.directory.string().find_first_of("\"\n\r\\") != std::string::npos)
    throw UsageError(jobs.directory.string() +
                     " cannot stand in a Slurm script; choose a directory without quotes, backslashes and line breaks");
  if (options.dry_run) {
    const SlurmScripts scripts = slurm_scripts(jobs);
    for (const std::string& script : scripts.arrays) std::cout << script << "\n";
    std::cout << "# when all of these have ended:\n" << scripts.collect;
    return 0;
  }
  const std::vector<std::string> numbers = submit(jobs);
  std::cout << open.size() << " tasks submitted:";
  for (size_t i = 0; i + 1 < numbers.size(); ++i) std::cout << (i ? ", " : " job ") << numbers[i];
  std::cout << "; job " << numbers.back() << " collects into " << out.string() << "; their scripts and logs are in "
            << jobs.directory.string() << "\n";
  return 0;
}

size_t runs_at_once(const SweepOptions& options) { return options.jobs ? options.jobs : drivers_for(options.threads); }

/// For what is left of `chosen`.
void require_room(const SweepOptions& options, const SweepPlan& plan, const std::vector<PlannedRun>& chosen,
                  const RunStore& store) {
  std::vector<const RunConfig*> left;
  for (const PlannedRun& run : chosen)
    if (to_do(store.state(run.key, plan.save_weights()), options.retry_failed)) left.push_back(&plan.method(run).run);
  require_memory(options.file, memory_needed(left, runs_at_once(options), options.threads));
}

/// Trains what is left of `chosen`. Returns how many runs are failed now.
size_t run_left(const SweepOptions& options, const SweepPlan& plan, const std::vector<PlannedRun>& chosen,
                const RunStore& store) {
  std::vector<PlannedRun> left;
  ProgressDisplay::Before before{chosen.size(), 0, 0};
  store.clear_leftovers();
  for (const PlannedRun& run : chosen) {
    const RunState state = store.state(run.key, plan.save_weights());
    if (state == RunState::finished) store.drop_checkpoints(run.key);  // of who was killed just after saving it
    if (state == RunState::damaged)
      std::cerr << "straggle: note: " << store.first_damage(run.key) << ": damaged; " << plan.text(run)
                << ", is run again\n";
    if (to_do(state, options.retry_failed))
      left.push_back(run);
    else
      ++(state == RunState::finished ? before.finished : before.failed);
  }
  if (left.empty()) return before.failed;
  ThreadPool pool(options.threads);
  SharedInputs inputs(pool);
  const InterruptWatch watch([&] { pool.cancel(); });
  read_inputs(plan.experiments, inputs, false);
  tell_inventories(inventories(plan.experiments, inputs));
  check_interrupt();
  ProgressDisplay progress(plan, left, before, options.quiet);
  try {
    execute_sweep(plan, left, runs_at_once(options), store, inputs, progress);
  } catch (const std::exception&) {
    progress.close();
    if (!interrupted()) throw;
    std::cerr << "straggle: interrupted; " << before.finished + progress.runs_finished() << " of " << chosen.size()
              << " runs are done and kept; the same command goes on from there\n";
    throw Interrupted();
  }
  progress.close();
  return before.failed + progress.runs_failed();
}

}  // namespace

int command_sweep(const std::vector<std::string>& arguments) {
  SweepOptions options;
  if (!parse_sweep_options(arguments, options)) return 0;
  Sweep sweep = expand_sweep(load_document(options.file, options.settings), options.file);
  check_settings(options.settings, sweep);
  for (const SweepPoint& point : sweep.points) require_files(point.experiment, options.file);
  tell_doubts(doubts_of(sweep.points));
  const bool here = !options.list && !options.slurm && !options.parallel;
  const bool sparing = here && !options.ignore_memory;
  if (sparing) {  // naming the runs reads the texts
    std::vector<const RunConfig*> all;
    for (const SweepPoint& point : sweep.points)
      for (const MethodConfig& method : point.experiment.methods) all.push_back(&method.run);
    require_memory(options.file, memory_needed(all, 1, options.threads));
  }
  const SweepPlan plan = plan_sweep(std::move(sweep), options.file);
  const RunStore store(options.out.empty() ? fs::path("results") / plan.design.name : options.out);
  const std::vector<PlannedRun> chosen = part_of(plan.runs, options.part, options.parts);
  if (options.list) {
    try {
      std::cout << sweep_list(plan, chosen, store);
    } catch (const std::overflow_error& error) {
      throw InvalidConfig(options.file, {{"", error.what()}});
    }
    return 0;
  }
  store.require_ours();
  if (sparing) require_room(options, plan, chosen, store);
  for (const PlannedRun& run : chosen) clock_of(plan.method(run), run.seed, options.file, plan.text(run));
  if (!here) return hand_over(options, plan, store);

  note_interrupts();
  add_design(store.out(), plan.design);
  size_t failed = 0, damaged = 0;
  try {
    failed = run_left(options, plan, chosen, store);
  } catch (const Interrupted&) {
    return kExitInterrupted;
  }
  if (options.parts > 1) {
    std::cout << "part " << options.part << " of " << options.parts << " is in " << store.out().string()
              << "; straggle collect makes the summary of all parts\n";
  } else {
    const std::vector<SweepSummary> all = write_sweep_summary(store);
    const auto mine =
        std::find_if(all.begin(), all.end(), [&](const SweepSummary& s) { return s.design.name == plan.design.name; });
    std::cout << "\n"
              << sweep_table(*mine, options.wide ? 0 : terminal_size().columns) << "\nResults in "
              << store.out().string() << ": summary.csv, summary.json, sweep.json, runs\n";
    for (const SweepRow& row : mine->rows)
      for (const SweepRow::Missing& missing : row.missing) damaged += missing.why.starts_with("damaged");
    if (damaged > 0)
      std::cerr << "straggle: " << damaged << (damaged == 1 ? " run is" : " runs are")
                << " damaged and left out; the same command runs " << (damaged == 1 ? "it" : "them") << " again\n";
  }
  if (failed == 0) return damaged == 0 ? 0 : kExitOurFault;
  std::cerr << "straggle: " << failed << (failed == 1 ? " run" : " runs") << " failed:\n";
  size_t shown = 0;
  for (const PlannedRun& run : chosen)
    if (store.state(run.key) == RunState::failed && shown++ < 5)
      std::cerr << "  " << plan.text(run) << ": " << store.failure(run.key) << "\n";
  std::cerr << "--retry-failed runs " << (failed == 1 ? "it" : "them") << " again\n";
  return kExitOurFault;
}

}  // namespace experiments
