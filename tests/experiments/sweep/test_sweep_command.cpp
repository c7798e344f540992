#include "tests/experiments/sweep/sweep_place.h"
#include "tests/support/catch.h"

using namespace experiments;
using namespace tests;
using Catch::Contains;
using tiny::with;

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

TEST_CASE("a method is compared over the seeds that the baseline has too, whatever others lack, and that is said") {
  const SweepPlace place;
  REQUIRE(place.sweep().code == 0);
  const Json before = summary(place.out);
  spoil(place.out, key_of(place.out, 0, "Async", "2"), "the disk was full");
  fs::remove_all(place.out / "runs" / key_of(place.out, 1, "Sync", "1"));
  fs::remove_all(place.out / "runs" / key_of(place.out, 1, "Sync", "2"));
  const Outcome collected = straggle("collect \"" + place.out.string() + "\"");
  INFO(collected.output);
  REQUIRE(collected.code == 0);
  CHECK_THAT(collected.output, Contains("1 of 2") && Contains("H=5: Async: seed 2 failed: the disk was full") &&
                                   Contains("H=10: Sync: seeds 1, 2 not run"));
  const Json rows = summary(place.out);
  CHECK(rows[0] == before[0]);  // the baseline's are its own
  CHECK(rows[1].at("seeds") == Json({1}));
  CHECK(rows[1].at("final_loss").at("ci95").is_null());
  CHECK(rows[2].at("seeds").empty());
  CHECK(rows[3].at("seeds") == Json({1, 2}));  // alone at its point; nothing to be compared with
  CHECK(rows[3].at("speed_up").is_null());
  // What is common to all needs all.
  REQUIRE(straggle("collect \"" + place.out.string() + "\" --target common").code == 0);
  CHECK(summary(place.out)[0].at("seeds") == Json({1}));
  CHECK(summary(place.out)[0].at("seeds_left_out") == Json({2}));
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
