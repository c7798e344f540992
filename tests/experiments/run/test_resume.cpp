#include <atomic>
#include <fstream>
#include <numeric>

#include "experiments/report/writers.h"
#include "experiments/run/build.h"
#include "experiments/run/checkpoint.h"
#include "experiments/run/run_key.h"
#include "experiments/run/single_run.h"
#include "models/train/cancellation.h"
#include "tests/support/catch.h"
#include "tests/support/error_message.h"
#include "tests/support/kinds.h"
#include "tests/support/temp_directory.h"
#include "tests/support/tiny_experiment.h"

// A run that is cut and goes on from a checkpoint is the run in one go, to the bit.

using namespace experiments;
using Catch::Matchers::Contains;
using tiny::with;
namespace fs = std::filesystem;

namespace {

Json looking_ahead() {
  return with(tiny::document(), {{"/policy", R"({"kind": "grace-window", "seconds": 0.5, "mode": "lookahead"})"},
                                 {"/outer", R"({"kind": "nesterov", "rate": 0.1})"},
                                 {"/update_weight", "0.5"}});
}

Json toy_looking_ahead() {
  return with(looking_ahead(),
              {{"/data", R"({"kind": "gaussian-mixture", "clusters": 1, "dimensions": 32, "points": 512})"},
               {"/model", R"({"kind": "mlp", "hidden": 16})"},
               {"/local", R"({"batch_size": 32, "keep_state": false, "learning_rate": {"peak": 1e-3, "final": 1e-6}})"},
               {"/stop/local_steps", "800"},
               {"/evaluation", R"({"every": {"local_steps": 200}, "windows": 0})"}});
}

/// What meets in one run or another, beyond single kinds.
std::vector<std::pair<std::string, Json>> runs() {
  return {
      {"DiLoCo", tiny::document()},
      {"Async DiLoCo", looking_ahead()},
      {"SGD with momentum", with(looking_ahead(), {{"/outer", R"({"kind": "sgd", "rate": 0.2, "momentum": 0.9})"}})},
      {"Delayed Nesterov",
       with(looking_ahead(), {{"/outer", R"({"kind": "delayed-nesterov", "rate": 0.7, "spread": 0.1})"}})},
      {"Poly, threshold, delay compensation",
       with(
           looking_ahead(),
           {{"/corrections",
             R"([{"kind": "poly"}, {"kind": "threshold", "staleness": 3}, {"kind": "delay-compensation", "lambda": 30}])"}})},
      {"optimizer made anew each round", with(looking_ahead(), {{"/local/keep_state", "false"}})},
      {"inner SGD with momentum",
       with(looking_ahead(), {{"/local/optimizer", R"({"kind": "sgd", "momentum": 0.9, "clip_norm": 1})"},
                              {"/local/learning_rate/peak", "0.1"}})},
      {"workers that crash, messages that are lost, one server for all",
       with(looking_ahead(),
            {{"/policy", R"({"kind": "grace-window", "seconds": 0.5})"},
             {"/workers/0/availability", R"({"kind": "random", "mean_up_seconds": 9, "mean_down_seconds": 4})"},
             {"/workers/1/dropout", "0.3"},
             {"/workers/2/jitter", R"({"kind": "lognormal", "sigma": 0.4})"},
             {"/server/seconds_per_update", "0.3"}})},
      {"quorum", with(tiny::document(), {{"/policy", R"({"kind": "quorum", "workers": 3, "seconds": 1})"}})},
      {"evaluation by simulated time", with(looking_ahead(), {{"/evaluation/every", R"({"simulated_seconds": 7})"}})},
      {"servers of regions",
       with(looking_ahead(),
            {{"/policy", R"({"kind": "grace-window", "seconds": 0})"},
             {"/workers/0/region", R"("a")"},
             {"/workers/1/region", R"("b")"},
             {"/workers/2/region", R"("b")"},
             {"/workers/3/region", R"("a")"},
             {"/network",
              R"({"kind": "shared", "regions": [{"name": "a", "up": {"bytes_per_second": 20000}}, {"name": "b"}]})"},
             {"/region_servers", R"({"updates": 3, "outer": {"kind": "delayed-nesterov", "rate": 0.4}})"}})},
      {"messages by layer, workers that fail",
       with(tiny::document(), {{"/model/layers", "2"},
                               {"/fragments", R"({"count": 1, "by_layer": true})"},
                               {"/overlap", R"({"steps": 1, "landing": {"kind": "mix"}})"},
                               {"/workers/0/upload", R"({"bytes_per_second": 20000})"},
                               {"/workers/2/failures", R"({"mean_seconds_between": 20, "restart_seconds": 3})"}})},
      {"SparseLoCo",
       with(tiny::document(),
            {{"/payload", R"({"kind": "two-bit", "top_k": {"chunk": 64, "kept": 4}, "error_decay": 0.95})"},
             {"/reduce", R"({"kind": "contributors"})"},
             {"/network", R"({"kind": "all-gather"})"}})},
      // A gate that fires now and then, so that the statistics decide what is learned.
      {"EDiT",
       with(tiny::document(), {{"/reduce", R"({"kind": "edit", "anomaly_warmup": 2, "anomaly_threshold": 0.5})"},
                               {"/local_steps", R"({"kind": "dynamic", "steps": 5})"}})},
      {"balanced rounds with a batch per worker",
       with(tiny::document(), {{"/workers/2/batch_size", "1"},
                               {"/workers/3/batch_size", "1"},
                               {"/local_steps", R"({"kind": "dynamic", "steps": 5})"},
                               {"/reduce", R"({"kind": "by-tokens"})"},
                               {"/shard_choice", R"("least-visited")"}})},
      {"toy classifier", toy_looking_ahead()}};
}

/// Every kind of every list, in a small asynchronous run; on points, unless it is about text.
std::vector<std::pair<std::string, Json>> runs_of_kinds() {
  const Json small = with(tiny::document(), {{"/policy", R"({"kind": "grace-window", "seconds": 0.5})"},
                                             {"/update_weight", "0.5"},
                                             {"/stop/local_steps", "60"},
                                             {"/evaluation/every/local_steps", "20"}});
  const Json points = with(small, {{"/data", R"({"kind": "gaussian-mixture", "dimensions": 8, "points": 256})"},
                                   {"/model", R"({"kind": "mlp", "hidden": 8})"}});
  const auto of_text = [](const tests::Kind& kind) {
    return kind.list.starts_with("/data") || kind.list.starts_with("/model") || kind.list.starts_with("/start");
  };
  std::vector<std::pair<std::string, Json>> runs;
  for (const tests::Kind& kind : tests::KindCollector::all()) {
    // Made before the run, with no part in it: from a file that would have to be there, and by seconds of work.
    if (kind.name == "weights" || kind.name == "sentencepiece") continue;
    Json document = tests::with_kind(of_text(kind) ? small : points, kind);
    if (Json& plan = document["local_steps"]; plan.value("steps", 1) > 5) plan["steps"] = 5;
    runs.emplace_back(kind.list + " " + kind.name, document);
  }
  return runs;
}

struct Whole {
  RunLog log;
  models::Params params;
};

/// Runs the document's first method, from the checkpoint if one is given. `cut` is told the number of each action that
/// came to its end and makes a checkpoint there if it says so.
Whole run_resumable(const Json& json, int threads, const std::optional<fs::path>& from,
                    const std::function<bool(int64_t)>& cut, const std::function<fs::path(int64_t)>& place,
                    const std::function<void(ThreadPool&, const Counters&)>& watch = {}) {
  const auto experiment = tiny::parse(json);
  ThreadPool pool(threads);
  SharedInputs inputs(pool);
  const Run run = build_run(experiment.methods.at(0).run, experiment.seeds.at(0), inputs, {});
  int64_t action = 0;
  const PlayOptions how{.stop_loss = experiment.methods.at(0).run.stop.loss,
                        .progress =
                            [&](const Counters& at, std::optional<double>) {
                              if (watch) watch(pool, at);
                            },
                        .save_due = [&] { return cut(++action); },
                        .save = [&](const CheckpointWriter& out) { out.write(place(action)); }};
  Whole whole;
  try {
    whole.log = play(run, how, from ? std::optional<CheckpointReader>(*from / "state.safetensors") : std::nullopt);
  } catch (const models::Cancelled&) {
    run.player->save(how.save);
    throw;
  }
  whole.params = run.player->params();
  return whole;
}

const auto never = [](int64_t) { return false; };
const auto nowhere = [](int64_t) { return fs::path(); };

void check_same(const Whole& a, const Whole& b) {
  CHECK(a.log.fingerprint == b.log.fingerprint);
  CHECK(a.params == b.params);
  const RunFiles one = run_files(a.log, std::nullopt), other = run_files(b.log, std::nullopt);
  CHECK(one.updates == other.updates);
  CHECK(one.metrics == other.metrics);
  CHECK(one.summary == other.summary);
  CHECK(a.log.spans.size() == b.log.spans.size());
}

void flip(const fs::path& file, uintmax_t byte, int bit) {
  std::fstream out(file, std::ios::in | std::ios::out | std::ios::binary);
  out.seekg(static_cast<std::streamoff>(byte));
  const int value = out.get();
  out.seekp(static_cast<std::streamoff>(byte));
  out.put(static_cast<char>(value ^ (1 << bit)));
}

}  // namespace

namespace {

/// Cuts the run after the actions that `cut_at` names, and goes on from each.
void check_cuts(const Json& json, bool (*cut_at)(int64_t action)) {
  const TempDirectory directory;
  const auto place = [&](int64_t action) { return directory.path() / std::to_string(action); };
  const Whole whole = run_resumable(json, 2, std::nullopt, never, nowhere);
  REQUIRE(whole.log.updates.size() > 8);
  std::vector<int64_t> actions;
  const Whole cut = run_resumable(
      json, 2, std::nullopt,
      [&](int64_t action) {
        if (cut_at(action)) actions.push_back(action);
        return cut_at(action);
      },
      place);
  check_same(whole, cut);  // making checkpoints, which pauses the rounds, changes nothing
  REQUIRE(actions.size() > 3);
  for (const int64_t action : actions) {
    INFO("checkpoint after action " << action);
    check_same(whole, run_resumable(json, action % 3 == 0 ? 1 : 4, place(action), never, nowhere));
  }
}

}  // namespace

TEST_CASE("a run resumed from a checkpoint made after any of its steps is the run in one go, whatever the method",
          "[bits]") {
  for (const auto& [name, json] : runs()) {
    INFO(name);
    check_cuts(json, [](int64_t action) { return action <= 3 || action % 23 == 0; });
  }
}

TEST_CASE("a run of every kind of every list goes on from a checkpoint as the run in one go") {
  for (const auto& [name, json] : runs_of_kinds()) {
    INFO(name);
    check_cuts(json, [](int64_t action) { return action <= 2 || action % 9 == 0; });
  }
}

TEST_CASE("a run that training ends before its clock goes on from any checkpoint to the same end", "[bits]") {
  const Whole whole = run_resumable(looking_ahead(), 2, std::nullopt, never, nowhere);
  const std::string loss = Json(whole.log.evaluations.at(3).loss).dump();
  const Json exploding =
      with(looking_ahead(), {{"/outer", R"({"kind": "sgd", "rate": 1e38})"}, {"/update_weight", "1e30"}});
  for (const Json& json : {with(looking_ahead(), {{"/stop/loss", loss}}), exploding}) {
    const TempDirectory directory;
    const auto place = [&](int64_t action) { return directory.path() / std::to_string(action); };
    int64_t actions = 0;
    const auto each = [&](int64_t action) { return (actions = action) > 0; };
    const RunLog one = run_resumable(json, 2, std::nullopt, each, place).log;
    CHECK(one.final.local_steps < whole.log.final.local_steps);
    REQUIRE(actions > 5);
    for (int64_t action = 1; action <= actions; ++action) {
      INFO("checkpoint after action " << action << " of " << actions);
      const RunLog other = run_resumable(json, action % 2 ? 1 : 3, place(action), never, nowhere).log;
      CHECK(other.fingerprint == one.fingerprint);
      CHECK(run_files(other, {}).updates == run_files(one, {}).updates);
      CHECK(run_files(other, {}).metrics == run_files(one, {}).metrics);
    }
  }
}

TEST_CASE("a run stopped in the middle of its rounds goes on from there, and may be stopped again and again",
          "[bits][threads]") {
  for (const int threads : {1, 2, 4, 8}) {
    INFO(threads << " threads");
    const TempDirectory directory;
    const auto place = [&](int64_t) { return directory.path(); };
    const Whole whole = run_resumable(looking_ahead(), threads, std::nullopt, never, nowhere);
    int stops = 0;
    std::optional<fs::path> from;
    for (bool ended = false; !ended;) {
      int updates = 0;
      try {
        const Whole cut =
            run_resumable(looking_ahead(), threads, from, never, place, [&](ThreadPool& pool, const Counters& at) {
              if (at.server_updates > 7 * stops && ++updates == 5) pool.cancel();
            });
        check_same(whole, cut);
        ended = true;
      } catch (const models::Cancelled&) {
        ++stops;
        if (fs::exists(directory.path() / "state.safetensors")) from = directory.path();
      }
      REQUIRE(stops < 100);
    }
    CHECK(stops > 2);
  }
}

TEST_CASE("a run that has ended comes back from its last checkpoint without training") {
  const TempDirectory directory;
  const auto experiment = tiny::parse(looking_ahead());
  ThreadPool pool(2);
  SharedInputs inputs(pool);
  const auto train_once = [&](bool refuse) {
    TrainOptions options;
    options.checkpoints = {
        directory.path() / "checkpoint", {}, std::chrono::hours(1), true, [](const std::string& text) { FAIL(text); }};
    const RunLog log = train(experiment.methods[0], 3, inputs, {}, {}, options);
    if (refuse) pool.cancel();  // from now on every task throws
    return log;
  };
  const RunLog first = train_once(true), again = train_once(false);
  CHECK(first.fingerprint == again.fingerprint);
  CHECK(run_files(first, {}).updates == run_files(again, {}).updates);
  CHECK(run_files(first, {}).summary == run_files(again, {}).summary);
}

TEST_CASE("a damaged checkpoint is found out wherever the damage is, and the one before is used") {
  const TempDirectory directory;
  const auto place = [&](int64_t) { return directory.path() / "checkpoint"; };
  const Json json = with(looking_ahead(), {{"/stop/local_steps", "40"}});
  const Whole whole = run_resumable(
      json, 2, std::nullopt, [](int64_t call) { return call == 9 || call == 14; }, place);
  const fs::path newest = place(0) / "state.safetensors", sound = directory.path() / "sound";
  fs::copy(newest, sound);
  const uintmax_t size = fs::file_size(sound);
  uint64_t header = 0;
  std::ifstream(sound, std::ios::binary).read(reinterpret_cast<char*>(&header), sizeof header);
  const CheckpointReader whole_file(newest);
  const auto check_refused = [&] {
    std::string damage;
    const auto found = newest_checkpoint(place(0), damage);
    CHECK_THAT(damage, Contains("state.safetensors: cannot be used as a checkpoint"));
    REQUIRE(found);
    CHECK(found->state.at("actions") == 9);
    fs::copy_file(sound, newest, fs::copy_options::overwrite_existing);
  };
  std::string text(header, '\0');
  std::ifstream(sound, std::ios::binary).seekg(8).read(text.data(), static_cast<std::streamsize>(header));
  std::vector<uintmax_t> bytes(8 + text.find_last_not_of(' ') + 1);  // whatever of the header means something
  std::iota(bytes.begin(), bytes.end(), uintmax_t{0});
  bytes.insert(bytes.end(), {8 + header, (8 + header + size) / 2, size - 1});
  for (const uintmax_t byte : bytes) {
    INFO("bit flipped in byte " << byte << " of " << size);
    flip(newest, byte, static_cast<int>(byte % 7));
    check_refused();
  }
  for (const uintmax_t length :
       {uintmax_t{0}, uintmax_t{7}, uintmax_t{100}, uintmax_t{8 + header}, size / 2, size - 1}) {
    INFO("cut to " << length << " bytes");
    fs::resize_file(newest, length);
    check_refused();
  }
  check_same(whole, run_resumable(json, 2, place(0), never, nowhere));
}

TEST_CASE("a checkpoint of another experiment is refused with what does not fit") {
  const TempDirectory directory;
  const auto place = [&](int64_t) { return directory.path(); };
  run_resumable(
      looking_ahead(), 2, std::nullopt, [](int64_t call) { return call == 40; }, place);
  const auto message = [&](const Json& json) {
    return error_message<models::WeightsError>([&] { run_resumable(json, 2, directory.path(), never, nowhere); });
  };
  CHECK_THAT(message(with(looking_ahead(), {{"/model/width", "8"}})), Contains("\"params\" has "));
  CHECK_THAT(message(with(looking_ahead(), {{"/outer", R"({"kind": "adam"})"}})),
             Contains("it is of another outer rule"));
  CHECK_THAT(message(tiny::document()), Contains("pseudo-gradients"));
}

TEST_CASE("a run does not go on from the checkpoint of another, however alike they are, and names what differs") {
  const TempDirectory directory;
  ThreadPool pool(2);
  SharedInputs inputs(pool);
  RunKeys keys;
  const auto go = [&](const Json& json, uint64_t seed) {
    const auto experiment = tiny::parse(json);
    TrainOptions options;
    options.checkpoints = {directory.path() / "checkpoint", keys.identity(experiment.methods[0].run, seed),
                           std::chrono::hours(1), true, [](const std::string& text) { FAIL(text); }};
    train(experiment.methods[0], seed, inputs, {}, {}, options);
  };
  go(looking_ahead(), 3);
  go(looking_ahead(), 3);
  CHECK_THAT(error_message<OtherExperiment>([&] {
               go(with(looking_ahead(), {{"/local/optimizer/beta1", "0.8"}}), 3);
             }),
             Contains("/run/local/optimizer/beta1: 0.9 is stored, 0.8 was found"));
  CHECK_THAT(error_message<OtherExperiment>([&] {
               go(with(looking_ahead(), {{"/evaluation/windows", "3"}}), 3);
             }),
             Contains("/run/evaluation/windows: 2 is stored, 3 was found"));
  CHECK_THAT(error_message<OtherExperiment>([&] { go(looking_ahead(), 4); }),
             Contains("/seed: 3 is stored, 4 was found"));
}

TEST_CASE("without a place to write checkpoints a run goes on and says so") {
  const TempDirectory directory;
  std::ofstream(directory.path() / "file") << "in the way";
  const auto experiment = tiny::parse(looking_ahead());
  ThreadPool pool(2);
  SharedInputs inputs(pool);
  std::atomic<int> warnings = 0;
  TrainOptions options;
  options.checkpoints = {
      directory.path() / "file" / "checkpoint", {}, std::chrono::milliseconds(0), true, [&](const std::string& text) {
        CHECK_THAT(text, Contains("file"));
        ++warnings;
      }};
  const RunLog log = train(experiment.methods[0], 3, inputs, {}, {}, options);
  CHECK(log.fingerprint == train(experiment.methods[0], 3, inputs, {}, {}).fingerprint);
  CHECK(warnings > 0);
}
