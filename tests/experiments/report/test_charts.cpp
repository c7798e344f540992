#include <cmath>
#include <cstdlib>

#include "experiments/report/process.h"
#include "experiments/report/writers.h"
#include "tests/experiments/report/run_of.h"
#include "tests/experiments/report/synthetic_runs.h"
#include "tests/support/catch.h"
#include "tests/support/program.h"
#include "tests/support/temp_directory.h"

using namespace experiments;

namespace {

const char* kCharts[] = {"wall_clock", "local_steps", "server_updates", "utilisation"};

/// PATH of this process, put back at the end.
struct Path {
  explicit Path(const std::string& value) : before(std::getenv("PATH")) { setenv("PATH", value.c_str(), 1); }
  ~Path() { setenv("PATH", before.c_str(), 1); }
  std::string before;
};

std::vector<RunLog> runs_named(const std::string& name) {
  tests::SyntheticOptions options;
  options.methods = {"sync", name};
  options.seeds = {1, 2};
  options.rounds = 6;
  return tests::synthetic_runs(options);
}

}  // namespace

TEST_CASE("a program's words reach it as they are, and its status and errors come back") {
  const ProcessResult r = run_program({"sh", "-c", "echo \"$0\" >&2; pwd >&2; exit 3", "`a` $b 'c'"}, "/");
  CHECK(r.started);
  CHECK(r.status == 3);
  CHECK(r.errors == "`a` $b 'c'\n/\n");
  CHECK_FALSE(run_program({"no-such-program-anywhere"}, "/").started);
}

TEST_CASE("without gnuplot the charts' scripts and data are left, and the reason is said") {
  const TempDirectory folder;
  const Path nowhere(folder.path().string());
  const auto runs = runs_named("async");
  CHECK_THAT(write_charts(folder.path(), summarise("x", "sync", runs), runs), Catch::Contains("gnuplot was not found"));
  for (const std::string chart : kCharts) {
    CHECK_FALSE(folder.read("charts/" + chart + ".gp").empty());
    CHECK_FALSE(folder.read("charts/" + chart + ".dat").empty());
    CHECK_FALSE(std::filesystem::exists(folder.path() / "charts" / (chart + ".svg")));
  }
}

TEST_CASE("a method's name is text in a chart, never a command") {
  const TempDirectory folder;
  const std::string trap = (folder.path() / "trap").string();
  const std::string name =
      GENERATE(std::string("</script><b>\"x"), std::string("it's 100% $HOME @x %d"), std::string("`T`"),
               std::string("'; system('T'); x='"), std::string("a\n!T\nb"), std::string("\\"), std::string("'"));
  std::string named = name;
  if (const size_t at = named.find('T'); at != named.npos) named.replace(at, 1, "touch " + trap);
  const auto runs = runs_named(named);
  const std::string problem = write_charts(folder.path(), summarise("x", "sync", runs), runs);
  if (has_gnuplot()) {
    REQUIRE(problem == "");
    for (const std::string chart : kCharts) {
      const std::string svg = folder.read("charts/" + chart + ".svg");
      CHECK(svg.find("</svg>") != std::string::npos);
      CHECK(svg.find("<b>") == std::string::npos);
    }
  }
  CHECK_FALSE(std::filesystem::exists(trap));
}

TEST_CASE("runs without any finite loss still make charts") {
  if (!has_gnuplot()) return;
  const TempDirectory folder;
  const std::vector<RunLog> runs = {tests::run_of("a", 1, {{0, std::nan("")}}), tests::run_of("b", 1, {{0, 3}})};
  CHECK(write_charts(folder.path(), summarise("x", "", runs), runs) == "");
}

TEST_CASE("the same runs draw the same bytes") {
  const TempDirectory a, b;
  const auto runs = runs_named("async");
  const auto summary = summarise("x", "sync", runs);
  write_charts(a.path(), summary, runs);
  write_charts(b.path(), summary, runs);
  for (const std::string chart : kCharts)
    for (const char* kind : {".gp", ".dat", ".svg"})
      if (std::filesystem::exists(a.path() / "charts" / (chart + kind)))
        CHECK(a.read("charts/" + chart + kind) == b.read("charts/" + chart + kind));
}
