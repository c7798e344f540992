#include "experiments/run/build.h"
#include "experiments/run/checkpoint.h"
#include "experiments/run/output_error.h"
#include "experiments/sweep/execute.h"
#include "tests/support/catch.h"
#include "tests/support/paths.h"
#include "tests/support/temp_directory.h"
#include "tests/support/tiny_experiment.h"

using namespace experiments;

namespace {

struct Silent final : RunObserver {
  void pretraining(size_t, int64_t, double) override {}
  void progress(size_t, const Counters&, std::optional<double>) override {}
  void finished(size_t, const RunLog&) override {}
  void failed(size_t, const std::string&) override {}
  void warning(size_t, const std::string&) override {}
};

}  // namespace

TEST_CASE("a disk that fails for one run of a sweep stops the others, which leave a checkpoint") {
  const Json document = tiny::with(
      tiny::document(), {{"/sweep", R"({"axes": [{"pointer": "/stop/local_steps", "values": [400, 200000]}]})"}});
  const std::string file = source_dir() + "/experiments/tiny.json";
  const SweepPlan plan = plan_sweep(expand_sweep(document, file), file);
  const TempDirectory out;
  out.write("runs", "no directory, so that nothing can be kept");
  const RunStore store(out.path());
  ThreadPool pool(2);
  SharedInputs inputs(pool);
  Silent silent;
  CHECK_THROWS_AS(execute_sweep(plan, plan.runs, 2, store, inputs, silent), OutputError);
  CHECK_FALSE(std::filesystem::exists(store.checkpoints(plan.runs.at(0).key)));
  std::string damage;
  const auto checkpoint = newest_checkpoint(store.checkpoints(plan.runs.at(1).key), damage);
  REQUIRE(checkpoint);
  CHECK(damage.empty());
}
