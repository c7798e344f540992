#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <thread>

#include "experiments/report/files.h"
#include "experiments/run/file_list.h"
#include "experiments/sweep/store.h"
#include "tests/experiments/sweep/sweep_place.h"
#include "tests/support/catch.h"
#include "tests/support/paths.h"

using namespace experiments;
using namespace tests;
using Catch::Contains;
using tiny::with;

namespace {

/// The rows of <out>/summary.json.
Json summary(const fs::path& out) { return Json::parse(read_text(out / "summary.json")); }

Json json_of(const fs::path& file) { return Json::parse(read_text(file)); }

/// When each run was put in place.
std::map<std::string, fs::file_time_type> ages(const fs::path& out) {
  std::map<std::string, fs::file_time_type> times;
  for (const auto& entry : fs::directory_iterator(out / "runs"))
    times[entry.path().filename().string()] = fs::last_write_time(entry.path() / "point.json");
  return times;
}

/// Makes a finished run look like one that failed.
void spoil(const fs::path& out, const std::string& key, const std::string& message) {
  const fs::path run = out / "runs" / key;
  for (const char* name : {"summary.json", "metrics.jsonl", "updates.jsonl", "host.json"}) fs::remove(run / name);
  write_file(run / "error.json", Json{{"message", message}}.dump());
  write_file_list(run);
}

std::string key_of(const fs::path& out, size_t point, const char* method, const char* seed) {
  return json_of(out / "sweep.json").at("sweeps")[0].at("points")[point].at("runs").at(method).at(seed);
}

}  // namespace

TEST_CASE("a sweep leaves each run under its key, its design, and a row a point and method") {
  const SweepPlace place;
  const Outcome outcome = place.sweep();
  INFO(outcome.output);
  REQUIRE(outcome.code == 0);
  CHECK_THAT(outcome.output, Contains("H") && Contains("Async") && Contains("speed-up"));
  CHECK(count_runs(place.out) == 8);
  const std::string key = key_of(place.out, 1, "Async", "2");
  for (const char* name : {"metrics.jsonl", "updates.jsonl", "summary.json", "point.json", "host.json"})
    CHECK(fs::file_size(place.out / "runs" / key / name) > 0);
  const Json point = json_of(place.out / "runs" / key / "point.json");
  CHECK(point.at("settings").at("H") == "10");
  CHECK(point.at("values").at("H") == 10);
  CHECK(point.at("method") == "Async");
  CHECK(point.at("seed") == 2);
  CHECK(point.at("run").at("local_steps").at("steps") == 10);

  const Json rows = summary(place.out);
  REQUIRE(rows.size() == 4);
  CHECK(rows[3].at("settings").at("H") == "10");
  CHECK(rows[3].at("method") == "Async");
  CHECK(rows[3].at("seeds") == Json({1, 2}));
  CHECK(rows[3].at("seeds_missing").empty());
  // The mean over seeds of what the runs' own summaries say.
  double loss = 0;
  for (const char* seed : {"1", "2"})
    loss +=
        json_of(place.out / "runs" / key_of(place.out, 1, "Async", seed) / "summary.json").at("loss").get<double>() / 2;
  CHECK(rows[3].at("final_loss").at("mean").get<double>() == Approx(loss));
  const std::string csv = read_text(place.out / "summary.csv");
  CHECK(csv.rfind("sweep,H,method,seeds,", 0) == 0);
  CHECK(std::count(csv.begin(), csv.end(), '\n') == 5);
}

TEST_CASE("a sweep's point trains as the run command does") {
  const SweepPlace place;
  REQUIRE(place.sweep().code == 0);
  const fs::path run = place.scratch.path() / "run";
  REQUIRE(straggle("run \"" + place.file.string() + "\" --quiet --out \"" + run.string() +
                   "\" --set /sweep=null --set /local_steps/steps=10")
              .code == 0);
  for (const auto& [method, folder] : {std::pair("Sync", "sync"), std::pair("Async", "async")})
    for (const char* name : {"metrics.jsonl", "updates.jsonl"})
      CHECK(read_text(place.out / "runs" / key_of(place.out, 1, method, "2") / name) ==
            read_text(run / folder / "2" / name));
}

TEST_CASE("the results of a sweep do not depend on jobs and threads", "[threads]") {
  const SweepPlace place;
  REQUIRE(place.sweep("--jobs 1 --threads 1").code == 0);
  const auto reference = lasting(place.out);
  CHECK(reference.size() == 8 * 4 + 3);
  const fs::path other = place.scratch.path() / "other", third = place.scratch.path() / "third";
  REQUIRE(place.sweep_into(other, "--jobs 4 --threads 2").code == 0);
  CHECK(lasting(other) == reference);
  REQUIRE(place.sweep_into(third, "--jobs 8 --threads 4").code == 0);
  CHECK(lasting(third) == reference);
}

TEST_CASE("a sweep that is run again trains nothing, and one that grew only what is new") {
  const SweepPlace place;
  REQUIRE(place.sweep().code == 0);
  const auto files = lasting(place.out);
  const auto before = ages(place.out);
  REQUIRE(place.sweep().code == 0);
  CHECK(ages(place.out) == before);
  CHECK(lasting(place.out) == files);
  CHECK_THAT(place.sweep("--list").output, Contains("8 done, 0 failed, 0 left"));
  place.write(with(SweepPlace::document(), {{"/sweep/axes/0/values", "[5, 10, 20]"}}));
  CHECK_THAT(place.sweep("--list").output, Contains("8 done, 0 failed, 4 left") && Contains("training tokens") &&
                                               Contains("as the finished runs used it"));
  REQUIRE(place.sweep().code == 0);
  const auto after = ages(place.out);
  CHECK(after.size() == 12);
  for (const auto& [key, time] : before) CHECK(after.at(key) == time);
}

TEST_CASE("two sweeps into one directory share their common runs and both keep their summaries") {
  const SweepPlace place;
  REQUIRE(place.sweep().code == 0);
  const auto before = ages(place.out);
  const std::string rows = read_text(place.out / "summary.csv");
  place.write(with(
      SweepPlace::document(),
      {{"/name", "\"weights\""},
       {"/sweep",
        R"({"axes": [{"name": "weight", "pointer": "/update_weight", "values": [1, 0.5]}, {"name": "steps", "pointer": "/local_steps/steps", "values": [10]}]})"}}));
  REQUIRE(place.sweep().code == 0);
  CHECK(ages(place.out).size() == 8 + 4);  // weight 1 at H = 10 is there already
  for (const auto& [key, time] : before) CHECK(ages(place.out).at(key) == time);
  const Json all = summary(place.out);
  CHECK(all.size() == 4 + 4);
  CHECK(all[0].at("sweep") == "tiny");
  CHECK(all[4].at("sweep") == "weights");
  CHECK(all[4].at("final_loss") == all[2].at("final_loss"));
}

TEST_CASE("a run that fails is recorded with its error, the others go on, and it is tried again only on request") {
  // One point asks for more shards than there is text to deal: that shows when the run is built.
  const SweepPlace place(
      with(SweepPlace::document(),
           {{"/sweep", R"({"axes": [{"name": "shards", "pointer": "/data/shards/count", "values": [4, 50000]}]})"},
            {"/seeds", "[1]"}}));
  const Outcome first = place.sweep();
  INFO(first.output);
  CHECK(first.code == 1);
  CHECK_THAT(first.output,
             Contains("2 runs failed") && Contains("shards=50000, Sync, seed 1: ") && Contains("--retry-failed"));
  CHECK(count_runs(place.out) == 4);
  const std::string key = key_of(place.out, 1, "Sync", "1");
  const std::string message = json_of(place.out / "runs" / key / "error.json").at("message");
  CHECK_FALSE(message.empty());
  CHECK_FALSE(fs::exists(place.out / "runs" / key / "summary.json"));
  // Rows of failed runs are there, empty, with the reason.
  const Json row = summary(place.out)[2];
  CHECK(row.at("seeds").empty());
  CHECK(row.at("final_loss").is_null());
  CHECK(row.at("seeds_missing")[0].at("why") == "failed: " + message);
  CHECK_THAT(place.sweep("--list").output, Contains("2 done, 2 failed, 0 left"));

  const auto before = ages(place.out);
  CHECK(place.sweep().code == 1);
  CHECK(ages(place.out) == before);
  CHECK(place.sweep("--retry-failed").code == 1);
  CHECK(ages(place.out) != before);
}

TEST_CASE("a sweep's run that every worker leaves early is told below the table and in both files") {
  const SweepPlace place(
      with(SweepPlace::document(), {{"/sweep/axes/0/pointer", "\"/workers\""},
                                    {"/sweep/axes/0/values", R"([
    {"name": "all day", "value": [{"count": 4, "speed": {"seconds_per_step": 1}}]},
    {"name": "half a minute", "value": [{"count": 4, "speed": {"seconds_per_step": 1},
        "availability": {"kind": "scheduled", "leave_at_seconds": 12}}]}])"},
                                    {"/methods/0/local_steps", R"({"kind": "equal", "steps": 3})"}}));
  const Outcome outcome = place.sweep();
  INFO(outcome.output);
  CHECK(outcome.code == 0);  // a finding, as a divergence is
  CHECK_THAT(outcome.output,
             Contains("note: H=half a minute: Async ended before its limit with 2 of 2 seeds, after 40") &&
                 !Contains("H=all day: Async ended"));
  CHECK_THAT(outcome.output,
             Contains("note: H=half a minute: methods are compared at unequal local steps: Sync 48, Async 40"));
  const Json rows = summary(place.out);
  CHECK(rows[1].at("out_of_workers") == 0);
  CHECK(rows[3].at("out_of_workers") == 2);
  CHECK(rows[3].at("diverged") == 0);
  CHECK_THAT(read_text(place.out / "summary.csv"), Contains(",diverged,out_of_workers\n") && Contains(",0,2\n"));
}

TEST_CASE("a failed run that succeeds when it is tried again leaves no trace of the failure") {
  const SweepPlace place;
  REQUIRE(place.sweep().code == 0);
  const auto reference = lasting(place.out);
  const std::string key = key_of(place.out, 0, "Async", "2");
  spoil(place.out, key, "the disk was full");
  CHECK(place.sweep().code == 1);
  CHECK(place.sweep("--retry-failed").code == 0);
  CHECK(lasting(place.out) == reference);
}

TEST_CASE("methods with different seeds are compared over the common ones, and that is said") {
  const SweepPlace place;
  REQUIRE(place.sweep().code == 0);
  spoil(place.out, key_of(place.out, 0, "Async", "2"), "the disk was full");
  fs::remove_all(place.out / "runs" / key_of(place.out, 1, "Sync", "1"));
  fs::remove_all(place.out / "runs" / key_of(place.out, 1, "Sync", "2"));
  const Outcome collected = straggle("collect \"" + place.out.string() + "\"");
  INFO(collected.output);
  REQUIRE(collected.code == 0);
  CHECK_THAT(collected.output, Contains("1 of 2") && Contains("H=5: Async: seed 2 failed: the disk was full") &&
                                   Contains("H=5: Sync: seed 2 left out") &&
                                   Contains("H=10: Sync: seeds 1, 2 not run"));
  const Json rows = summary(place.out);
  CHECK(rows[0].at("seeds") == Json({1}));
  CHECK(rows[0].at("seeds_left_out") == Json({2}));
  CHECK(rows[0].at("final_loss").at("ci95").is_null());
  CHECK(rows[1].at("seeds") == Json({1}));
  CHECK(rows[2].at("seeds").empty());
  CHECK(rows[3].at("seeds") == Json({1, 2}));  // alone at its point; nothing to be compared with
  CHECK(rows[3].at("speed_up").is_null());
}

TEST_CASE("a sweep that is killed goes on to the same bytes as one that is not") {
  const SweepPlace place(with(SweepPlace::document(), {{"/stop/local_steps", "800"}, {"/local/batch_size", "4"}}));
  const fs::path whole = place.scratch.path() / "whole";
  REQUIRE(place.sweep_into(whole, "--threads 2").code == 0);

  const pid_t child = fork();
  if (child == 0) {
    execl(straggle_binary().c_str(), straggle_binary().c_str(), "sweep", place.file.c_str(), "--quiet", "--jobs", "1",
          "--threads", "1", "--out", place.out.c_str(), nullptr);
    _exit(127);
  }
  // A minute is many times what the whole sweep takes.
  for (int i = 0; i < 12000 && count_runs(place.out) < 3; ++i)
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  kill(child, SIGKILL);
  int status = 0;
  waitpid(child, &status, 0);
  REQUIRE(WIFSIGNALED(status));  // else it was done before it was killed
  const auto before = ages(place.out);
  CHECK(before.size() >= 3);
  CHECK(before.size() < 8);
  REQUIRE(place.sweep("--threads 2").code == 0);
  for (const auto& [key, time] : before) CHECK(ages(place.out).at(key) == time);
  CHECK(lasting(place.out) == lasting(whole));
}

TEST_CASE("an interrupted sweep keeps what is done and says so", "[threads]") {
  const SweepPlace place(with(SweepPlace::document(), {{"/stop/local_steps", "800"}, {"/local/batch_size", "4"}}));
  const fs::path said = place.scratch.path() / "said";
  const pid_t child = fork();
  if (child == 0) {
    if (!freopen(said.c_str(), "w", stderr)) _exit(126);
    execl(straggle_binary().c_str(), straggle_binary().c_str(), "sweep", place.file.c_str(), "--quiet", "--jobs", "1",
          "--threads", "1", "--out", place.out.c_str(), nullptr);
    _exit(127);
  }
  for (int i = 0; i < 12000 && count_runs(place.out) < 2; ++i)
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  kill(child, SIGTERM);
  int status = 0;
  waitpid(child, &status, 0);
  REQUIRE(WIFEXITED(status));
  CHECK(WEXITSTATUS(status) == 130);
  CHECK_THAT(read_text(said), Contains("interrupted; ") && Contains(" of 8 runs are done and kept"));
  CHECK_THAT(place.sweep("--list").output, Contains("0 failed"));
  // The run that was under way goes on where it was, to the same records.
  REQUIRE(fs::exists(place.out / "checkpoints"));
  const fs::path whole = place.scratch.path() / "whole";
  REQUIRE(place.sweep_into(whole).code == 0);
  REQUIRE(place.sweep("").code == 0);
  CHECK(lasting(place.out) == lasting(whole));
  CHECK_FALSE(fs::exists(place.out / "checkpoints"));
}

TEST_CASE("the parts of a sweep, collected, are the sweep, and collecting again changes nothing") {
  const SweepPlace place;
  const fs::path whole = place.scratch.path() / "whole", all = place.scratch.path() / "all";
  REQUIRE(place.sweep_into(whole).code == 0);
  std::string parts;
  for (const char* part : {"1", "2", "3"}) {
    const fs::path where = place.scratch.path() / (std::string("part") + part);
    const Outcome outcome = place.sweep_into(where, std::string("--shard ") + part + "/3");
    INFO(outcome.output);
    REQUIRE(outcome.code == 0);
    CHECK_FALSE(fs::exists(where / "summary.csv"));
    parts += " \"" + where.string() + "\"";
  }
  const Outcome collected = straggle("collect" + parts + " --out \"" + all.string() + "\"");
  INFO(collected.output);
  REQUIRE(collected.code == 0);
  CHECK_THAT(collected.output, Contains("8 runs added, 0 there already"));
  CHECK(lasting(all) == lasting(whole));
  const auto before = ages(all);
  const Outcome again = straggle("collect" + parts + " --out \"" + all.string() + "\"");
  CHECK_THAT(again.output, Contains("0 runs added, 8 there already"));
  CHECK(ages(all) == before);
  CHECK(lasting(all) == lasting(whole));
}

TEST_CASE("collect refuses two contents of one run and two sweeps of one name, before it writes") {
  const SweepPlace place;
  const fs::path other = place.scratch.path() / "other", all = place.scratch.path() / "all";
  REQUIRE(place.sweep().code == 0);
  REQUIRE(place.sweep_into(other).code == 0);
  const auto collect = [&] {
    return straggle("collect \"" + place.out.string() + "\" \"" + other.string() + "\" --out \"" + all.string() + "\"");
  };
  SECTION("another result") {
    const fs::path metrics = other / "runs" / key_of(other, 0, "Sync", "1") / "metrics.jsonl";
    write_file(metrics, read_text(metrics) + "{}\n");
    write_file_list(metrics.parent_path());
    const Outcome outcome = collect();
    CHECK(outcome.code == 2);
    CHECK_THAT(outcome.output, Contains("are one run with different results"));
  }
  SECTION("another sweep") {
    place.write(with(SweepPlace::document(), {{"/sweep/axes/0/values", "[5, 20]"}}));
    REQUIRE(place.sweep_into(other).code == 0);
    const Outcome outcome = collect();
    CHECK(outcome.code == 2);
    CHECK_THAT(outcome.output, Contains("hold different sweeps under the name \"tiny\""));
  }
  SECTION("no sweep") {
    const Outcome outcome = straggle("collect \"" + place.scratch.path().string() + "\"");
    CHECK(outcome.code == 2);
    CHECK_THAT(outcome.output, Contains("is no sweep's results"));
  }
  CHECK_FALSE(fs::exists(all));
}

TEST_CASE(
    "a damaged run counts for nothing: it is named, run again by the same command, and collect takes another copy") {
  const SweepPlace place;
  REQUIRE(place.sweep().code == 0);
  const auto reference = lasting(place.out);
  const fs::path other = place.scratch.path() / "other";
  fs::copy(place.out, other, fs::copy_options::recursive);
  const fs::path run = place.out / "runs" / key_of(place.out, 0, "Sync", "1");
  for (const char* name : {"summary.json", "metrics.jsonl", "point.json", "host.json"}) {
    INFO(name);
    fs::resize_file(run / name, 0);
    const Outcome checked = straggle("verify --files \"" + place.out.string() + "\"");
    CHECK(checked.code == 1);
    CHECK_THAT(checked.output,
               Contains(run.string() + "/" + name + ": has 0 bytes; ") && Contains("1 file does not fit"));
    CHECK_THAT(place.sweep("--list").output, Contains("7 done, 0 failed, 1 left"));
    const Outcome again = place.sweep();
    INFO(again.output);
    CHECK(again.code == 0);
    CHECK_THAT(again.output, Contains(run.string() + "/" + name + ": has 0 bytes; ") &&
                                 Contains("damaged; H=5, Sync, seed 1, is run again"));
    CHECK(lasting(place.out) == reference);
    CHECK(straggle("verify --files \"" + place.out.string() + "\"").code == 0);
  }
  write_file(run / "summary.json", read_text(run / "summary.json") + " ");
  const Outcome collected = straggle("collect \"" + place.out.string() + "\" \"" + other.string() + "\"");
  INFO(collected.output);
  CHECK(collected.code == 0);
  CHECK_THAT(collected.output, Contains("summary.json: has ") && Contains("counts for nothing"));
  CHECK(lasting(place.out) == reference);
  fs::remove(run / "files.json");  // as older versions leave it
  CHECK_THAT(place.sweep("--list").output, Contains("8 done, 0 failed, 0 left"));
}

TEST_CASE("what killed sweeps have left goes with the next start, but not what a living one is writing") {
  const SweepPlace place(with(SweepPlace::document(), {{"/save_weights", "true"}}));
  const auto begun = [&] {
    size_t count = 0;
    std::error_code error;
    for (const auto& entry : fs::directory_iterator(place.out / "runs", error))
      count += entry.path().filename().string().find("-weights.partial-") != std::string::npos;
    return count;
  };
  shell("{ \"" + straggle_binary() + "\" sweep \"" + place.file.string() + "\" --quiet --jobs 1 --out \"" +
        place.out.string() + "\" --set /stop/local_steps=4000000 & until ls -d \"" + place.out.string() +
        "\"/runs/.*-weights.partial-*/initial.safetensors; do sleep 0.02; done; kill -KILL $!; wait; }");
  REQUIRE(begun() == 1);
  const RunStore store(place.out);
  const StagedRun alive(store, "abc-weights");
  REQUIRE(begun() == 2);
  REQUIRE(place.sweep().code == 0);
  CHECK(begun() == 1);
  CHECK(fs::exists(alive.path()));
}

TEST_CASE("collect takes a finished run over a failed one") {
  const SweepPlace place;
  const fs::path other = place.scratch.path() / "other";
  REQUIRE(place.sweep().code == 0);
  REQUIRE(place.sweep_into(other).code == 0);
  const auto reference = lasting(place.out);
  spoil(place.out, key_of(place.out, 0, "Sync", "1"), "no memory");
  REQUIRE(straggle("collect \"" + place.out.string() + "\" \"" + other.string() + "\"").code == 0);
  CHECK(lasting(place.out) == reference);
}

TEST_CASE("a sweep keeps the runs' weights where they are asked for, and trains again those that lack them") {
  const SweepPlace place;
  REQUIRE(place.sweep().code == 0);
  REQUIRE(place.sweep("--set /save_weights=true").code == 0);
  for (const auto& entry : fs::directory_iterator(place.out / "runs"))
    for (const char* name : {"initial.safetensors", "final.safetensors", "summary.json"})
      CHECK(fs::file_size(entry.path() / name) > 0);
  const auto before = ages(place.out);
  REQUIRE(place.sweep("--set /save_weights=true").code == 0);
  CHECK(ages(place.out) == before);
}

TEST_CASE("neither a sweep nor collect touches a directory with anything else in it") {
  const SweepPlace place, done;
  REQUIRE(done.sweep().code == 0);
  fs::create_directories(place.out / "runs");
  write_file(place.out / "summary.csv", "my,own,data\n");
  const auto refuses = [&](const Outcome& outcome) {
    INFO(outcome.output);
    CHECK(outcome.code == 2);
    CHECK_THAT(outcome.output, Contains("and no sweep.json, so it is no sweep's; choose another place with --out DIR"));
    CHECK(read_text(place.out / "summary.csv") == "my,own,data\n");
    CHECK(fs::is_empty(place.out / "runs"));
  };
  refuses(place.sweep());
  refuses(place.sweep("--parallel"));
  refuses(straggle("collect \"" + done.out.string() + "\" --out \"" + place.out.string() + "\""));
  CHECK_THAT(straggle("report \"" + done.out.string() + "\"").output,
             Contains("holds a sweep, which straggle plot draws"));
}

TEST_CASE("bad input to a sweep ends with exit code 2 and one clear message, before anything is written") {
  const SweepPlace place;
  const auto fails = [&](const Outcome& outcome, const std::string& expected) {
    INFO(outcome.output);
    CHECK(outcome.code == 2);
    CHECK_THAT(outcome.output, Catch::StartsWith("straggle: ") && Contains(expected));
    CHECK_FALSE(fs::exists(place.out));
  };
  fails(place.sweep("--shard 0/4"), "--shard is 0/4");
  fails(place.sweep("--shard 5/4"), "--shard is 5/4");
  fails(place.sweep("--shard 2"), "--shard is 2");
  fails(place.sweep("--jobs 0"), "--jobs is 0");
  fails(place.sweep("--dry-run"), "--dry-run goes with --slurm");
  fails(place.sweep("--partition x"), "--partition goes with --slurm");
  fails(place.sweep("--slurm --partition \"a b\""), "--partition is \"a b\"; allowed: one word");
  fails(place.sweep("--list --slurm"), "exclude each other");
  fails(place.sweep("--set /local_steps/steps=7"), "has no effect, because the sweep itself varies /local_steps/steps");
  fails(place.sweep("--set /data/corpus=nowhere"), "nowhere");
  fails(place.sweep("--set /sweep/axes/0/values/1=0"), "/sweep/axes/0/values/1 as /local_steps/steps is the number 0");
  for (const char* list : {"", "--list "})
    fails(place.sweep(list + std::string("--set '/evaluation/every={\"simulated_seconds\": 1e-6}'")),
          "sweep.json: H=5, Sync, seed 1: /evaluation/every: the run passes 1000000 evaluations");
  fails(straggle("run \"" + place.file.string() + "\" --out \"" + place.out.string() + "\""),
        "/sweep describes a sweep: run it with straggle sweep");
  CHECK(straggle("check \"" + place.file.string() + "\"").code == 0);
  CHECK(straggle("check \"" + place.file.string() + "\" --set /sweep/axes/0/values/1=0").code == 2);
}

TEST_CASE("sweep --slurm --dry-run prints arrays below the largest array and a job that collects, without Slurm") {
  const SweepPlace place;
  const Outcome outcome =
      place.sweep("--slurm --dry-run --array-chunk 3 --partition short --time 30 --mem 2G --cpus 2");
  INFO(outcome.output);
  REQUIRE(outcome.code == 0);
  const std::string& text = outcome.output;
  CHECK_THAT(text, Contains("#SBATCH --array=0-2\n") && Contains("#SBATCH --array=0-1\n") &&
                       Contains("#SBATCH --partition=short") && Contains("#SBATCH --time=30") &&
                       Contains("#SBATCH --mem=2G") && Contains("#SBATCH --cpus-per-task=2") &&
                       Contains("--threads 2 --shard \"$part/8\""));
  CHECK_THAT(text, Contains("part=$((SLURM_ARRAY_TASK_ID + 1))") && Contains("part=$((SLURM_ARRAY_TASK_ID + 4))") &&
                       Contains("part=$((SLURM_ARRAY_TASK_ID + 7))"));
  CHECK_THAT(text, Contains(" collect " + place.out.string()));
  CHECK_FALSE(fs::exists(place.out));
  CHECK_THAT(place.sweep("--slurm --dry-run --per-task 3").output,
             Contains("#SBATCH --array=0-2\n") && Contains("$part/3"));
}

TEST_CASE("the tasks of a Slurm script, run by hand, run the parts that are left") {
  const SweepPlace place;
  REQUIRE(place.sweep("--shard 2/4").code == 0);
  const std::string text = place.sweep("--slurm --dry-run --per-task 2").output;
  REQUIRE_THAT(text, Contains("set -- 1 3 4") && Contains("--array=0-2"));
  write_file(place.scratch.path() / "script.sh", text.substr(0, text.find("# when all")));
  for (const char* task : {"0", "1", "2"})
    REQUIRE(std::system(("SLURM_ARRAY_TASK_ID=" + std::string(task) + " sh \"" +
                         (place.scratch.path() / "script.sh").string() + "\" >/dev/null 2>&1")
                            .c_str()) == 0);
  CHECK(count_runs(place.out) == 8);
  CHECK_THAT(place.sweep("--slurm --dry-run").output, Contains("nothing is left to run"));
}

TEST_CASE("sweep --parallel prints a command line that the shell reads back whole") {
  const SweepPlace place(with(SweepPlace::document(), {{"/description", "\"it's\""}}));
  const Outcome outcome = place.sweep("--parallel --jobs 3 --per-task 2 --set \"/description=a b\"");
  INFO(outcome.output);
  REQUIRE(outcome.code == 0);
  // In place of parallel, a function that shows the words it is given.
  const fs::path script = place.scratch.path() / "words.sh";
  write_file(script, "parallel() { for word in \"$@\"; do echo \"[$word]\"; done; exit; }\n" + outcome.output);
  FILE* pipe = popen(("sh \"" + script.string() + "\"").c_str(), "r");
  std::string words;
  char buffer[4096];
  while (const size_t n = std::fread(buffer, 1, sizeof buffer, pipe)) words.append(buffer, n);
  pclose(pipe);
  CHECK_THAT(words, Contains("[--jobs]\n[3]\n") && Contains("--set '/description=a b'") &&
                        Contains("--shard {}/4]\n[:::]\n[1]\n[2]\n[3]\n[4]\n"));
}

TEST_CASE("a sweep that cannot fit into memory is refused before its clocks run, and so are a run and verify",
          "[out-of-memory]") {
  const std::string huge = R"({"preset": "tiny", "width": 65536, "layers": 1024, "heads": 1024})";
  const SweepPlace model(with(SweepPlace::document(), {{"/model", huge}}));
  Outcome outcome = model.sweep();
  INFO(outcome.output);
  CHECK(outcome.code == 2);
  CHECK_THAT(outcome.output, Contains("sweep.json: training needs at least ") && Contains("--ignore-memory tries"));
  CHECK_FALSE(fs::exists(model.out));
  CHECK(model.sweep("--list").code == 0);  // trains nothing

  // Ten terabytes of text, of which not a byte is read.
  const SweepPlace text(with(SweepPlace::document(), {{"/data/corpus", "\"large.txt\""}}));
  const fs::path file = text.scratch.path() / "large.txt";
  std::ofstream(file) << "x";
  fs::resize_file(file, 10'000'000'000'000);
  outcome = text.sweep();
  CHECK(outcome.code == 2);
  CHECK_THAT(outcome.output, Contains("of memory (50 TB of it for the data)"));
  outcome = straggle("run \"" + text.file.string() + "\" --set /sweep=null --out \"" + text.out.string() + "\"");
  CHECK(outcome.code == 2);
  CHECK_THAT(outcome.output, Contains("of memory (50 TB of it for the data)"));

  // verify too adds up what it is about to read again.
  fs::resize_file(file, 0);
  std::ofstream(file) << read_text(source_dir() + "/experiments/data/jargon.txt").substr(0, 20000);
  const std::string results = "\"" + text.out.string() + "\"";
  REQUIRE(straggle("run --quiet \"" + text.file.string() + "\" --set /sweep=null --out " + results).code == 0);
  fs::resize_file(file, 10'000'000'000'000);
  outcome = straggle("verify " + results);
  CHECK(outcome.code == 2);
  CHECK_THAT(outcome.output, Contains("experiment.json: training needs at least "));

  // More at once need more: the address space that is enough for one of these runs is too small for eight.
  const SweepPlace small;
  outcome = shell("(ulimit -v 1500000; \"" + straggle_binary() + "\" sweep \"" + small.file.string() + "\" --out \"" +
                  small.out.string() + "\" --set /model/width=512 --set /workers/0/count=10 --threads 1 --jobs 8)");
  INFO(outcome.output);
  CHECK(outcome.code == 2);
  CHECK_THAT(outcome.output, Contains("fewer workers, runs at once or threads need less"));
  CHECK_FALSE(fs::exists(small.out));
}
