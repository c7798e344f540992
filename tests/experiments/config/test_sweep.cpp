#include <set>

#include "experiments/config/doubts.h"
#include "experiments/config/parse.h"
#include "experiments/config/place.h"
#include "experiments/config/sweep.h"
#include "tests/support/catch.h"
#include "tests/support/paths.h"
#include "tests/support/tiny_experiment.h"

using namespace experiments;
using tiny::with;

namespace {

/// The tiny experiment with two methods and these axes.
Json swept(const std::string& axes) {
  return with(tiny::document(),
              {{"/methods", R"([{"name": "A"}, {"name": "B", "local_steps": {"kind": "dynamic", "steps": 7}}])"},
               {"/sweep", R"({"axes": )" + axes + "}"}});
}

Sweep expand(const std::string& axes) { return expand_sweep(swept(axes), "f.json"); }

std::vector<std::string> points(const Sweep& sweep) {
  std::vector<std::string> all;
  for (const SweepPoint& point : sweep.points) all.push_back(point_text(point.settings));
  return all;
}

std::vector<std::string> sweep_mistakes(const Json& document) {
  try {
    expand_sweep(document, "f.json");
  } catch (const InvalidConfig& error) {
    std::vector<std::string> all;
    for (const Mistake& mistake : error.mistakes()) all.push_back(mistake.pointer + " " + mistake.message);
    return all;
  }
  return {};
}

}  // namespace

TEST_CASE("the points of a sweep are the product of its axes, the first varying slowest") {
  const Sweep sweep = expand(
      R"([{"name": "H", "pointer": "/local_steps/steps", "values": [2, 3]}, {"pointer": "/update_weight", "values": [0.5, 1, 2]}])");
  CHECK(sweep.axes == std::vector<std::string>{"H", "update_weight"});
  CHECK(points(sweep) == std::vector<std::string>{"H=2, update_weight=0.5", "H=2, update_weight=1",
                                                  "H=2, update_weight=2", "H=3, update_weight=0.5",
                                                  "H=3, update_weight=1", "H=3, update_weight=2"});
  const RunConfig& last = sweep.points[5].experiment.methods[0].run;
  CHECK(std::get<sim::EqualStepsConfig>(last.local_steps).steps == 3);
  CHECK(last.update_weight.number == 2);
  // B has steps of its own, which the common setting leaves alone.
  CHECK(std::get<sim::DynamicStepsConfig>(sweep.points[5].experiment.methods[1].run.local_steps).steps == 7);
}

TEST_CASE("the settings of a zip move together, and multiply with the other axes") {
  const Sweep sweep = expand(
      R"([{"zip": [{"pointer": "/local_steps/steps", "values": [2, 3, 4]}, {"name": "rate", "pointer": "/outer/rate", "values": [0.5, 0.5, 0.1]}]},
                                 {"name": "w", "pointer": "/update_weight", "values": [1, 2]}])");
  CHECK(sweep.axes == std::vector<std::string>{"steps", "rate", "w"});
  CHECK(points(sweep) == std::vector<std::string>{"steps=2, rate=0.5, w=1", "steps=2, rate=0.5, w=2",
                                                  "steps=3, rate=0.5, w=1", "steps=3, rate=0.5, w=2",
                                                  "steps=4, rate=0.1, w=1", "steps=4, rate=0.1, w=2"});
  CHECK(std::get<models::NesterovConfig>(sweep.points[4].experiment.methods[0].run.outer).rate == 0.1);
}

TEST_CASE("values may be objects and arrays, with names or without") {
  const Sweep sweep = expand(R"([{"name": "cluster", "pointer": "/workers", "values": [
      {"name": "two", "value": [{"count": 2, "speed": {"seconds_per_step": 1}}]},
      {"name": "very", "value": [{"speed": {"seconds_per_step": 1}}, {"speed": {"seconds_per_step": 9}}, {"speed": {"seconds_per_step": 9}}]}]},
    {"name": "policy", "pointer": "/policy", "values": [{"kind": "barrier"}, {"kind": "grace-window", "seconds": 1}]}])");
  REQUIRE(sweep.points.size() == 4);
  CHECK(points(sweep)[1] == R"(cluster=two, policy={"kind":"grace-window","seconds":1})");
  CHECK(sweep.points[3].experiment.methods[1].run.worker_count() == 3);
  CHECK(sweep.points[3].settings[0].value.size() == 3);
  CHECK(std::get<GraceWindowConfig>(sweep.points[3].experiment.methods[0].run.policy).seconds == 1);
}

TEST_CASE("the token * sets every item of an array, and several pointers take one value") {
  const Sweep sweep = expand(R"([{"name": "H", "pointer": "/methods/*/local_steps/steps", "values": [2, 3]},
                                 {"name": "latency", "pointer": ["/workers/*/upload/latency_seconds", "/workers/*/download/latency_seconds"], "values": [0.1, 0.2]}])");
  const ExperimentConfig& last = sweep.points[3].experiment;
  CHECK(std::get<sim::EqualStepsConfig>(last.methods[0].run.local_steps).steps == 3);
  CHECK(std::get<sim::DynamicStepsConfig>(last.methods[1].run.local_steps).steps == 3);
  for (const WorkerConfig& worker : last.methods[1].run.workers) {
    CHECK(worker.upload.latency_seconds == 0.2);
    CHECK(worker.download.latency_seconds == 0.2);
  }
}

TEST_CASE("a file without a sweep is one point, and null counts as no sweep") {
  const Sweep sweep = expand_sweep(tiny::document(), "f");
  REQUIRE(sweep.points.size() == 1);
  CHECK(sweep.points[0].settings.empty());
  CHECK_FALSE(describes_sweep(with(tiny::document(), {{"/sweep", "null"}})));
  CHECK(expand_sweep(with(tiny::document(), {{"/sweep", "null"}}), "f").points.size() == 1);
}

TEST_CASE("a mistake at a point names the value that made it, as what, and the points") {
  CHECK(
      sweep_mistakes(swept(
          R"([{"name": "H", "pointer": "/local_steps/steps", "values": [2, 0]}, {"pointer": "/update_weight", "values": [1, 2, 3]}])")) ==
      std::vector<std::string>{"/sweep/axes/0/values/1 as /local_steps/steps is the number 0; allowed: a whole number "
                               "from 1 to 100000000 (point H=0, update_weight=1 and 2 more)"});
  CHECK(
      sweep_mistakes(swept(
          R"([{"zip": [{"name": "w", "pointer": "/workers", "values": [{"name": "x", "value": [{"speed": {"kind": "stedy"}}]}]}]}])")) ==
      std::vector<std::string>{"/sweep/axes/0/zip/0/values/0/value/0/speed/kind as /workers/0/speed/kind \"stedy\" is "
                               "unknown; kinds: steady, hardware, traced, replay; did you mean steady? (point w=x)"});
  // A pointer to no key is its own mistake, not its values'.
  for (const char* pointer : {"/local_stepz/steps", "/local_steps/stepz"})
    CHECK_THAT(
        sweep_mistakes(swept(R"([{"name": "H", "pointer": ")" + std::string(pointer) + R"(", "values": [2, 3]}])"))
            .at(0),
        Catch::StartsWith("/sweep/axes/0/pointer \"" + std::string(pointer) + "\": /local_step") &&
            Catch::Contains("is unknown") && Catch::EndsWith("(point H=2 and 1 more)"));
  CHECK_THAT(sweep_mistakes(swept(R"([{"pointer": "/stop/server_updates", "values": [-1]}])")).at(0),
             Catch::StartsWith("/sweep/axes/0/values/0 as /stop/server_updates"));
  // A contradiction between a swept and another setting stands where it was found.
  CHECK(sweep_mistakes(swept(R"([{"pointer": "/model/heads", "values": [2, 3]}])")) ==
        std::vector<std::string>{"/model/width is 16, which 3 heads do not divide; allowed: a multiple of heads, or a "
                                 "head_size of its own (point heads=3)"});
}

TEST_CASE("mistakes of the sweep's own section have their places") {
  struct Case {
    const char *axes, *expected;
  };
  for (
      const Case& c : std::vector<Case>{
          {R"([])", "/sweep/axes is an empty array; at least one item is needed"},
          {R"([{"pointer": "/stop/local_steps", "value": [1]}])",
           "/sweep/axes/0/value is unknown; keys: name, pointer, values, zip; did you mean values?"},
          {R"([{"pointer": "/stop/local_steps"}])", "/sweep/axes/0 needs \"pointer\" and \"values\", or a \"zip\""},
          {R"([{"pointer": 3, "values": [1]}])",
           "/sweep/axes/0/pointer is the number 3; allowed: a string or an array of strings"},
          {R"([{"pointer": "stop", "values": [1]}])",
           "/sweep/axes/0/pointer \"stop\" is no JSON pointer to a setting; an example: \"/local_steps/steps\""},
          {R"([{"pointer": "/seeds", "values": [[1]]}])",
           "/sweep/axes/0/pointer \"/seeds\" cannot vary; allowed: the settings of a run, also below /methods/…, but "
           "neither names nor seeds"},
          {R"([{"pointer": "/methods/0/name", "values": ["x"]}])",
           "/sweep/axes/0/pointer \"/methods/0/name\" cannot vary; allowed: the settings of a run, also below "
           "/methods/…, but neither names nor seeds"},
          {R"([{"pointer": "/workers/7/count", "values": [1, 2]}])",
           "/sweep/axes/0/pointer \"/workers/7/count\" leads nowhere: an array takes an existing index, an item's "
           "name, * for all of "
           "them or - at its end, and only objects and arrays have something below (point count=1 and 1 more)"},
          {R"([{"pointer": "/update_weight", "values": [1, 2, 1]}])",
           "/sweep/axes/0/values/2 is called \"1\" like an earlier value of the axis; allowed: different names"},
          {R"([{"pointer": "/update_weight", "values": [{"name": "x", "value": 1, "more": 2}]}])",
           "/sweep/axes/0/values/0/more is unknown; keys: name, value"},
          {R"([{"zip": [{"pointer": "/update_weight", "values": [1, 2]}, {"pointer": "/local/batch_size", "values": [1]}]}])",
           "/sweep/axes/0/zip/1/values has 1 values beside 2 of the zip's first setting; allowed: equally many"},
          {R"([{"zip": [{"pointer": "/update_weight"}]}])", "/sweep/axes/0/zip/0 has no \"values\", which is needed"},
          {R"([{"name": "method", "pointer": "/update_weight", "values": [1]}])",
           "/sweep/axes/0 is called \"method\", which heads another column of the tables; allowed: another \"name\""},
          {R"([{"name": "a", "pointer": "/update_weight", "values": [1]}, {"name": "a", "pointer": "/local/batch_size", "values": [1]}])",
           "/sweep/axes/1 is called \"a\" like /sweep/axes/0; allowed: a \"name\" of its own"},
          {R"([{"pointer": "/workers/*/count", "values": [1]}, {"pointer": "/workers", "values": [[]]}])",
           "/sweep/axes/1/pointer \"/workers\" would overwrite what /sweep/axes/0 sets at \"/workers/*/count\"; "
           "allowed: the wider setting first"},
          {R"([{"name": "a", "pointer": "/update_weight", "values": [1]}, {"name": "b", "pointer": "/update_weight", "values": [1]}])",
           "/sweep/axes/1/pointer \"/update_weight\" would overwrite what /sweep/axes/0 sets at \"/update_weight\"; "
           "allowed: the wider setting first"},
      }) {
    CAPTURE(c.axes);
    CHECK(sweep_mistakes(swept(c.axes)) == std::vector<std::string>{c.expected});
  }
}

TEST_CASE("an axis that no method heeds is a mistake, not a sweep of equal points") {
  Json document = swept(R"([{"name": "H", "pointer": "/local_steps/steps", "values": [2, 3]}])");
  CHECK(sweep_mistakes(document).empty());
  document["methods"][0]["local_steps"] = Json::parse(R"({"kind": "equal", "steps": 4})");
  document["methods"][1]["local_steps"] = Json::parse(R"({"kind": "dynamic", "steps": 7})");
  REQUIRE(sweep_mistakes(document).size() == 1);
  CHECK_THAT(sweep_mistakes(document)[0], Catch::StartsWith("/sweep/axes/0 changes nothing: every method"));
}

TEST_CASE("a sweep of too many points is refused before it is expanded") {
  std::string values = "[1";
  for (int i = 2; i <= 400; ++i) values += ", " + std::to_string(i);
  values += "]";
  const auto found = sweep_mistakes(swept(R"([{"pointer": "/update_weight", "values": )" + values +
                                          R"(}, {"pointer": "/local/batch_size", "values": )" + values + "}]"));
  CHECK(found == std::vector<std::string>{"/sweep/axes makes 160000 points; allowed: at most 100000"});
}

TEST_CASE("a pointer lies in another one if it is the same place or below it, * being any index") {
  CHECK(lies_in("/workers/0/count", "/workers"));
  CHECK(lies_in("/workers/0/count", "/workers/*"));
  CHECK(lies_in("/workers/*/count", "/workers/3/count"));
  CHECK_FALSE(lies_in("/workers", "/workers/0"));
  CHECK_FALSE(lies_in("/workers_more", "/workers"));
  CHECK_FALSE(lies_in("/data/x", "/data/*"));
}

TEST_CASE("every sweep of the catalogue expands") {
  size_t files = 0;
  for (const auto& entry : std::filesystem::directory_iterator(source_dir() + "/experiments/catalog/sweeps")) {
    CAPTURE(entry.path());
    const Sweep sweep = expand_sweep(parse_json(read_text(entry.path()), entry.path().string()), entry.path().string());
    CHECK(sweep.points.size() >= 4);
    ++files;
  }
  CHECK(files >= 5);
}

TEST_CASE("what is legal and surely meant otherwise is noted") {
  const auto of = [](const std::vector<std::pair<std::string, std::string>>& settings) {
    return doubts_of(tiny::parse(with(tiny::document(), settings)));
  };
  CHECK(of({}).empty());
  CHECK(of({{"/workers/0/upload", R"({"latency_seconds": 200})"}}) ==
        std::vector<std::string>{"a latency of 200 s is above a minute; latency_seconds are seconds"});
  CHECK(of({{"/local_steps/steps", "41"}}) ==
        std::vector<std::string>{
            "\"M\": a round of 41 local steps by each of 4 workers is more than the stop after 160"});
  CHECK(of({{"/workers/1/batch_size", "2"}}).empty());  // the run's
  CHECK(of({{"/workers/1/batch_size", "3"}}) ==
        std::vector<std::string>{
            "\"M\": batches differ, so that equal local steps are not equal tokens; /stop/tokens limits those"});
  CHECK(of({{"/workers/1/batch_size", "3"}, {"/stop", R"({"tokens": 5120})"}}).empty());
  const auto swept_doubts = [](const std::string& axes) {
    const Json document =
        with(tiny::document(), {{"/sweep", R"({"axes": )" + axes + "}"},
                                {"/methods", R"([{"name": "M"}, {"name": "N", "update_weight": 0.5}])"}});
    return doubts_of(expand_sweep(document, source_dir() + "/experiments/tiny.json").points);
  };
  CHECK(swept_doubts(R"([{"name": "w", "pointer": "/update_weight", "values": [1, 2]},
                         {"name": "H", "pointer": "/local_steps/steps", "values": [2, 3]}])") ==
        std::vector<std::string>{"\"N\": the axis w changes nothing about it"});
  CHECK(swept_doubts(R"([{"pointer": "/workers/0/count", "values": [1, 5]}])") ==
        std::vector<std::string>{
            "\"N\": update_weight is 0.5 at every number of workers; \"1/sqrt(workers)\" goes with it"});
}
