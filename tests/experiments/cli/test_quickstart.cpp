#include <algorithm>
#include <sstream>
#include <vector>

#include "experiments/config/parse.h"
#include "tests/support/catch.h"
#include "tests/support/paths.h"
#include "tests/support/program.h"
#include "tests/support/temp_directory.h"

// The headline, as a newcomer sees it: takes a minute and a half of processor time.
TEST_CASE(
    "on the quickstart Async DN + DyLU ends below DiLoCo, gets there 2.5 times as fast, and Async DiLoCo stays behind "
    "both",
    "[slow]") {
  const TempDirectory scratch;
  const auto out = scratch.path() / "quickstart";
  const Outcome outcome = straggle("run \"" + source_dir() + "/experiments/catalog/quickstart.json\" --quiet --out \"" +
                                   out.string() + "\"");
  INFO(outcome.output);
  REQUIRE(outcome.code == 0);
  struct Point {
    double seconds, loss;
  };
  const auto curve = [&](const std::string& method) {
    std::vector<Point> points;
    std::istringstream lines(experiments::read_text(out / method / "1/metrics.jsonl"));
    for (std::string line; std::getline(lines, line);) {
      const auto json = experiments::Json::parse(line);
      points.push_back({json.at("simulated_seconds").get<double>(), json.at("loss").get<double>()});
    }
    return points;
  };
  const auto sync = curve("diloco"), async = curve("async-diloco"), cured = curve("async-dn-dylu");
  CHECK(cured.back().loss <= sync.back().loss);
  CHECK(async.back().loss > sync.back().loss);
  const auto reached =
      std::find_if(cured.begin(), cured.end(), [&](const Point& p) { return p.loss <= sync.back().loss; });
  REQUIRE(reached != cured.end());
  CHECK(sync.back().seconds >= 2.5 * reached->seconds);
}
