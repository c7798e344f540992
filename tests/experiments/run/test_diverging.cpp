#include <algorithm>
#include <cmath>

#include "experiments/config/experiment_config.h"
#include "experiments/run/build_model.h"
#include "models/weights.h"
#include "tests/support/catch.h"
#include "tests/support/temp_directory.h"
#include "tests/support/tiny_experiment.h"

using namespace experiments;
using tiny::with;

namespace {

/// One update of this rate takes the parameters beyond float32.
Json exploding() {
  return with(tiny::document(), {{"/outer", R"({"kind": "sgd", "rate": 1e38})"}, {"/update_weight", "1e30"}});
}

bool finite(const Evaluation& e) { return std::isfinite(e.loss); }

}  // namespace

TEST_CASE("a run whose loss is not finite any more ends early and says so") {
  const RunLog sound = tiny::train(tiny::document()).log;
  CHECK_FALSE(sound.diverged);
  CHECK(sound.final.local_steps == 160);

  const RunLog log = tiny::train(exploding()).log;
  CHECK(log.diverged);
  CHECK(log.final.local_steps < 160);
  REQUIRE(log.evaluations.size() >= 2);
  CHECK(finite(log.evaluations.front()));
  CHECK_FALSE(finite(log.evaluations.back()));
  // The end is recorded like any other: the last evaluation is of it, and every worker's time adds up to it.
  CHECK(log.evaluations.back().at.local_steps == log.final.local_steps);
  CHECK(log.evaluations.back().at.time == log.final.time);
  for (const WorkerUse& use : log.workers)
    CHECK(use.compute + use.upload + use.download + use.wait + use.down == log.final.time - sim::kTimeZero);
}

TEST_CASE("where a diverging run ends does not depend on the threads", "[threads]") {
  for (const char* every : {R"({"local_steps": 5})", R"({"server_updates": 3})", R"({"simulated_seconds": 0.7})"}) {
    const Json document =
        with(exploding(), {{"/policy", R"({"kind": "grace-window", "seconds": 0.5})"}, {"/evaluation/every", every}});
    const RunLog one = tiny::train(document, 1).log;
    CHECK(one.diverged);
    CHECK(one.final.local_steps < 160);
    for (const int threads : {2, 4}) {
      const RunLog more = tiny::train(document, threads).log;
      CHECK(more.final.time == one.final.time);
      CHECK(more.updates.size() == one.updates.size());
      CHECK(more.evaluations.size() == one.evaluations.size());
      CHECK(more.fingerprint == one.fingerprint);
    }
  }
}

TEST_CASE("a run that starts from a broken model ends at its first sign") {
  // Nothing ever arrives before the second evaluation is due, so that only the first can tell.
  const TempDirectory folder;
  const std::string file = (folder.path() / "huge.safetensors").string();
  const auto objective = build_objective(tiny::run_of(tiny::document()));
  const models::ParamLayout& layout = objective->layout();
  models::save_weights(file, layout, models::Params(layout.size(), 1e38f), {});
  const Json document = with(tiny::document(), {{"/evaluation/every", R"({"simulated_seconds": 0.1})"},
                                                {"/start", Json({{"kind", "weights"}, {"file", file}}).dump()}});
  const RunLog log = tiny::train(document).log;
  CHECK(log.diverged);
  CHECK(log.final.time == sim::kTimeZero + sim::from_seconds(0.1));
  CHECK(log.final.server_updates == 0);
  CHECK(log.evaluations.size() == 2);
}

TEST_CASE("a run stops at the first evaluation at or below a loss, the same with any threads, and never at its start",
          "[threads]") {
  for (const char* every : {R"({"local_steps": 20})", R"({"server_updates": 2})", R"({"simulated_seconds": 5})"}) {
    const Json document = with(tiny::document(), {{"/evaluation/every", every}, {"/methods", R"([{"name": "M",
        "policy": {"kind": "grace-window", "seconds": 0.5}}])"}});
    const RunLog whole = tiny::train(document).log;
    REQUIRE(whole.evaluations.size() > 5);
    const double loss = whole.evaluations[3].loss;
    const auto first = std::find_if(whole.evaluations.begin() + 1, whole.evaluations.end(),
                                    [&](const Evaluation& e) { return e.loss <= loss; });
    for (const int threads : {1, 2}) {
      const RunLog log = tiny::train(with(document, {{"/stop/loss", Json(loss).dump()}}), threads).log;
      CHECK(log.evaluations.back().loss == first->loss);
      CHECK(log.final.time == first->at.time);
      CHECK(log.final.local_steps == first->at.local_steps);
      CHECK(log.evaluations.size() == static_cast<size_t>(first - whole.evaluations.begin()) + 1);
    }
  }
  CHECK(tiny::train(with(tiny::document(), {{"/stop/loss", "9"}})).log.evaluations.size() == 2);
}
