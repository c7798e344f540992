#include <algorithm>
#include <filesystem>
#include <fstream>

#include "experiments/config/config_fields.h"
#include "experiments/config/format_text.h"
#include "experiments/config/parse.h"
#include "experiments/config/schema.h"
#include "tests/support/catch.h"
#include "tests/support/paths.h"
#include "tests/support/tiny_experiment.h"

using namespace experiments;
using tiny::with;

namespace {

/// The mistakes in a document as "pointer message".
std::vector<std::string> mistakes(const Json& document) {
  try {
    parse_experiment(document, "f.json");
  } catch (const InvalidConfig& error) {
    std::vector<std::string> all;
    for (const Mistake& mistake : error.mistakes()) all.push_back(mistake.pointer + " " + mistake.message);
    return all;
  }
  return {};
}

std::string message_of(const std::string& text) {
  try {
    parse_json(text, "f.json");
  } catch (const InvalidConfig& error) {
    return error.what();
  }
  return "";
}

}  // namespace

TEST_CASE("a resolved experiment parses back to itself, with every default written out") {
  for (const auto& entry : std::filesystem::recursive_directory_iterator(source_dir() + "/experiments/catalog")) {
    if (entry.path().extension() != ".json" || entry.path().filename() == "reproduction.json") continue;
    CAPTURE(entry.path());
    const Json once = to_json(parse_experiment(parse_json(read_text(entry.path()), "f"), entry.path()));
    CHECK(to_json(parse_experiment(once, "resolved")) == once);
    CHECK(once.at("evaluation").contains("batch_size"));
    CHECK_FALSE(once.at("model").contains("preset"));
  }
}

TEST_CASE("settings shared by all methods are written once, different ones in each method") {
  const Json json = with(tiny::document(), {{"/methods", R"([{"name": "A"}, {"name": "B", "outer": {"rate": 0.1}}])"}});
  const Json resolved = to_json(parse_experiment(json, "f"));
  CHECK(resolved.contains("policy"));
  CHECK_FALSE(resolved.contains("outer"));
  CHECK(resolved["methods"][0]["outer"]["rate"] == 0.7);
  CHECK(resolved["methods"][1]["outer"]["rate"] == 0.1);
  CHECK(resolved["methods"][1]["outer"]["kind"] == "nesterov");
}

TEST_CASE(
    "a method's difference merges key by key, but another kind replaces the whole, and null restores the default") {
  const Json base = Json::parse(R"({"a": {"kind": "x", "p": 1, "q": {"r": 2}}, "b": 3})");
  CHECK(merged(base, Json::parse(R"({"a": {"q": {"s": 4}}})")) ==
        Json::parse(R"({"a": {"kind": "x", "p": 1, "q": {"r": 2, "s": 4}}, "b": 3})"));
  CHECK(merged(base, Json::parse(R"({"a": {"kind": "y", "t": 5}})")) ==
        Json::parse(R"({"a": {"kind": "y", "t": 5}, "b": 3})"));
  CHECK(merged(base, Json::parse(R"({"b": null})")) == Json::parse(R"({"a": {"kind": "x", "p": 1, "q": {"r": 2}}})"));
}

TEST_CASE("all mistakes are named at once, each where it was written") {
  const Json json =
      with(tiny::document(),
           {{"/workers/1/speed", R"({"kind": "stedy", "seconds_per_step": 1})"},
            {"/workers/2/speed/seconds_per_step", "0"},
            {"/loca", "{}"},
            {"/seeds", "[1, -2]"},
            {"/methods", R"([{"name": "A", "outer": {"rate": "fast"}}, {"name": "B", "update_weight": -1}])"}});
  CHECK(mistakes(json) ==
        std::vector<std::string>{
            "/seeds/1 is the number -2; allowed: a whole number of at least 0",
            "/loca is unknown; keys: name, description, seeds, baseline, target, save_weights, data, model, stand_in, "
            "workers, availability_trace, network, server, payload, start, local, stop, evaluation, policy, "
            "local_steps, shard_choice, update_weight, corrections, reduce, outer, region_servers, fragments, overlap, "
            "methods, sweep, "
            "$schema, extends, cluster, parts; did you mean local?",
            "/workers/1/speed/kind \"stedy\" is unknown; kinds: steady, hardware, traced, replay; did you mean steady?",
            "/workers/2/speed/seconds_per_step is the number 0; allowed: a number from 1e-09 to 1000000",
            "/methods/0/outer/rate is the string \"fast\"; allowed: a number above 0, without quotes, or in them with "
            "k, M, B, G, T or %",
            "/methods/1/update_weight is the number -1; allowed: a number above 0"});
}

TEST_CASE("wrong types, impossible values and missing keys are mistakes") {
  struct Case {
    const char *pointer, *value, *expected;
  };
  for (const Case& c : std::vector<Case>{
           {"/workers", "[]", "/workers is an empty array; at least one item is needed"},
           {"/workers", "3", "/workers is the number 3; allowed: an array, e.g. [3]"},
           {"/workers/0/count", "0", "/workers/0/count is the number 0; allowed: a whole number from 1 to 10000000"},
           {"/workers/0/count", "1.5",
            "/workers/0/count is the number 1.5; allowed: a whole number from 1 to 10000000"},
           {"/workers/0/upload", R"({"latency_seconds": -1})",
            "/workers/0/upload/latency_seconds is the number -1; allowed: a number from 0 to 1000000"},
           {"/workers/0/upload", R"({"bytes_per_second": 0})",
            "/workers/0/upload/bytes_per_second is the number 0; allowed: a number above 0"},
           {"/model/norm", "\"batchnorm\"", "/model/norm \"batchnorm\" is unknown; values: rmsnorm, layernorm"},
           {"/model/bias", "1", "/model/bias is the number 1; allowed: true or false"},
           {"/model/preset", "\"gpt3\"",
            "/model/preset \"gpt3\" is unknown; presets: tiny, small, gpt2, llama, 20m, 60m, 150m; did you mean gpt2?"},
           {"/model/width", "15",
            "/model/width is 15, which 2 heads do not divide; allowed: a multiple of heads, or a head_size of its own"},
           {"/model/vocabulary", "300", "/model/vocabulary is 300, but the tokenizer's is 256; allowed: the same"},
           {"/stop", "{}",
            "/stop gives no limit; at least one of local_steps, server_updates, tokens, simulated_seconds is needed"},
           {"/evaluation/every", R"({"local_steps": 1, "server_updates": 1})",
            "/evaluation/every gives 2 intervals; exactly one of local_steps, server_updates, simulated_seconds is "
            "needed"},
           {"/outer", R"({"kind": "delayed-nesterov", "spread": 0.3})",
            "/outer/spread is 0.3 with a period of 4; allowed: from 0 to 1/period"},
           {"/local/learning_rate", R"({"peak": 0.001, "final": 0.01})",
            "/local/learning_rate/final is 0.01, above the peak 0.001"},
           {"/methods", "[]", "/methods is an empty array; allowed: an array of at least one object"},
           {"/methods", R"([{"name": "A B"}, {"name": "a-b"}])",
            "/methods/1/name \"a-b\" would share the directory \"a-b\" with another method; allowed: names that differ "
            "in letters or digits"},
           {"/name", "\"../up\"",
            "/name \"../up\" cannot name a directory; allowed: up to 100 letters, digits, '-', '_', '.', not starting "
            "with '.'"},
           {"/baseline", "\"N\"", "/baseline \"N\" is unknown; methods: M"},
           {"/seeds", "[1, 1]", "/seeds/1 is 1, which stands there already"},
       }) {
    CAPTURE(c.pointer, c.value);
    CHECK(mistakes(with(tiny::document(), {{c.pointer, c.value}})) == std::vector<std::string>{c.expected});
  }
  Json json = tiny::document();
  json.erase("outer");
  json.erase("stop");
  CHECK(mistakes(json) ==
        std::vector<std::string>{" has no \"stop\", which is needed", " has no \"outer\", which is needed"});
}

TEST_CASE("a syntax error gives line and column, and duplicate keys and trailing text are errors") {
  CHECK_THAT(message_of("{\n  \"a\": 1,\n  b: 2\n}"), Catch::Contains("f.json: line 3, column 3: not valid JSON"));
  CHECK_THAT(message_of("{\"a\": 1e999}"), Catch::Contains("f.json: not valid JSON: number overflow parsing '1e999'"));
  CHECK_THAT(message_of(R"({"a": 1, "a": 2})"), Catch::Contains("f.json: /a is there twice in one object"));
  CHECK_THAT(message_of(R"({"a": [1, {"b": {}}, [2], {"x/y": 1, "c": [3], "x/y": 2}], "b": 1})"),
             Catch::EndsWith("f.json: /a/3/x~1y is there twice in one object"));
  CHECK_THAT(message_of("{\"a\": [1,\n ] }"), Catch::Contains("line 2, column 2") && Catch::Contains("take it away"));
  CHECK_THAT(message_of("{'a': 1}"), Catch::Contains("JSON takes double quotes, not single ones"));
  CHECK(parse_json("// one\n{\"a\": /* two */ 1} // three", "f") == Json{{"a", 1}});
  CHECK_THAT(message_of("{} {}"), Catch::Contains("line 1, column 4"));
  CHECK_THAT(message_of(""), Catch::Contains("line 1, column 1"));
  CHECK_THAT(message_of("{\"a\": \"\xff\"}"), Catch::Contains("line 1"));
}

TEST_CASE("the option --set replaces values, adds keys, appends to arrays and takes plain words as strings") {
  Json json = tiny::document();
  apply_setting(json, "f.json", "/stop/local_steps=80");
  apply_setting(json, "f.json", "/methods/0/outer/rate=0.25");
  apply_setting(json, "f.json", "/methods/-={\"name\": \"N\"}");
  apply_setting(json, "f.json", "/shard_choice=fixed");
  const ExperimentConfig experiment = parse_experiment(json, "f");
  CHECK(experiment.methods.size() == 2);
  CHECK(*experiment.methods[0].run.stop.local_steps == 80);
  CHECK(std::get<models::NesterovConfig>(experiment.methods[0].run.outer).rate == 0.25);
  CHECK(experiment.methods[1].run.shard_choice == sim::ShardChoiceKind{sim::ChooseFixed{}});
  for (const char* bad : {"stop=1", "/stop", "", "/methods/7/name=x", "/name/deeper=1", "/a~2b=1", "/new//key=1",
                          "/new/5=1", "/new/4000000000/key=1"})
    CHECK_THROWS_AS(apply_setting(json, "f.json", bad), InvalidConfig);
}

TEST_CASE("a method is addressed by its name, and * leaves out those that do not know the key, which is told") {
  Json json = tiny::document();
  json["methods"] = Json::parse(R"([{"name": "DiLoCo"}, {"name": "Async", "policy": {"kind": "grace-window"}},
      {"name": "5", "policy": {"kind": "grace-window", "seconds": 1}}])");
  CHECK(apply_setting(json, "f.json", "/methods/Async/policy/seconds=2") == "");
  CHECK(json["methods"][1]["policy"]["seconds"] == 2);
  CHECK(apply_setting(json, "f.json", "/methods/5/update_weight=0.5") == "");
  CHECK(json["methods"][2]["update_weight"] == 0.5);
  CHECK(apply_setting(json, "f.json", "/methods/*/policy/seconds=3") ==
        "--set /methods/*/policy/seconds=3: not set where the key is unknown: /methods/0/policy/seconds");
  CHECK(json["methods"][1]["policy"]["seconds"] == 3);
  CHECK_FALSE(json["methods"][0].contains("policy"));
  CHECK(apply_setting(json, "f.json", "/methods/*/local_steps/steps=7") == "");  // known to every kind
  CHECK(apply_setting(json, "f.json", "/methods/*/update_weight=0.25") == "");
  for (const Json& method : json["methods"]) CHECK(method["update_weight"] == 0.25);
  CHECK_THROWS_WITH(apply_setting(json, "f.json", "/methods/Nobody/update_weight=1"),
                    Catch::Contains("an item's name"));
}

TEST_CASE("what others call otherwise is suggested, a rate in bits is not taken for bytes, and one slip is not many") {
  CHECK_THAT(mistakes(with(tiny::document(), {{"/local/lr", "0.1"}})).at(0),
             Catch::EndsWith("did you mean learning_rate?"));
  const std::string bits =
      mistakes(with(tiny::document(), {{"/workers/0/upload", R"({"bits_per_second": 1e9})"}})).at(0);
  CHECK_THAT(bits, Catch::EndsWith("rates are in bytes per second, 8 bits each") && !Catch::Contains("did you mean"));
  CHECK_THAT(mistakes(with(tiny::document(), {{"/seeds", "3"}})).at(0), Catch::EndsWith("allowed: an array, e.g. [3]"));
  const auto one =
      mistakes(Json::parse(R"({"name": "x", "methods": [{"name": "M", "outer": {"kind": "heavy-ball"}}]})"));
  REQUIRE(one.size() == 1);
  CHECK_THAT(one[0],
             Catch::StartsWith("/methods/0/outer/kind \"heavy-ball\" is unknown; kinds: sgd, nesterov, adam, "));
}

TEST_CASE("a target is a name or a number, and an update weight may go with the number of workers") {
  const auto target = [](const char* text) {
    return tiny::parse(with(tiny::document(), {{"/baseline", "\"M\""}, {"/target", text}})).target;
  };
  CHECK(target("\"common\"") == Target{TargetKind::common, std::nullopt});
  CHECK(target("1.75") == Target{{}, 1.75});
  CHECK_FALSE(target("null"));
  CHECK(mistakes(with(tiny::document(), {{"/target", "\"baseline\""}}))
            .at(0)
            .starts_with("/target is \"baseline\", and"));
  CHECK(
      mistakes(with(tiny::document(), {{"/target", "\"comon\""}})) ==
      std::vector<std::string>{"/target \"comon\" is unknown; allowed besides a number above 0: baseline, common; did "
                               "you mean common?"});
  CHECK(mistakes(with(tiny::document(), {{"/target", "0"}})) ==
        std::vector<std::string>{"/target is the number 0; allowed: a number above 0"});
  const RunConfig run = tiny::run_of(with(tiny::document(), {{"/update_weight", "\"1/sqrt(workers)\""}}));
  CHECK(run.update_weight_value() == 0.5);  // of four workers
  CHECK(to_json(tiny::parse(with(tiny::document(), {{"/update_weight", "\"1/sqrt(workers)\""}})))["update_weight"] ==
        "1/sqrt(workers)");
}

TEST_CASE("experiments/experiment.schema.json is the schema that the program prints") {
  const std::string file = read_text(source_dir() + "/experiments/experiment.schema.json");
  CHECK(file == text_of(experiment_schema(), 1) + "\n");
}

TEST_CASE("a key's unit is in its description") {
  CHECK(unit_of("/workers/*/upload/latency_seconds") == "s");
  CHECK(unit_of("/workers/0/download/bytes_per_second") == "B/s");
  CHECK(unit_of("/policy/seconds") == "s");
  CHECK(unit_of("/local/batch_size") == "sequences");
  CHECK(unit_of("/policy/mode") == "");
  CHECK(unit_of("/no/such/key") == "");
}

TEST_CASE("docs/experiment_format.md holds every key as the parser knows it") {
  const std::string page = read_text(source_dir() + "/docs/experiment_format.md");
  // On a difference: straggle format > the part of the page below its introduction.
  CHECK(page.find(format_text()) != std::string::npos);
}
