#include "experiments/config/compose.h"

#include <fstream>

#include "experiments/config/config_fields.h"
#include "experiments/config/parse.h"
#include "experiments/config/presets.h"
#include "experiments/config/starter.h"
#include "experiments/config/sweep.h"
#include "tests/support/catch.h"
#include "tests/support/temp_directory.h"
#include "tests/support/tiny_experiment.h"

using namespace experiments;
using Catch::Contains;
using tiny::with;

namespace {

/// A folder of files, and what a document there is composed of.
struct Folder {
  TempDirectory directory;
  void add(const std::string& name, const std::string& text) const {
    const auto file = directory.path() / name;
    std::filesystem::create_directories(file.parent_path());
    std::ofstream(file) << text;
  }
  Json compose(const std::string& text) const {
    return Composition(Json::parse(text), directory.path() / "experiment.json").document();
  }
  /// What is wrong with the document, or "".
  std::string mistake(const Json& document) const {
    try {
      parse_experiment(document, directory.path() / "experiment.json");
    } catch (const InvalidConfig& error) {
      return error.what();
    }
    return "";
  }
};

}  // namespace

TEST_CASE("a file that extends another is laid over it as a method is, and its paths stay where they were written") {
  const Folder folder;
  folder.add("base/base.json", R"({"a": {"kind": "x", "n": 1, "m": 2}, "b": [1, 2], "c": 3,
      "data": {"corpus": "text"}, "extends": "../root.json"})");
  folder.add("root.json", R"({"a": {"kind": "x", "n": 0}, "d": 4})");
  const Json whole = folder.compose(R"({"extends": "base/base.json", "a": {"n": 7}, "b": [5], "c": null})");
  CHECK(whole["a"] == Json::parse(R"({"kind": "x", "n": 7, "m": 2})"));
  CHECK(whole["b"] == Json::parse("[5]"));
  CHECK_FALSE(whole.contains("c"));
  CHECK(whole["d"] == 4);
  CHECK(whole["data"]["corpus"] == (folder.directory.path() / "base/text").string());
  CHECK_FALSE(whole.contains("extends"));
}

TEST_CASE("what goes round in a circle, is not there or is nothing to extend is refused") {
  const Folder folder;
  folder.add("a.json", R"({"extends": "b.json"})");
  folder.add("b.json", R"({"extends": "a.json"})");
  folder.add("list.json", "[]");
  CHECK_THROWS_WITH(folder.compose(R"({"extends": "a.json"})"),
                    Contains("goes round in a circle") && Contains("a.json → "));
  CHECK_THROWS_WITH(folder.compose(R"({"extends": "c.json"})"), Contains("c.json"));
  CHECK_THROWS_WITH(folder.compose(R"({"extends": "list.json"})"), Contains("is an array; allowed: an object"));
  CHECK_THROWS_WITH(folder.compose(R"({"extends": "halos-16"})"), Contains("/extends is the string \"halos-16\""));
  CHECK_THROWS_WITH(folder.compose(R"({"x": {"use": "p"}, "parts": {"p": {"y": {"use": "p"}}}})"), Contains("circle"));
  CHECK_THROWS_WITH(folder.compose(R"({"cluster": "halos-61"})"), Contains("did you mean halos-16?"));
  CHECK_THROWS_WITH(folder.compose(R"({"cluster": {"worker": []}})"),
                    Contains("/cluster/worker is unknown") && Contains("did you mean workers?"));
  CHECK_THROWS_WITH(folder.compose(R"({"cluster": 3})"), Contains("/cluster is the number 3"));
  folder.add("cluster.json", R"({"extends": 3})");
  CHECK_THROWS_WITH(folder.compose(R"({"cluster": "cluster.json"})"),
                    Contains("cluster.json: /extends is the number 3"));
  folder.add("lost.json", R"({"extends": "halos-61"})");
  CHECK_THROWS_WITH(folder.compose(R"({"cluster": "lost.json"})"),
                    Contains("lost.json: /extends \"halos-61\" is unknown"));
  folder.add("parts.json", R"({"parts": {"p": 1}})");
  CHECK_THROWS_WITH(folder.compose(R"({"cluster": "parts.json", "parts": [1]})"), Contains("/parts is an array"));
  folder.add("list_of_parts.json", R"({"parts": [1]})");
  CHECK_THROWS_WITH(folder.compose(R"({"cluster": "list_of_parts.json"})"),
                    Contains("list_of_parts.json: /parts is an array"));
  CHECK_THROWS_WITH(folder.compose(R"({"x": {"use": "wam"}, "parts": {"wan": {}}})"),
                    Contains("/x/use") && Contains("did you mean wan?"));
}

TEST_CASE("a part is used at many places, with what stands beside it laid over; a preset's likewise") {
  const Folder folder;
  const Json whole = folder.compose(R"({
      "parts": {"wan": {"latency_seconds": "200 ms", "bytes_per_second": 5}, "far": {"use": "wan", "latency_seconds": 1}},
      "a": {"use": "wan"}, "b": [{"use": "far", "bytes_per_second": 6}], "c": {"use": "link-low"}})");
  CHECK(whole["a"] == Json::parse(R"({"latency_seconds": "200 ms", "bytes_per_second": 5})"));
  CHECK(whole["b"][0] == Json::parse(R"({"latency_seconds": 1, "bytes_per_second": 6})"));
  CHECK(whole["c"]["bytes_per_second"] == "10 Gbit/s");
  CHECK_FALSE(whole.contains("parts"));
}

TEST_CASE("a cluster is a preset, a file or an object, and other settings are laid over it") {
  const Folder folder;
  folder.add("here/cluster.json",
             R"({"description": "d", "workers": [{"speed": {"kind": "traced", "file": "speed.csv"}}],
      "server": {"seconds_per_update": 2}, "stand_in": {"parameters": 7}})");
  const Json file = folder.compose(R"({"cluster": "here/cluster.json", "stand_in": {"bytes": 9}})");
  CHECK(file["workers"][0]["speed"]["file"] == (folder.directory.path() / "here/speed.csv").string());
  CHECK(file["stand_in"] == Json::parse(R"({"parameters": 7, "bytes": 9})"));
  CHECK_FALSE(file.contains("description"));
  CHECK(folder.compose(R"({"cluster": "heloco-extreme"})")["workers"] ==
        presets()["clusters"]["heloco-extreme"]["workers"]);
  const Json over = folder.compose(R"({"cluster": {"extends": "here/cluster.json", "workers": [{"count": 2}]}})");
  CHECK(over["workers"] == Json::parse(R"([{"count": 2}])"));
  CHECK(over["server"]["seconds_per_update"] == 2);
  // What extends a file with a cluster of its own may have another.
  folder.add("base.json", R"({"cluster": "here/cluster.json", "seeds": [4]})");
  const Json other = folder.compose(R"({"extends": "base.json", "cluster": "notebook-4"})");
  CHECK(other["workers"].size() == 4);
  CHECK_FALSE(other.contains("server"));
  CHECK_THROWS_WITH(folder.compose(R"({"cluster": "notebook-4", "workers": []})"), Contains("stand beside a cluster"));
}

TEST_CASE("a mistake is told where it was written: in a part, in the cluster, or in the file that says so") {
  const Folder folder;
  Json document = tiny::document();
  const Json workers = document["workers"];
  document.erase("workers");
  document["cluster"] = {{"workers", workers}};
  document["cluster"]["workers"][1]["count"] = 0;
  CHECK_THAT(folder.mistake(document), Contains("/cluster/workers/1/count is the number 0"));

  document = tiny::document();
  document["parts"] = {{"wan", {{"latency", 1}}}};
  document["workers"][2]["upload"] = {{"use", "wan"}};
  CHECK_THAT(folder.mistake(document), Contains("experiment.json: /parts/wan/latency is unknown"));

  document = tiny::document();
  document["workers"][2]["upload"] = {{"use", "link-low"}, {"lag", 1}};
  CHECK_THAT(folder.mistake(document), Contains("experiment.json: /workers/2/upload/lag is unknown"));

  Json base = tiny::document();
  base["stop"]["local_steps"] = 0;
  folder.add("base.json", base.dump());
  CHECK_THAT(folder.mistake(Json{{"extends", "base.json"}, {"seeds", {1}}}),
             Contains("/stop/local_steps is the number 0") && Contains("base.json)"));
}

TEST_CASE("settings and sweeps reach into a cluster, and a sweep may be over clusters and over numbers with units") {
  const Folder folder;
  Json document = tiny::document();
  document.erase("workers");
  document["cluster"] = "notebook-4";
  const auto file = folder.directory.path() / "experiment.json";
  Json set = document;
  apply_setting(set, file, "/workers/*/upload/latency_seconds=20 ms");
  CHECK(set["workers"][3]["upload"]["latency_seconds"] == "20 ms");
  Json other = document;
  apply_setting(other, file, "/cluster=heloco-mild");
  CHECK(Composition(other, file).document()["workers"].size() == 2);

  document["data"]["corpus"] = "/text";
  document["sweep"] = Json::parse(R"({"axes": [{"pointer": "/cluster", "values": ["heloco-mild", "heloco-extreme"]},
      {"pointer": "/workers/*/upload/latency_seconds", "values": ["20 ms", "1 s"]}]})");
  const Sweep sweep = expand_sweep(document, file.string());
  REQUIRE(sweep.points.size() == 4);
  CHECK(sweep.points[0].settings[1].label == "20 ms");
  CHECK(sweep.points[0].settings[1].value == Json(0.02));
  const RunConfig& last = sweep.points[3].experiment.methods[0].run;
  CHECK(last.workers[1].upload.latency_seconds == 1);
  CHECK(std::get<SteadySpeedConfig>(*last.workers[1].speed).seconds_per_step == 15);
}

TEST_CASE("init writes an experiment that is read back as it was told, and refuses what it cannot read") {
  const Starter starter{.name = "mine",
                        .workers = {"a100:4", " t4:4", "0.5 s:2"},
                        .wan = "200 ms,1 Gbit/s",
                        .model = "1.3B",
                        .text = "/text"};
  const ExperimentConfig experiment = parse_experiment(parse_json(starter_file(starter), "f"), "/f.json");
  const RunConfig& run = experiment.methods.at(0).run;
  CHECK(run.worker_count() == 10);
  CHECK(*run.workers[1].name == "t4");
  CHECK(std::get<HardwareSpeedConfig>(*run.workers[0].speed).flops_per_second == 312e12);
  CHECK(std::get<SteadySpeedConfig>(*run.workers[2].speed).seconds_per_step == 0.5);
  CHECK(run.stand_in->parameters == 1'300'000'000);
  CHECK(run.workers[2].download.latency_seconds == 0.2);
  CHECK(*run.workers[2].download.capacity.bytes_per_second == 1.25e8);
  CHECK(experiment.methods.size() == 4);
  const auto refused = [](Starter wrong) {
    try {
      starter_file(wrong);
    } catch (const std::invalid_argument& error) {
      return std::string(error.what());
    }
    return std::string();
  };
  Starter wrong = starter;
  wrong.workers = {"a1000:4"};
  CHECK_THAT(refused(wrong), Contains("a1000:4") && Contains("a100, v100"));
  wrong.workers = {"a100:0"};
  CHECK_THAT(refused(wrong), Contains("a100:0"));
  wrong = starter;
  wrong.wan = "200 ms,1 G";
  CHECK_THAT(refused(wrong), Contains("did you mean \"1 GB/s\" or \"1 Gbit/s\"?"));
  wrong = starter;
  wrong.model = "big";
  CHECK_THAT(refused(wrong), Contains("e.g. 1.3B"));
  wrong.model = std::nullopt;
  CHECK_THAT(refused(wrong), Contains("with --model"));
}
