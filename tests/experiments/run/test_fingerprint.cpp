#include <limits>
#include <set>
#include "experiments/config/experiment_config.h"
#include "experiments/run/build.h"
#include "experiments/run/single_run.h"
#include "sim/fingerprint.h"
#include "tests/support/catch.h"
#include "tests/support/tiny_experiment.h"

using namespace experiments;
using sim::Fingerprint;
using sim::fingerprint_text;
using tiny::with;

namespace {

uint64_t over(std::initializer_list<uint64_t> words) {
  Fingerprint fingerprint;
  for (const uint64_t word : words) fingerprint.add(word);
  return fingerprint.value();
}

/// Staleness, drops and a dynamic plan, so that the order of events has something to tell.
Json with_dropout() {
  return with(tiny::document(), {{"/policy", R"({"kind": "grace-window", "seconds": 0.5})"},
                                 {"/local_steps", R"({"kind": "dynamic", "steps": 5})"},
                                 {"/workers/0/dropout", "0.2"},
                                 {"/outer", R"({"kind": "delayed-nesterov", "rate": 0.7})"}});
}

}  // namespace

TEST_CASE("a fingerprint tells every order of words and every changed bit apart") {
  std::set<uint64_t> seen{over({}), over({0}), over({0, 0}), over({1, 2, 3}), over({1, 3, 2}), over({2, 1, 3})};
  for (int bit = 0; bit < 64; ++bit) seen.insert(over({1, 2, 3 ^ (uint64_t{1} << bit)}));
  for (int bit = 2; bit < 64; ++bit) seen.insert(over({1 ^ (uint64_t{1} << bit), 2, 3}));
  CHECK(seen.size() == 6 + 64 + 62);
  CHECK(fingerprint_text(0) == "0000000000000000");
  CHECK(fingerprint_text(0x0123456789abcdefull) == "0123456789abcdef");
  Fingerprint zero, negative;
  zero.add(std::vector<float>{0.0f});
  negative.add(std::vector<float>{-0.0f});
  CHECK(zero.value() != negative.value());
}

TEST_CASE("a trajectory's fingerprint is the same with any number of threads and another with any other trajectory",
          "[threads]") {
  const uint64_t reference = tiny::train(with_dropout(), 1).log.fingerprint;
  CHECK(tiny::train(with_dropout(), 2).log.fingerprint == reference);
  CHECK(tiny::train(with_dropout(), 4).log.fingerprint == reference);
  const auto differs = [&](const std::string& pointer, const std::string& value) {
    CHECK(tiny::train(with(with_dropout(), {{pointer, value}})).log.fingerprint != reference);
  };
  differs("/seeds", "[4]");
  differs("/stop/local_steps", "155");
  differs("/workers/0/dropout", "0.3");
  differs("/shard_choice", "\"fixed\"");
  differs("/outer/rate", "0.70001");  // the same events, another model at the end
}

TEST_CASE("the clock alone has a fingerprint, and a nanosecond of latency changes it where it changes no model") {
  const Json still = with(tiny::document(), {{"/workers/3/upload", R"({"latency_seconds": 0.001})"}});
  const Json later = with(tiny::document(), {{"/workers/3/upload", R"({"latency_seconds": 0.001000001})"}});
  CHECK(tiny::clock(still).fingerprint == tiny::clock(still).fingerprint);
  CHECK(tiny::clock(still).fingerprint != tiny::clock(later).fingerprint);
  const auto a = tiny::train(still), b = tiny::train(later);
  CHECK(a.params == b.params);
  CHECK(a.log.fingerprint != b.log.fingerprint);
}

TEST_CASE("a run cut at a number of server updates is how the whole run begins") {
  // No total_steps: the cosine's length comes from the stop rule of the whole run.
  Json document = with_dropout();
  document["local"]["learning_rate"].erase("total_steps");
  const auto experiment = tiny::parse(document);
  ThreadPool pool(2);
  SharedInputs inputs(pool);
  const auto& method = experiment.methods.at(0);
  const RunLog whole = train(method, 3, inputs, {}, {});
  for (const int64_t updates : {1, 2, 7, 20}) {
    const RunLog begun = train(method, 3, inputs, {}, {}, {.weights = {}, .most_updates = updates, .checkpoints = {}});
    REQUIRE(begun.final.server_updates == updates);
    REQUIRE(begun.updates.size() < whole.updates.size());
    for (size_t i = 0; i < begun.updates.size(); ++i) {
      CHECK(begun.updates[i].time == whole.updates[i].time);
      CHECK(begun.updates[i].worker == whole.updates[i].worker);
      CHECK(begun.updates[i].train_loss == whole.updates[i].train_loss);
      CHECK(begun.updates[i].gradient_norm == whole.updates[i].gradient_norm);
    }
  }
}
