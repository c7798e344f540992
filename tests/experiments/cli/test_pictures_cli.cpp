#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>

#include "experiments/config/parse.h"
#include "experiments/report/read_run.h"
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

TEST_CASE("whoever writes says what was written, and where") {
  const Finished finished;
  const auto says = [&](const std::string& command, const std::string& expected) {
    const Outcome outcome = finished(command);
    INFO(command << "\n" << outcome.output);
    CHECK(outcome.code == 0);
    CHECK_THAT(outcome.output, Contains(expected));
  };
  const std::string out = finished.out.string(), elsewhere = finished.elsewhere.string();
  says("tensorboard OUT", out + "/tensorboard: 4 event files; look at them with  tensorboard --logdir " + out);
  says("timeline OUT", out + "/timeline.json: open it at");
  says("report OUT", out + "/report.html\n");
  says("plot OUT --out ELSE/s.gp", elsewhere + "/s.gp and its data, " + elsewhere + "/s.dat: draw it with");
  if (has_gnuplot()) says("plot OUT --out ELSE/a.svg", elsewhere + "/a.svg\n");
}

TEST_CASE("tensorboard --overwrite replaces event files of ours, and nothing else") {
  const Finished finished;
  const fs::path logs = finished.elsewhere / "tb", file = logs / "async/2/events.out.tfevents.0000000000.straggle";
  REQUIRE(finished("tensorboard OUT --out ELSE/tb").code == 0);
  const auto size = fs::file_size(file);
  fs::resize_file(file, 3);
  fs::create_directory(logs / "gone");
  CHECK(finished("tensorboard OUT --out ELSE/tb --overwrite").code == 0);
  CHECK(fs::file_size(file) == size);
  CHECK_FALSE(fs::exists(logs / "gone"));
  CHECK(finished.left() == 1);

  std::ofstream(logs / "async/notes.txt") << "x";
  const Outcome refused = finished("tensorboard OUT --out ELSE/tb --overwrite");
  CHECK(refused.code == 2);
  CHECK_THAT(refused.output, Contains("holds \"notes.txt\", which is no event file, so --overwrite leaves it alone"));
  CHECK(fs::exists(logs / "async/notes.txt"));
  // The results themselves are no log directory.
  CHECK(finished("tensorboard OUT --out OUT --overwrite").code == 2);
  CHECK(fs::exists(finished.out / "summary.csv"));
}

TEST_CASE(
    "a panel is titled by its experiment's description where that is short and its own, else by its name or place") {
  const Finished finished;
  const fs::path slow = finished.elsewhere / "slow";
  fs::copy(finished.out, slow, fs::copy_options::recursive);
  const auto titled = [&](const std::string& description, const std::string& title) {
    experiments::Json document = experiments::read_json(slow / "experiment.json");
    document["description"] = description;
    std::ofstream(slow / "experiment.json") << document.dump();
    REQUIRE(finished("plot OUT ELSE/slow --out ELSE/s.gp").code == 0);
    CHECK_THAT(experiments::read_text(finished.elsewhere / "s.gp"), Contains(title));
  };
  titled("Two slow methods. Four workers.", "\"Two slow methods\"");
  titled("Liu et al. 2024, Fig. 8. Four workers.", "Liu et al. 2024, Fig. 8\"");
  titled("Heterogeneity, profile moderate (Table 1, Fig. 10).", "Heterogeneity, profile moderate\"");
  titled("Two methods.", "slow\"");  // the names are the same too
  titled("", "slow\"");
}

TEST_CASE("a picture that gnuplot did not write whole is an error and no file") {
  if (!has_gnuplot()) return;
  const Finished finished;
  const TempDirectory tools;
  // On a full disk gnuplot writes what fits and ends with 0. This one keeps half.
  const fs::path gnuplot =
      tools.write("gnuplot",
                  "#!/bin/sh\nPATH=/usr/bin:/bin\nreal=$(command -v gnuplot)\n\"$real\" \"$@\" >/dev/null\n"
                  "for f in *.svg *.pdf *.png; do\n"
                  "  [ -f \"$f\" ] && truncate -s $(($(stat -c %s \"$f\") / 2)) \"$f\"\ndone\nexit 0\n");
  fs::permissions(gnuplot, fs::perms::owner_all);
  const std::string cutting = "PATH=" + tools.path().string() + ":$PATH \"" + straggle_binary() + "\" ";
  const auto fails = [&](const std::string& command, const std::string& expected) {
    const Outcome outcome = shell(command);
    INFO(command << "\n" << outcome.output);
    CHECK(outcome.code == 2);
    CHECK_THAT(outcome.output, Contains(expected));
    CHECK(finished.left() == 0);
  };
  const std::string plot = "plot \"" + finished.out.string() + "\"",
                    unwhole = "gnuplot did not write the whole picture";
  for (const char* name : {"a.svg", "b.pdf", "c.png"})
    fails(cutting + plot + " --out \"" + (finished.elsewhere / name).string() + "\"",
          std::string(name) + ": " + unwhole);
  // The same where a file may not grow: data of 1 kB pass, a picture of 10 kB does not.
  fails("(ulimit -f 12; \"" + straggle_binary() + "\" " + plot + " --out \"" + (finished.elsewhere / "a.svg").string() +
            "\")",
        unwhole);
  // A run keeps its checkpoints until the charts are whole too.
  const fs::path again = finished.elsewhere / "again";
  const Outcome run = shell(cutting + "run --quiet \"" + (finished.scratch.path() / "tiny.json").string() +
                            "\" --out \"" + again.string() + "\"");
  INFO(run.output);
  CHECK(run.code == 2);
  CHECK_THAT(run.output, Contains("charts/wall_clock.svg: " + unwhole) && Contains("straggle run --resume"));
  CHECK_FALSE(fs::exists(again));
  CHECK(straggle("run --quiet --resume \"" + again.string() + "\"").code == 0);
  for (const char* name : {"charts/wall_clock.svg", "charts/utilisation.svg"})
    CHECK(experiments::read_text(again / name) == experiments::read_text(finished.out / name));
}

TEST_CASE("a folder for temporary files that is full or missing is named") {
  if (!has_gnuplot()) return;
  const Finished finished;
  const Outcome missing = shell("TMPDIR=/nowhere/at/all \"" + straggle_binary() + "\" plot \"" + finished.out.string() +
                                "\" --out \"" + (finished.elsewhere / "a.svg").string() + "\"");
  CHECK(missing.code == 2);
  CHECK_THAT(missing.output, Contains("/nowhere/at/all"));
  // Not even the data fit.
  const Outcome full = shell("(ulimit -f 0; \"" + straggle_binary() + "\" plot \"" + finished.out.string() +
                             "\" --out \"" + (finished.elsewhere / "a.svg").string() + "\")");
  INFO(full.output);
  CHECK(full.code == 2);
  CHECK_THAT(full.output, Contains("straggle-plot-") && Contains("cannot be written: File too large"));
  CHECK(finished.left() == 0);
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
  fails("plot OUT --target nan", "--target \"nan\" is unknown; allowed besides a number above 0");
  fails("plot OUT --target=-1", "--target is the number -1; allowed: a number above 0");
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
  fails("report OUT --out ELSE/a.html", "has no line end");
  fails("timeline OUT --out ELSE/t.json", "has no line end");
  fails("tensorboard OUT --out ELSE/tb", "has no line end");
}
