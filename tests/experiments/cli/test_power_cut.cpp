// What is left when the power is cut, the disk is full or failing, or the program is killed, at every moment at which
// that can make a difference; and that the same command then leads to the same bytes.
#include <set>

#include "experiments/run/checkpoint.h"
#include "experiments/run/file_list.h"
#include "experiments/run/results_directory.h"
#include "tests/experiments/sweep/sweep_place.h"
#include "tests/support/catch.h"
#include "tests/support/disk.h"
#include "tests/support/workplace.h"

using namespace tests;
using experiments::Json;
using tiny::with;

namespace {

/// A directory of its own, in memory where there is such a file system: nothing here has to outlive the test, and what
/// is synced here is so often.
struct DiskPlace {
  fs::path directory, root;
  DiskPlace() {
    std::string name =
        (fs::is_directory("/dev/shm") ? "/dev/shm" : fs::temp_directory_path().string()) + "/straggle-test-XXXXXX";
    if (!mkdtemp(name.data())) throw std::runtime_error("no temporary directory " + name);
    directory = name;
    root = directory / "root";
    fs::create_directory(root);
  }
  ~DiskPlace() {
    std::error_code ignored;
    fs::remove_all(directory, ignored);
  }
  DiskPlace(const DiskPlace&) = delete;
  DiskPlace& operator=(const DiskPlace&) = delete;
  fs::path out() const { return root / "out"; }

  /// Without gnuplot, which takes longer than all else; `watch` is Disk::watch or what the witness is to do.
  Outcome straggle(const std::string& arguments, const std::string& watch = "") const {
    return shell("/usr/bin/env PATH=/nowhere STRAGGLE_CACHE=\"" + (root / "cache").string() + "\" " + watch + "\"" +
                 straggle_binary() + "\" " + arguments);
  }
  Outcome fail(const std::string& arguments, const std::string& how) const {
    return straggle(arguments,
                    "DISK_ROOT=\"" + root.string() + "\" LD_PRELOAD=\"" + disk_witness() + "\" " + how + " ");
  }
};

/// What a command starts from, is, and leaves.
struct Scenario {
  std::string name;
  Json document;
  std::function<std::string(const fs::path& root)> command;
  std::function<void(const DiskPlace&)> before;  ///< makes what is there already
  bool run = true;                               ///< one run, which may have to be resumed; else a sweep
  bool replaces = false;                         ///< there is an earlier result
  std::string system{};                          ///< what the file system is to be
};

std::string in_quotes(const fs::path& path) { return "\"" + path.string() + "\""; }

std::string run_command(const fs::path& root, const std::string& more = "") {
  return "run --quiet --threads 1 --checkpoint 1000 " + in_quotes(root / "tiny.json") + " --out " +
         in_quotes(root / "out") + more;
}

Json short_document() {
  return with(Workplace::document(), {{"/stop/local_steps", "40"}, {"/seeds", "[1]"}, {"/save_weights", "true"}});
}

Json pretrained_document() {
  return with(short_document(), {{"/start", R"({"kind": "pretrain", "steps": 400, "batch_size": 8})"}});
}

void write(const DiskPlace& place, const Json& document) { std::ofstream(place.root / "tiny.json") << document.dump(); }

/// Whether the cache has where a pre-training stands.
bool holds_pretraining(const fs::path& root) {
  std::error_code error;
  for (const auto& entry : fs::directory_iterator(root / "cache", error))
    if (entry.path().filename().string().starts_with("pretraining-")) return true;
  return false;
}

/// Whether it has the result, whole.
bool has_start(const fs::path& root) {
  std::error_code error;
  for (const auto& entry : fs::directory_iterator(root / "cache", error))
    if (entry.path().filename().string().starts_with("pretrained-") && fs::file_size(entry.path()) > 10000) return true;
  return false;
}

/// The four commands that have something to lose.
const std::vector<Scenario>& scenarios() {
  static const std::vector<Scenario> all{
      {"a run", short_document(), [](const fs::path& root) { return run_command(root); }, {}},
      {"overwriting", short_document(), [](const fs::path& root) { return run_command(root, " --overwrite"); },
       [](const DiskPlace& place) {
         REQUIRE(place.straggle(run_command(place.root, " --set /local_steps/steps=4 --set /seeds=[2]")).code == 0);
       },
       true, true},
      {"overwriting where two directories cannot be exchanged", short_document(),
       [](const fs::path& root) { return run_command(root, " --overwrite"); },
       [](const DiskPlace& place) {
         REQUIRE(place.straggle(run_command(place.root, " --set /local_steps/steps=4 --set /seeds=[2]")).code == 0);
       },
       true, true, "DISK_NO_EXCHANGE=1 "},
      {"a sweep",
       with(short_document(),
            {{"/sweep", R"({"axes": [{"name": "W", "pointer": "/update_weight", "values": [1, 0.5]}]})"}}),
       [](const fs::path& root) {
         return "sweep --quiet --threads 1 --jobs 1 " + in_quotes(root / "tiny.json") + " --out " +
                in_quotes(root / "out");
       },
       {},
       false},
      {"a pre-trained start", pretrained_document(), [](const fs::path& root) { return run_command(root); },
       [](const DiskPlace& place) {
         // Stopped in the middle, it leaves a checkpoint.
         for (int i = 1; i < 60 && !holds_pretraining(place.root); ++i)
           shell("/usr/bin/timeout --signal=TERM " + std::to_string(0.1 * i) + " /usr/bin/env STRAGGLE_CACHE=" +
                 in_quotes(place.root / "cache") + " " + in_quotes(straggle_binary()) + " " + run_command(place.root));
         REQUIRE(holds_pretraining(place.root));
       }}};
  return all;
}

/// What a command is to leave, whatever happened on the way.
std::map<std::string, std::string> results(const fs::path& out) {
  std::map<std::string, std::string> files;
  for (const auto& [name, content] : lasting(out)) {
    const std::string file = fs::path(name).filename().string();
    if (name.find("/checkpoint/") != name.npos) continue;  // a disk that fails may keep it; check_tidy() comes later
    if (file != "manifest.json" && file != "report.html" && file != experiments::kFileList) files[name] = content;
  }
  return files;
}

std::vector<std::string> damage(const fs::path& out) {
  std::vector<std::string> all;
  for (const fs::path& listed : experiments::listed_directories(out)) {
    const experiments::FileFaults faults = experiments::file_faults(listed);
    all.insert(all.end(), faults.damaged.begin(), faults.damaged.end());
    all.insert(all.end(), faults.extra.begin(), faults.extra.end());
  }
  return all;
}

/// Nothing is left of what only the making needed, but in the cache, where the next who needs a start tidies up.
void check_tidy(const DiskPlace& place) {
  std::vector<std::string> left;
  for (const auto& entry : fs::recursive_directory_iterator(place.root)) {
    const std::string name = entry.path().filename().string();
    if (name.find(".partial") != std::string::npos || name == "checkpoint" || name == "checkpoints" ||
        (name == ".lock" && entry.path().parent_path() != place.out()))
      left.push_back(entry.path().string());
  }
  CHECK(left == std::vector<std::string>());
}

/// Goes on as the program itself says.
void go_on(const Scenario& scenario, const DiskPlace& place, const std::map<std::string, std::string>& expected) {
  Outcome outcome = place.straggle(scenario.command(place.root));
  if (outcome.output.find("go on with straggle run --resume") != std::string::npos ||
      (scenario.run && outcome.output.find("exists already") != std::string::npos))
    outcome = place.straggle("run --quiet --threads 1 --resume " + in_quotes(place.out()));
  INFO(outcome.output);
  CHECK(outcome.code == 0);
  CHECK(results(place.out()) == expected);
  CHECK(damage(place.out()) == std::vector<std::string>());
  check_tidy(place);
}

struct Recorded {
  Disk disk;
  std::map<std::string, std::string> expected, earlier;
};

Recorded record(const Scenario& scenario) {
  DiskPlace place;
  write(place, scenario.document);
  if (scenario.before) scenario.before(place);
  Recorded recorded{Disk(place.root), {}, {}};
  if (scenario.replaces) recorded.earlier = results(place.out());
  const fs::path log = place.directory / "log";
  const Outcome outcome = place.straggle(scenario.command(place.root), scenario.system + Disk::watch(place.root, log));
  INFO(outcome.output);
  REQUIRE(outcome.code == 0);
  recorded.disk.read(log);
  recorded.expected = results(place.out());
  REQUIRE(recorded.expected.size() > 5);
  check_tidy(place);
  return recorded;
}

/// Of `count` numbers from 1 those that are tried: all, or `most` evenly chosen ones and `also`.
std::vector<size_t> tried(size_t count, size_t most, std::set<size_t> also = {}) {
  std::set<size_t>& chosen = also;
  for (size_t i = 0; i < std::min(count, most); ++i) chosen.insert(1 + i * count / std::min(count, most));
  return {chosen.begin(), chosen.end()};
}

/// Where there is anything of what is begun there is the lock, by which it is known.
void check_lock(const std::map<std::string, std::string>& state) {
  for (const auto& [name, content] : state)
    if (name.starts_with("out.partial/") && name != "out.partial/") CHECK(state.contains("out.partial/.lock"));
}

void cut_power(const Scenario& scenario, const Recorded& recorded, size_t most) {
  std::vector<std::map<std::string, std::string>> states;
  std::vector<std::string> moments;
  std::set<std::map<std::string, std::string>> known;
  const size_t trained = recorded.disk.after_last("syncdir", "/checkpoint");
  for (size_t n = 0; n <= recorded.disk.calls(); ++n)
    for (const Kept kept : {Kept::all, Kept::none, Kept::some}) {
      const auto state = recorded.disk.after(n, kept);
      if (!known.insert(state).second) continue;
      INFO(scenario.name << ": after call " << n);
      if (scenario.run) check_lock(state);
      states.push_back(state);
      moments.push_back("after call " + std::to_string(n) + " of " + std::to_string(recorded.disk.calls()) +
                        (n >= trained ? ", trained, " : ", ") +
                        (kept == Kept::all    ? "all names kept"
                         : kept == Kept::none ? "no name kept"
                                              : "some names kept"));
    }
  REQUIRE(states.size() > 20);
  for (const size_t s : tried(states.size(), most)) {
    INFO(scenario.name << ": power cut " << moments[s - 1]);
    const DiskPlace place;
    lay_out(states[s - 1], place.root);
    const bool there = experiments::is_results(place.out());
    if (scenario.replaces && (there || scenario.system.empty())) {
      REQUIRE(there);
      const auto found = results(place.out());
      CHECK((found == recorded.earlier || found == recorded.expected));
      CHECK(damage(place.out()) == std::vector<std::string>());
    }
    // What was trained is not lost.
    if (scenario.run && !scenario.replaces && moments[s - 1].find("trained") != std::string::npos)
      CHECK((there || experiments::holds_checkpoint(place.out().string() + ".partial")));
    if (scenario.name == "a pre-trained start") CHECK((holds_pretraining(place.root) || has_start(place.root)));
    go_on(scenario, place, recorded.expected);
  }
}

void stop(const Scenario& scenario, const Recorded& recorded, const std::string& how, size_t most) {
  // Always tried as well, because something was amiss there once: what removes the last checkpoints and the lock of the
  // last run of a sweep, and what reads a sweep's runs again at its end.
  std::set<size_t> also;
  const auto add = [&](const char* what, const char* ending, size_t later) {
    if (const size_t at = recorded.disk.after_last(what, ending)) also.insert(recorded.disk.watched_at(at) + later);
  };
  if (scenario.run) add("unlink", "/checkpoint", 0);
  if (!scenario.run) {
    add("dirty", "/files.json", 1);
    add("unlink", "/.lock", 5);
    add("unlink", "/.lock", 8);
  }
  for (const size_t n : tried(recorded.disk.watched(), most, how == "DISK_ERRNO=5" ? also : std::set<size_t>())) {
    INFO(scenario.name << ": " << how << " at call " << n);
    const DiskPlace place;
    lay_out(recorded.disk.after(0, Kept::all), place.root);
    const Outcome outcome =
        place.fail(scenario.command(place.root),
                   scenario.system + (how == "DISK_KILL" ? "DISK_KILL=" + std::to_string(n)
                                                         : "DISK_FAIL=" + std::to_string(n) + " " + how));
    INFO(outcome.output);
    CHECK((outcome.code == 0 || outcome.code == 1 || outcome.code == 2 || outcome.code == 137));
    if (outcome.code == 0) {
      CHECK(results(place.out()) == recorded.expected);
      CHECK(damage(place.out()) == std::vector<std::string>());
    }
    go_on(scenario, place, recorded.expected);
  }
}

/// Every moment takes some tenths of a second, and there are hundreds: `most` of each kind, evenly chosen.
void try_all(size_t most) {
  if (disk_witness().empty()) return;
  for (const Scenario& scenario : scenarios()) DYNAMIC_SECTION(scenario.name) {
      const Recorded recorded = record(scenario);
      cut_power(scenario, recorded, most);
      for (const char* how : {"DISK_ERRNO=5", "DISK_ERRNO=28 DISK_ON=1", "DISK_KILL"})
        stop(scenario, recorded, how, most);
    }
}

}  // namespace

TEST_CASE(
    "after a power cut, a failing or full disk or a kill at any moment, what was or what is to be is there, and the "
    "same command ends at the same bytes") {
  try_all(4);
}

TEST_CASE("nor is there a single moment at which it is otherwise", "[.][every-moment]") { try_all(100'000); }
