#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>

#include "experiments/config/parse.h"
#include "experiments/report/process.h"
#include "tests/support/catch.h"
#include "tests/support/paths.h"
#include "tests/support/program.h"
#include "tests/support/temp_directory.h"
#include "tests/support/tiny_experiment.h"

namespace fs = std::filesystem;
using Catch::Contains;

namespace {

/// A finished run of two methods and two seeds, and room beside it.
struct Finished {
  TempDirectory scratch;
  fs::path out = scratch.path() / "out", elsewhere = scratch.path() / "elsewhere";

  Finished() {
    auto document = tiny::document();
    document["data"]["corpus"] = source_dir() + "/experiments/data";
    document["methods"] = experiments::Json::parse(
        R"([{"name": "DiLoCo"}, {"name": "Async", "policy": {"kind": "grace-window", "seconds": 0.5}}])");
    document["baseline"] = "DiLoCo";
    document["description"] = "Two methods.";
    document["seeds"] = {1, 2};
    document["stop"]["local_steps"] = 80;
    std::ofstream(scratch.path() / "tiny.json") << document.dump();
    const Outcome outcome =
        straggle("run \"" + (scratch.path() / "tiny.json").string() + "\" --quiet --out \"" + out.string() + "\"");
    INFO(outcome.output);
    REQUIRE(outcome.code == 0);
    fs::create_directory(elsewhere);
  }
  /// `command` with "OUT" and "ELSE" replaced by the two directories.
  Outcome operator()(std::string command) const {
    for (const auto& [word, path] : {std::pair("OUT", out), std::pair("ELSE", elsewhere)})
      for (size_t at; (at = command.find(word)) != command.npos;)
        command.replace(at, std::string(word).size(), path.string());
    return straggle(command);
  }
  size_t left() const { return static_cast<size_t>(std::distance(fs::directory_iterator(elsewhere), {})); }
};

bool has_gnuplot() { return experiments::run_program({"gnuplot", "--version"}, "/").status == 0; }

}  // namespace

TEST_CASE("plot, report, timeline and tensorboard make their files of a results directory") {
  const Finished finished;
  CHECK(fs::exists(finished.out / "timeline.json"));
  if (has_gnuplot()) {
    for (const char* name : {"a.svg", "b.pdf", "c.png"}) {
      const Outcome drawn = finished(std::string("plot OUT OUT --y utilisation --x bytes --out ELSE/") + name);
      INFO(drawn.output);
      CHECK(drawn.code == 0);
      CHECK(fs::file_size(finished.elsewhere / name) > 1000);
    }
    CHECK(finished.left() == 3);  // the pictures, nothing temporary
    const Outcome shown = finished("plot OUT --target 5");
    CHECK(shown.code == 0);
    CHECK_THAT(shown.output, Contains("Async") && Contains("validation loss") && Contains("simulated wall-clock time"));
  }
  CHECK(finished("plot OUT --out ELSE/s.gp").code == 0);
  CHECK((fs::exists(finished.elsewhere / "s.gp") && fs::exists(finished.elsewhere / "s.dat")));

  // What run wrote and what report writes again differ in nothing.
  const std::string page = experiments::read_text(finished.out / "report.html");
  CHECK(finished("report OUT --out ELSE/again.html").code == 0);
  CHECK(experiments::read_text(finished.elsewhere / "again.html") == page);
  CHECK_THAT(page, Contains("Two methods."));
  CHECK(finished("report OUT OUT --out ELSE/two.html").code == 0);

  const std::string all = experiments::read_text(finished.out / "timeline.json");
  CHECK(finished("timeline OUT --out ELSE/t.json").code == 0);
  CHECK(experiments::read_text(finished.elsewhere / "t.json") == all);
  CHECK(finished("timeline OUT --method Async --seed 2 --gzip --out ELSE/t2.json").code == 0);
  CHECK(fs::file_size(finished.elsewhere / "t2.json.gz") < all.size() / 4);
  const Outcome cut = finished("timeline OUT --limit 20 --out ELSE/t3.json");
  CHECK(cut.code == 0);
  CHECK_THAT(cut.output, Contains("is cut at") && Contains("--limit N raises"));

  CHECK(finished("tensorboard OUT --out ELSE/tb").code == 0);
  CHECK(fs::file_size(finished.elsewhere / "tb/async/2/events.out.tfevents.0000000000.straggle") > 500);
  CHECK_THAT(finished("tensorboard OUT --out ELSE/tb").output, Contains("exists already"));
}

TEST_CASE("without gnuplot a picture's script and data are left, and it is said") {
  const Finished finished;
  const std::string binary = straggle_binary();
  const std::string command = "PATH=/nowhere " + binary + " plot " + finished.out.string() + " --out " +
                              finished.elsewhere.string() + "/a.svg 2>&1";
  FILE* pipe = popen(command.c_str(), "r");
  REQUIRE(pipe);
  std::string output(4096, '\0');
  output.resize(std::fread(output.data(), 1, output.size(), pipe));
  CHECK(WEXITSTATUS(pclose(pipe)) == 1);
  CHECK_THAT(output, Contains("gnuplot was not found") && Contains("a.gp") && Contains("a.dat"));
  CHECK(fs::exists(finished.elsewhere / "a.gp"));
  CHECK(fs::exists(finished.elsewhere / "a.dat"));
  CHECK(finished.left() == 2);
}

TEST_CASE("pictures of bad input end with exit code 2, one clear message and nothing half-written") {
  const Finished finished;
  const auto fails = [&](const std::string& command, const std::string& expected) {
    const Outcome outcome = finished(command);
    INFO(command << "\n" << outcome.output);
    CHECK(outcome.code == 2);
    CHECK_THAT(outcome.output, Contains(expected) && Catch::StartsWith("straggle: "));
    CHECK(finished.left() == 0);
  };
  fails("plot", "which results directory");
  fails("plot ELSE/none", "none: does not exist");
  fails("plot ELSE --out ELSE/a.svg", "experiment.json: does not exist");
  fails("plot OUT --x tme --out ELSE/a.svg", "--x \"tme\" is unknown; allowed: time, updates, steps, tokens, bytes");
  fails("plot OUT --y lss", "allowed: loss, perplexity, bits-per-byte");
  fails("plot OUT --out ELSE/a.jpg", "ends in .svg, .pdf, .png or .gp");
  fails("plot OUT --by workers", "holds no sweep");
  fails("plot OUT --sweep grid", "holds no sweep");
  fails("plot OUT --target low", "target");
  fails("plot OUT --target nan", "--target is nan; allowed: a loss above 0");
  fails("plot OUT --target=-1", "--target is -1; allowed: a loss above 0");
  fails("plot OUT --out /proc/none/a.svg", "cannot be created");
  fails("report OUT OUT", "--out FILE.html");
  fails("report OUT --out ELSE/a.txt", "ends in .html");
  fails("timeline OUT --method Sync --out ELSE/t.json", "has the methods DiLoCo, Async");
  fails("timeline OUT --seed 7 --out ELSE/t.json", "has the seeds 1, 2");
  fails("timeline OUT --seed=-1 --out ELSE/t.json", "--seed is -1;");
  fails("timeline OUT OUT", "of one results directory");
  fails("timeline OUT --limit 0", "--limit is 0");
  fails("tensorboard ELSE/none", "does not exist");

  std::ofstream(finished.out / "async/1/metrics.jsonl", std::ios::app) << "{\"server_up";
  fails("plot OUT --out ELSE/a.svg", "async/1/metrics.jsonl: line ");
  fails("report OUT --out ELSE/a.html", "is not valid JSON");
  fails("timeline OUT --out ELSE/t.json", "is not valid JSON");
  fails("tensorboard OUT --out ELSE/tb", "is not valid JSON");
}
