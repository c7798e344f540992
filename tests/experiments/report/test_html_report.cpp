#include <cmath>
#include <cstdlib>
#include <regex>

#include "experiments/report/files.h"
#include "experiments/report/page_data.h"
#include "experiments/report/writers.h"
#include "tests/experiments/report/run_of.h"
#include "tests/experiments/report/synthetic_runs.h"
#include "tests/support/catch.h"
#include "tests/support/temp_directory.h"

using namespace experiments;
using Json = nlohmann::ordered_json;

namespace {

const std::string kHostile = "</script><b>\"x";

std::string page_of(const std::vector<RunLog>& runs, const std::string& baseline, const Json& experiment,
                    const Json& manifest) {
  const TempDirectory folder;
  write_html_report(folder.path(), summarise("demo", baseline, runs), runs, experiment, manifest);
  return folder.read("report.html");
}

/// The page's own data, read as a browser would: up to the first end of a script.
Json embedded(const std::string& page) {
  const std::string open = "<script type=\"application/json\" id=\"data\">";
  const size_t begin = page.find(open) + open.size();
  return Json::parse(page.substr(begin, page.find("</script", begin) - begin)).at(0);
}

size_t count(const std::string& text, const std::string& part) {
  size_t found = 0;
  for (size_t at = 0; (at = text.find(part, at)) != text.npos; at += part.size()) ++found;
  return found;
}

}  // namespace

TEST_CASE("text of the experiment can neither end the page's script nor become markup") {
  const Json experiment = {
      {"name", kHostile}, {"description", "<!-- <script> {{data}} & </title>"}, {kHostile, kHostile}};
  const auto plain = page_of({tests::run_of("a", 1, {{0, 5}})}, "", {{"name", "t"}}, nullptr);
  const auto page = page_of({tests::run_of(kHostile.c_str(), 1, {{0, 5}})}, kHostile, experiment, {{"host", kHostile}});
  CHECK(count(page, "</script") == count(plain, "</script"));
  CHECK(count(page, "<!--") == count(plain, "<!--"));
  CHECK(count(page, "<b>") == count(plain, "<b>"));
  CHECK(page.find("<title>&lt;/script&gt;&lt;b&gt;&quot;x · Straggle</title>") != std::string::npos);
  const Json data = embedded(page);
  CHECK(data["title"] == kHostile);
  CHECK(data["description"] == experiment["description"]);
  CHECK(data["methods"][0]["name"] == kHostile);
  CHECK(data["experiment"] == experiment);
  CHECK(data["manifest"]["host"] == kHostile);
}

TEST_CASE("the page asks nothing of any network") {
  const auto page = page_of(tests::synthetic_runs({}), "sync", {{"name", "t"}}, nullptr);
  CHECK_FALSE(std::regex_search(page.substr(0, page.find("<script type")), std::regex("(src|href)=\"(?!#|data:)")));
  CHECK(page.find("@import") == std::string::npos);
  CHECK(page.find("fetch(") == std::string::npos);
  CHECK(page.find("Content-Security-Policy\" content=\"default-src 'none'") != std::string::npos);
  CHECK(page.find("{{") == page.npos);
}

TEST_CASE("losses that are not finite are null in the page's data") {
  const auto data = embedded(page_of({tests::run_of("a", 1, {{0, 5}, {1, std::nan("")}})}, "", nullptr, nullptr));
  CHECK(data["runs"][0]["evaluations"]["loss"] == Json::array({5.0, nullptr}));
  CHECK(data["methods"][0]["loss"]["mean"].is_null());
}

TEST_CASE("a seed of 64 bits survives the browser's numbers") {
  const auto data = embedded(page_of({tests::run_of("a", 18446744073709551615u, {{0, 5}})}, "", nullptr, nullptr));
  CHECK(data["seeds"][0] == "18446744073709551615");
}

TEST_CASE("the timelines fit their budget, runs with few spans leave theirs to others, and a cut is said") {
  auto runs = tests::synthetic_runs({});
  size_t all = 0;
  for (const RunLog& run : runs) all += run.spans.size();
  for (const size_t budget : {all, all - 1, all / 2, size_t{100}}) {
    const Json data = page_data(summarise("x", "sync", runs), runs, {.spans = budget});
    size_t shown = 0;
    for (size_t r = 0; r < runs.size(); ++r) {
      const Json& t = data["runs"][r]["timeline"];
      shown += t["shown"].get<size_t>();
      CHECK(t["cut"] == (t["shown"] < t["of"]));
      CHECK(t["of"] == runs[r].spans.size());
      const double until = t["until"];
      CHECK(until <= sim::to_seconds(runs[r].final.time));
      for (size_t w = 0; w < runs[r].workers.size(); ++w) {
        REQUIRE(t["activities"][w].get<std::string>().size() == t["ends_ms"][w].size());
        // Up to the cut no worker has a hole: spans are rounded to a microsecond.
        if (!t["ends_ms"][w].empty()) CHECK(t["ends_ms"][w].back().get<double>() / 1e3 >= until - 1e-6);
      }
    }
    CHECK(shown <= budget);
    CHECK(shown + runs.size() >= budget);
  }
}

TEST_CASE("long curves are thinned evenly, their ends kept") {
  RunLog run = tests::run_of("a", 1, {{0, 9}});
  for (int i = 1; i <= 5000; ++i)
    run.evaluations.push_back({{.time = sim::Time{std::chrono::seconds{i}}}, 9.0 - i * 1e-3, {}});
  const Json data = page_data(summarise("x", "", {run}), {run}, {.evaluations_a_run = 100});
  const Json& seconds = data["runs"][0]["evaluations"]["seconds"];
  CHECK(seconds.size() == 100);
  CHECK(seconds.front() == 0.0);
  CHECK(seconds.back().get<double>() == Approx(5000));
  CHECK(data["runs"][0]["evaluations"]["of"] == 5001);
}

TEST_CASE("the same runs make the same page") {
  auto runs = tests::synthetic_runs({});
  const std::string once = page_of(runs, "sync", {{"name", "t"}}, nullptr);
  for (RunLog& run : runs) run.host_seconds += 5;
  CHECK(once == page_of(runs, "sync", {{"name", "t"}}, nullptr));
}

// For browser_check.mjs: not a test of its own, so hidden.
TEST_CASE("sample pages are written for a browser to look at", "[.sample_pages]") {
  const char* folder = std::getenv("STRAGGLE_SAMPLE_PAGES");
  REQUIRE(folder != nullptr);
  const std::filesystem::path root = folder;
  const auto write = [&](const char* name, const std::vector<RunLog>& runs, const std::string& baseline,
                         const Json& experiment) {
    std::filesystem::create_directories(root / name);
    // The common target, which all reach.
    write_html_report(root / name, summarise(name, baseline, runs, Target{TargetKind::common, std::nullopt}), runs,
                      experiment, {{"version", "0"}, {"note", kHostile}});
  };
  write("plain", tests::synthetic_runs({}), "sync", {{"name", "Sample"}, {"description", "Synthetic runs."}});
  tests::SyntheticOptions hostile;
  hostile.methods = {"sync", kHostile, "<img src=x onerror=alert(1)>"};
  hostile.seeds = {1, 2};
  hostile.workers = 70;
  hostile.rounds = 60;
  auto runs = tests::synthetic_runs(hostile);
  for (Evaluation& e : runs[2].evaluations)
    if (e.at.server_updates > 20) e.loss = std::nan("");
  write("hostile", runs, kHostile, {{"name", kHostile}, {"description", kHostile}});
  std::filesystem::create_directories(root / "two");
  const auto part = [&](const char* name, const std::vector<RunLog>& logs, const std::string& baseline) {
    return ReportPart{
        summarise(name, baseline, logs), logs, {{"name", name}}, {{"version", "0"}}, std::string("results/") + name};
  };
  tests::SyntheticOptions other;
  other.methods = {"sync", "late"};
  write_file(root / "two" / "report.html", html_report({part("first", tests::synthetic_runs({}), "sync"),
                                                        part("second", tests::synthetic_runs(other), "sync")}));
  write("bare", {tests::run_of("alone", 1, {{0, 5}})}, "", nullptr);
  write("empty", {}, "", nullptr);
}
