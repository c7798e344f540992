#include <fcntl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "tests/support/catch.h"
#include "tests/support/gzip.h"
#include "tests/support/workplace.h"

namespace fs = std::filesystem;
using Catch::Contains;
using experiments::Json;
using experiments::read_text;
using tiny::with;

namespace {

/// A tiny experiment on the directory "text" beside it, of one method and seed.
struct TextPlace : Workplace {
  fs::path text = scratch.path() / "text";

  TextPlace()
      : Workplace(with(document(), {{"/data/corpus", "\"text\""},
                                    {"/seeds", "[1]"},
                                    {"/methods", R"([{"name": "DiLoCo"}])"},
                                    {"/stop/local_steps", "20"},
                                    {"/data/shards/block", "64"},
                                    {"/model/context", "40"}})) {
    fs::create_directory(text);
  }
  void add(const std::string& name, const std::string& content) const { std::ofstream(text / name) << content; }
  /// Files of 400 bytes, each a domain.
  void add_small(int count) const {
    for (int i = 100; i < 100 + count; ++i) {
      std::string line = "small file " + std::to_string(i) + " ";
      while (line.size() < 400) line += static_cast<char>('a' + (line.size() * static_cast<size_t>(i)) % 23);
      add("s" + std::to_string(i) + ".txt", line);
    }
  }
  Outcome check() const { return straggle("check \"" + file.string() + "\""); }
  Json last_metrics() const {
    const std::string metrics = read_text(out / "diloco/1/metrics.jsonl");
    return Json::parse(metrics.substr(metrics.rfind('\n', metrics.size() - 2) + 1));
  }
};

/// The most memory that straggle had at once.
double peak_bytes(const std::vector<std::string>& arguments) {
  const pid_t child = fork();
  if (child == 0) {
    const std::string program = straggle_binary();
    std::vector<char*> words{const_cast<char*>(program.c_str())};
    for (const std::string& argument : arguments) words.push_back(const_cast<char*>(argument.c_str()));
    words.push_back(nullptr);
    const int nowhere = open("/dev/null", O_WRONLY);
    dup2(nowhere, STDOUT_FILENO);
    dup2(nowhere, STDERR_FILENO);
    execv(program.c_str(), words.data());
    _exit(127);
  }
  int status = -1;
  rusage usage{};
  wait4(child, &status, 0, &usage);
  CHECK(status == 0);
  return 1024.0 * static_cast<double>(usage.ru_maxrss);
}

}  // namespace

TEST_CASE("check, run, manifest and report tell what was read of a corpus and what was not") {
  const TextPlace place;
  place.add("a.TXT", std::string(3000, 'a') + "\xE9");
  place.add("b.text", std::string(3000, 'b'));
  place.add("c.jsonl", "{\"text\": \"" + std::string(2000, 'c') + "\"}\n");
  place.add("notes.md", "no");
  place.add("rows.parquet", "PAR1");
  const std::string counts = ": 3 files, 3 domains, 3 documents, 8.0 kB";
  const std::string rest =
      "; validation 5.0 %; left out: notes.md (a .md is taken for a note about the text; named .txt "
      "it is read), rows.parquet (is a Parquet file; python3 -c ";
  const std::string remark = "\n  a.TXT is not UTF-8: 1 byte, the first at byte 3001\n";
  CHECK_THAT(place.check().output, Contains("straggle: corpus ") && Contains(counts + rest) && Contains(remark));
  const Outcome run = place.run();
  INFO(run.output);
  REQUIRE(run.code == 0);
  CHECK_THAT(run.output,
             Contains("straggle: corpus ") && Contains(counts + ", 8001 tokens" + rest) && Contains(remark));
  const Json inventory = Json::parse(read_text(place.out / "manifest.json")).at("inventories").at(0);
  CHECK_THAT(inventory.at("text").get<std::string>(), Contains(counts + ", 8001 tokens" + rest));
  CHECK(inventory.at("file_names") == Json{"a.TXT", "b.text", "c.jsonl"});
  CHECK(inventory.at("left_out").at(1).at("file") == "rows.parquet");
  CHECK(inventory.at("tokens") == 8001);
  CHECK(inventory.at("validation_share").get<double>() == Approx(0.05).margin(0.001));
  CHECK_THAT(read_text(place.out / "report.html"), Contains("3 files, 3 domains, 3 documents"));
}

TEST_CASE("domains too small to be validated alone are validated together, and that is said") {
  const TextPlace place;
  place.add_small(300);
  SECTION("beside a large one") {
    place.add("large.txt", std::string(4000, 'x'));
    const Outcome run = place.run();
    INFO(run.output);
    REQUIRE(run.code == 0);
    CHECK_THAT(run.output,
               Contains("\n  300 domains are too small for a validation part of their own; of them all 15 whole "
                        "documents are validated together\n"));
    CHECK(place.last_metrics().at("domain_loss").at("large").is_number());
  }
  SECTION("and alone") {
    const Outcome run = place.run("--set /data/shards/kind=by-domain");
    INFO(run.output);
    REQUIRE(run.code == 0);
  }
  CHECK(place.last_metrics().at("domain_loss").at("(small domains)").is_number());
  CHECK(place.last_metrics().at("domain_loss").at("s100").is_null());
}

TEST_CASE("a domain that is too small among large ones is not validated, and that is said") {
  const TextPlace place;
  place.add_small(1);
  place.add("large.txt", std::string(4000, 'x'));
  const Outcome run = place.run();
  INFO(run.output);
  REQUIRE(run.code == 0);
  CHECK_THAT(run.output, Contains("\n  1 domain of 2 not validated: too small for one window\n"));
  CHECK(place.last_metrics().at("domain_loss").size() == 2);
}

TEST_CASE("one text twice ends with exit code 2 and both names") {
  const TextPlace place;
  const std::string lines = "{\"text\": \"" + std::string(2000, 'c') + "\"}\n";
  place.add("x.jsonl", lines);
  place.add("x.jsonl.gz", gzip(lines));
  for (const Outcome& outcome : {place.run(), place.check()}) {
    CHECK(outcome.code == 2);
    CHECK_THAT(outcome.output, Contains("x.jsonl and x.jsonl.gz are one text"));
  }
  CHECK(place.entries() == 2);  // the file and the text
}

TEST_CASE("bad lines end with exit code 2, or are skipped and counted") {
  const TextPlace place;
  std::string lines;
  for (int i = 0; i < 30; ++i)
    lines += i % 3 ? "{\"text\": \"" + std::to_string(i) + std::string(500, 'c') + "\"}\n" : "{bad\n";
  place.add("x.jsonl", lines);
  const Outcome refused = place.run();
  CHECK(refused.code == 2);
  CHECK_THAT(refused.output, Contains("10 lines cannot be read") && Contains("x.jsonl:28: broken JSON"));
  const Outcome run = place.run("--set /data/on_bad_line=skip");
  INFO(run.output);
  REQUIRE(run.code == 0);
  CHECK_THAT(run.output,
             Contains("1 file, 1 domain, 20 documents") && Contains("\n  10 bad lines skipped, the first: "));
  CHECK(Json::parse(read_text(place.out / "manifest.json")).at("inventories").at(0).at("bad_lines") == 10);
}

TEST_CASE("text is read in twice its memory, and trained on in some five times", "[out-of-memory]") {
  const TextPlace place;
  std::string text;
  while (text.size() < 40'000'000) text += std::to_string(text.size()) + " bottles of beer on the wall\n";
  place.add("t.txt.gz", gzip(text));
  const double size = static_cast<double>(text.size()), program = 30e6;
  text = {};
  text.shrink_to_fit();  // a forked process begins with what its parent has
  CHECK(peak_bytes({"check", place.file.string()}) < program + 2.2 * size);
  CHECK(peak_bytes({"run", place.file.string(), "--out", place.out.string(), "--set",
                    R"(/start={"kind": "pretrain", "steps": 2})"}) < program + 6 * size);
}
