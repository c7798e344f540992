// What fails, ends early, is killed, interrupted, damaged or does not fit.
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <thread>

#include "experiments/sweep/store.h"
#include "tests/experiments/sweep/sweep_place.h"
#include "tests/support/catch.h"

using namespace experiments;
using namespace tests;
using Catch::Contains;
using tiny::with;

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
  CHECK_THAT(read_text(place.out / "summary.csv"),
             Contains(",worse_than_start,out_of_workers\n") && Contains(",0,2\n"));
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
  const Staged alive = store.stage("abc-weights");
  REQUIRE(begun() == 2);
  REQUIRE(place.sweep().code == 0);
  CHECK(begun() == 1);
  CHECK(fs::exists(alive.path()));
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
