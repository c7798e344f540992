#include "experiments/run/run_key.h"

#include "experiments/config/inputs.h"
#include "tests/support/catch.h"
#include "tests/support/temp_directory.h"
#include "tests/support/tiny_experiment.h"

using namespace experiments;
using tiny::with;

TEST_CASE("of whatever file a run reads, a change of content is named, and a change of place is none") {
  const TempDirectory directory;
  const auto text_in = [&](const std::string& name, const std::string& content) {
    return Json(directory.write(name, content).string()).dump();
  };
  Json document = with(
      tiny::document(),
      {{"/model/vocabulary", "300"},
       {"/data/corpus", text_in("corpus.txt", std::string(3000, 'a'))},
       {"/data/tokenizer", R"({"kind": "sentencepiece", "vocabulary": 300, "model": )" + text_in("pieces", "p") + "}"},
       {"/start", R"({"kind": "weights", "file": )" + text_in("start", "s") + "}"},
       {"/workers/1/speed", R"({"kind": "traced", "file": )" + text_in("speed", "0 1\n") + "}"},
       {"/workers/2/speed", R"({"kind": "replay", "trace": )" + text_in("steps", "s") + "}"},
       {"/availability_trace", text_in("there", "t")}});
  RunConfig run = tiny::run_of(document);
  std::vector<std::pair<std::string, std::string>> inputs;
  for_each_input(run, [&](const std::string& pointer, const std::string& path) { inputs.emplace_back(pointer, path); });
  REQUIRE(inputs.size() == 6);
  const Json before = Json::parse(RunKeys().identity(run, 1).dump());  // as it comes from a file
  const std::string key = RunKeys().key(run, 1);
  CHECK(changed_part(before, RunKeys().identity(run, 1)) == "");
  for (const auto& [pointer, path] : inputs) {
    INFO(pointer);
    const std::string name = std::filesystem::path(path).filename().string(), content = directory.read(name);
    directory.write(name, content + content);
    CHECK(changed_part(before, RunKeys().identity(run, 1)) ==
          "the content of " + path + " (/run" + pointer + ") has changed");
    CHECK(RunKeys().key(run, 1) != key);
    directory.write(name, content);
  }
  const TempDirectory elsewhere;
  for_each_input(run, [&](const std::string& pointer, std::string& path) {
    if (pointer == kCorpusPointer) return;  // the name of a text file is that of a domain
    path = elsewhere
               .write(std::filesystem::path(path).filename().string() + ".moved",
                      directory.read(std::filesystem::path(path).filename().string()))
               .string();
  });
  CHECK(changed_part(before, RunKeys().identity(run, 1)) == "");
  CHECK(RunKeys().key(run, 1) == key);
}
