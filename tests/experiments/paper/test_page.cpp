#include <array>
#include <cmath>
#include <fstream>

#include "experiments/config/parse.h"
#include "experiments/paper/page.h"
#include "experiments/paper/read_plan.h"
#include "experiments/report/files.h"
#include "experiments/report/markdown.h"
#include "experiments/report/writers.h"
#include "experiments/run/comparison.h"
#include "tests/experiments/report/synthetic_runs.h"
#include "tests/support/catch.h"
#include "tests/support/error_message.h"
#include "tests/support/paths.h"
#include "tests/support/program.h"
#include "tests/support/temp_directory.h"
#include "tests/support/tiny_experiment.h"

using namespace experiments;
using Catch::Contains;
namespace fs = std::filesystem;

namespace {

constexpr const char* kHostileMarkdown = "a|b <i>*x*</i> `q` [l](http://x) # $";

/// Two experiments with synthetic results, "one" of three methods and "two" that was not run, and a plan about them.
struct Pages {
  TempDirectory folder;
  fs::path plan = folder.path() / "plan.json", results = folder.path() / "results",
           page = folder.path() / "out/page.md";
  Json document = Json::parse(R"({
    "title": "Title", "introduction": "See [there](x.md).",
    "sections": [
      {"title": "one & all", "source": "Fig. 1", "experiments": ["one.json", "two.json"],
       "published": {"columns": [{"head": "PPL", "experiment": "one"}, {"head": "of two", "experiment": "two"}, {"head": "said"}],
                     "reference": "sync", "rows": [{"head": "start", "start": true, "values": [61.64, null, "a_b"]},
                       {"head": "sync", "method": "sync", "values": [40, 40, ""]},
                       {"head": "async", "method": "async", "values": [44.4, "44", ""]}]},
       "charts": [{"x": "time"}, {"x": "steps", "y": "perplexity"}],
       "claims": [{"kind": "below", "says": "sync wins", "experiments": ["one"], "method": "sync", "than": "async"},
                  {"kind": "best", "says": "async wins", "experiments": ["one"], "method": "async"}],
       "note": "Looked *into*."},
      {"title": "second", "source": "Fig. 2", "experiments": ["two.json"],
       "published": {"columns": [{"head": "said"}], "rows": [{"head": "", "values": ["much"]}]},
       "claims": [{"kind": "best", "says": "sync is best", "method": "sync"}]}]})");

  Pages() {
    for (const char* name : {"one", "two"}) {
      Json experiment = tiny::document();
      experiment["name"] = name;
      experiment["seeds"] = {1, 2, 3};
      experiment["baseline"] = "sync";
      experiment["methods"] = {{{"name", "sync"}}, {{"name", "async"}}, {{"name", kHostileMarkdown}}};
      write_file(folder.path() / (std::string(name) + ".json"), experiment.dump());
    }
    write_plan();
    write_results("one");
  }
  void write_plan() const { write_file(plan, document.dump()); }
  /// As a run of <name>.json would leave them.
  void write_results(const std::string& name) const {
    const fs::path file = folder.path() / (name + ".json"), place = results / name;
    const ExperimentConfig experiment = parse_experiment(parse_json(read_text(file), "f"), file);
    fs::create_directories(place);
    write_file(place / "experiment.json", to_json(experiment).dump());
    write_file(place / "manifest.json", "{}");
    tests::SyntheticOptions options;
    options.methods = {"sync", "async", kHostileMarkdown};
    for (const RunLog& run : tests::synthetic_runs(options)) {
      fs::create_directories(run_directory(place, run.method, run.seed));
      write_run(run_directory(place, run.method, run.seed), run);
    }
  }
  std::string make(const PageNames& names = {"the command", "page", {"fig-1-time"}}) const {
    const ReproductionPlan read = read_plan(plan);
    const ResultsByName all = planned_results(read, results);
    std::vector<SectionRecord> records;
    for (const PlannedSection& section : read.sections) records.push_back(judge_section(section, all));
    return reproduction_page(read, records, names);
  }
  std::string mistake() const {
    write_plan();
    return error_message<InvalidConfig>([&] { read_plan(plan); });
  }
  Outcome command(const std::string& arguments) const { return straggle("reproduction " + arguments); }
  std::string usual() const {
    return "\"" + plan.string() + "\" \"" + results.string() + "\" --out \"" + page.string() + "\"";
  }
};

const std::string kPlan = source_dir() + "/experiments/catalog/paper/reproduction.json";

/// When the asynchronous workers of Liu et al.'s notebook, at 0.58, 0.75, 1.51 and 3.33 s a step, 20 steps a round,
/// have together brought so many local steps: those that end within half a second of the first go on together with the
/// last of them. In hundredths of a second, apart from the simulator.
int64_t schedule_ends(int64_t local_steps) {
  const std::array<int64_t, 4> round = {20 * 58, 20 * 75, 20 * 151, 20 * 333};
  std::array<int64_t, 4> ends = round;
  for (int64_t steps = 0;;) {
    const int64_t first = *std::min_element(ends.begin(), ends.end());
    int64_t last = first;
    std::array<bool, 4> arrived{};
    for (int64_t time = first; time <= first + 50; ++time) {
      for (size_t w = 0; w < 4; ++w) {
        if (ends[w] != time) continue;
        arrived[w] = true;
        last = time;
        if ((steps += 20) >= local_steps) return time;
      }
    }
    for (size_t w = 0; w < 4; ++w)
      if (arrived[w]) ends[w] = last + round[w];
  }
}

}  // namespace

TEST_CASE(
    "the page has a verdict a section, each shape with its numbers, both numbers side by side, and the commands") {
  const Pages place;
  const std::string page = place.make();
  CHECK_THAT(page, Catch::StartsWith("# Title\n\nSee [there](x.md).\n"));
  CHECK_THAT(page, Contains("| Fig. 1 | one &amp; all | partly reproduced | 1 | 0 | 1 | 0 |\n") &&
                       Contains("| Fig. 2 | second | not run | 0 | 0 | 0 | 1 |\n"));
  CHECK_THAT(page, Contains("## Fig. 1: one &amp; all\n\n**Partly reproduced**: 1 of 2 checks hold.\n") &&
                       Contains("## Fig. 2: second\n\n**Not run**: its results are missing.\n"));
  CHECK_THAT(page, Contains("| async wins | one | below ") && Contains("| **fails** |"));
  CHECK_THAT(page, Contains("| sync is best | - | not run |"));
  // exp(5.545) = 255.95 at the start; the reference has no percentage; 44.4 / 40 − 1 = 11 %.
  CHECK_THAT(page, Contains("| start | 61.64 | 25") && Contains("| - | not run | a\\_b |\n") &&
                       Contains("| async | 44.40 (+11.0 %) | ") && Contains("| 44 | not run |  |\n"));
  CHECK_THAT(page, Contains("\nLooked *into*.\n"));
  CHECK_THAT(page, Contains("](page/fig-1-time.svg)") && !Contains("fig-1-steps"));
  CHECK_THAT(page,
             Contains("one.json\n") && Contains("two.json    # not run\n") && Contains("```sh\nthe command\n```"));
  CHECK_THAT(page, !Contains("other settings"));
  // The synchronous runs take 15 rounds; each makes one update of six workers' 50 steps.
  CHECK_THAT(page, Contains("| one | sync (baseline) |") && Contains(" | - | - | 15 | 4500 | "));
  CHECK_THAT(page, Contains("\nNote: one: methods are compared at unequal local steps: sync 4500, async "));
}

TEST_CASE("a section is reproduced only if all hold, and incomplete while results are missing") {
  Pages place;
  Json& claims = place.document["sections"][0]["claims"];
  claims.erase(1);
  place.write_plan();
  CHECK_THAT(place.make(), Contains("**Reproduced**: 1 of 1 checks hold."));
  claims[0].erase("experiments");
  place.write_plan();
  CHECK_THAT(place.make(), Contains("**Incomplete**: 1 of 2 checks hold, 1 lack results."));
  claims = Json::array({{{"kind", "best"}, {"says", "s"}, {"method", "async"}, {"experiments", {"one"}}}});
  place.write_plan();
  CHECK_THAT(place.make(), Contains("**Not reproduced**: 0 of 1 checks hold."));
}

TEST_CASE("names that mean something to Markdown, HTML or a shell are shown as they are") {
  Pages place;
  place.document["sections"][0]["title"] = "<script>|x\n# y";
  place.write_plan();
  const std::string page = place.make();
  CHECK_THAT(page, Contains("a\\|b &lt;i&gt;\\*x\\*&lt;/i&gt; \\`q\\` \\[l\\](http://x) \\# \\$"));
  CHECK_THAT(page, Contains("## Fig. 1: &lt;script&gt;\\|x \\# y\n"));
  CHECK_THAT(page, !Contains("<i>") && !Contains("<script>"));
  CHECK(code_block("sh", "a ```` b") == "`````sh\na ```` b\n`````\n");
  CHECK(markdown_target("my page/a(b).svg") == "my%20page/a%28b%29.svg");
}

TEST_CASE("a section whose results are not all there is written from its file, with the plan's words") {
  if (!has_gnuplot()) return;
  Pages place;
  place.write_results("two");
  const Outcome all = place.command(place.usual());
  CHECK(all.code == 0);
  CHECK_THAT(all.output, Contains("out/page/fig-1.json") && Contains("out/page/fig-2.json") && !Contains("kept"));
  const std::string page = place.folder.read("out/page.md"), record = place.folder.read("out/page/fig-1.json");
  fs::remove_all(place.results / "two");
  const Outcome some = place.command(place.usual());
  CHECK(some.code == 0);
  CHECK_THAT(some.output, Contains("kept: Fig. 1, from ") && Contains("kept: Fig. 2, from "));
  CHECK(place.folder.read("out/page.md") == page);
  CHECK(place.folder.read("out/page/fig-1.json") == record);

  // Without any results, but with another note and title: they come from the plan, all numbers from the files.
  place.document["sections"][1]["note"] = "New.";
  place.document["sections"][0]["published"]["rows"][1]["values"][0] = 20;
  place.write_plan();
  const std::string alone = "\"" + place.plan.string() + "\" --out \"" + place.page.string() + "\"";
  CHECK(place.command(alone).code == 0);
  std::string changed = place.folder.read("out/page.md");
  CHECK_THAT(changed, Contains("|\n\nNew.\n\n|  |") && Contains("| async | 44.40 (+122.0 %) | "));
  place.document["sections"][1].erase("note");
  place.document["sections"][0]["published"]["rows"][1]["values"][0] = 40;
  place.write_plan();
  CHECK(place.command(alone).code == 0);
  CHECK(place.folder.read("out/page.md") == page);

  // A chart that is gone is not linked, a record that is gone leaves its section without results.
  fs::remove(place.folder.path() / "out/page/fig-1-steps-perplexity.svg");
  fs::remove(place.folder.path() / "out/page/fig-2.json");
  CHECK(place.command(alone).code == 0);
  CHECK_THAT(place.folder.read("out/page.md"), !Contains("fig-1-steps-perplexity") && Contains("fig-1-time") &&
                                                   Contains("| Fig. 2 | second | not run |"));
}

TEST_CASE("a section's file that is broken or about something else is refused, and nothing is written") {
  Pages place;
  place.write_results("two");
  REQUIRE(place.command(place.usual()).code != 2);
  const fs::path file = place.folder.path() / "out/page/fig-1.json";
  const std::string page = place.folder.read("out/page.md"), record = read_text(file);
  fs::remove_all(place.results);
  fs::create_directories(place.results);
  const auto refused = [&](const std::string& expected) {
    const Outcome outcome = place.command(place.usual());
    INFO(outcome.output);
    CHECK(outcome.code == 2);
    CHECK_THAT(outcome.output, Contains("fig-1.json") && Contains(expected));
    CHECK(place.folder.read("out/page.md") == page);
  };
  write_file(file, "{");
  refused("line 1");
  Json broken = Json::parse(record);
  broken["claims"][0]["findings"][0]["verdict"] = "hold";
  broken["experiments"][0]["methods"][1].erase("p");
  broken["experiments"][0]["methods"][1].erase("final_loss");
  write_file(file, broken.dump());
  refused("/claims/0/findings/0/verdict \"hold\" is unknown; values: holds, undecided, fails, not run");
  refused("/experiments/0/methods/1 has no \"final_loss\"");
  broken = Json::parse(record);
  broken["experiments"][0]["methods"].erase(1);
  write_file(file, broken.dump());
  refused("lacks the method \"async\" of one");
  broken["experiments"].erase(0);
  write_file(file, broken.dump());
  refused("lacks the experiment one");
  write_file(file, record);
  place.document["sections"][0]["claims"][0]["says"] = "sync is second";
  place.write_plan();
  refused("was judged by other claims than the plan's; without all of its results Fig. 1 is written from this file");
  place.document["sections"][0]["claims"][0]["says"] = "sync wins";
  place.document["sections"][0]["claims"][0]["than"] = kHostileMarkdown;
  place.write_plan();
  refused("was judged by other claims than the plan's");
}

TEST_CASE("a record is the same when it is read again, but for what is not finite") {
  SectionRecord record;
  JudgedExperiment experiment;
  experiment.methods.push_back({MethodSummary{}, "not reached"});
  experiment.methods[0].loss = {std::nan(""), {}, 0};
  experiment.methods[0].perplexity = {INFINITY, 0.5, 0};
  experiment.methods[0].speed_up = Ratio{2, 1, 3, {}, 0};
  record.experiments = {experiment};
  const std::string text = record_text(record);
  const SectionRecord read = parse_record(text, "f");
  CHECK(record_text(read) == text);
  CHECK(std::isnan(read.experiments[0].methods[0].perplexity.mean));
  CHECK(read.experiments[0].methods[0].perplexity.half_width == 0.5);
  CHECK(read.experiments[0].methods[0].no_time == "not reached");
}

TEST_CASE("the committed pages are what their plans and their sections' files say, byte by byte") {
  struct Page {
    const char *plan, *name;
    int sections;
  };
  const TempDirectory folder;
  const fs::path source = source_dir(), docs = folder.path() / "docs";
  fs::create_directory_symlink(source / "experiments", folder.path() / "experiments");
  fs::create_directories(docs);
  for (const auto& [plan, name, expected] :
       {Page{"paper/reproduction.json", "reproduction", 13}, Page{"methods/shapes/reproduction.json", "shapes", 3}}) {
    fs::copy(source / "docs" / name, docs / name);
    const std::string page = std::string("docs/") + name + ".md";
    const Outcome outcome = shell("cd \"" + folder.path().string() + "\" && \"" + straggle_binary() +
                                  "\" reproduction experiments/catalog/" + plan + " --out " + page);
    INFO(outcome.output);
    CHECK(outcome.code == 0);
    CHECK(folder.read(page) == read_text(source / page));
    int sections = 0;
    for (const auto& entry : fs::directory_iterator(source / "docs" / name))
      if (entry.path().extension() == ".json") {
        const std::string text = read_text(entry.path());
        CHECK(record_text(parse_record(text, entry.path().string())) == text);
        ++sections;
      }
    CHECK(sections == expected);
  }
}

TEST_CASE("results of other settings than their file's are said to be so") {
  const Pages place;
  Json experiment = parse_json(read_text(place.folder.path() / "one.json"), "f");
  experiment["stop"]["local_steps"] = 161;
  write_file(place.folder.path() / "one.json", experiment.dump());
  CHECK_THAT(place.make(),
             Contains("The results of one were made with other settings than its file's: /stop/local\\_steps."));
}

TEST_CASE("every mistake of a plan is named with its place") {
  const auto mistake_of = [](const char* pointer, const char* value) {
    Pages place;
    place.document[Json::json_pointer(pointer)] = Json::parse(value);
    return place.mistake();
  };
  CHECK_THAT(mistake_of("/sections/0/claims/0/kind", "\"belo\""),
             Contains("plan.json: /sections/0/claims/0/kind \"belo\" is unknown; kinds: below, best, within") &&
                 Contains("did you mean below?"));
  CHECK_THAT(mistake_of("/sections/0/claims/0/kind", "\"not-above\""),
             Contains("\"not-above\" is unknown; kinds: below, best, within, closes-gap, faster, speed-up-grows, time, "
                      "final-loss-near"));
  CHECK_THAT(mistake_of("/sections/0/claims/0/than", "\"asink\""),
             Contains("/sections/0/claims/0/than \"asink\" is unknown; methods of one: sync, async"));
  CHECK_THAT(mistake_of("/sections/0/claims/0/than", "\"sync\""), Contains("is the method itself"));
  CHECK_THAT(mistake_of("/sections/0/claims/1/experiments/0", "\"three\""),
             Contains("\"three\" is unknown; experiments of this section: one, two"));
  CHECK_THAT(mistake_of("/sections/0/experiments/1", "\"three.json\""),
             Contains("/sections/0/experiments/1 \"three.json\" is no file beside the plan"));
  CHECK_THAT(mistake_of("/sections/0/experiments/1", "\"one.json\""),
             Contains("their results would be in one directory"));
  CHECK_THAT(mistake_of("/sections/1/source", "\"fig 1\""), Contains("another section's source"));
  CHECK_THAT(mistake_of("/sections/0/published/rows/1/values", "[1]"),
             Contains("has 1 items; allowed: one a column, 3"));
  CHECK_THAT(mistake_of("/sections/0/published/rows/1/values/0", "true"),
             Contains("allowed: a number, a string or null"));
  CHECK_THAT(mistake_of("/sections/0/published/reference", "\"x\""), Contains("is the method of no row"));
  CHECK_THAT(mistake_of("/sections/0/charts/1", "{}"), Contains("/sections/0/charts/1 is the same as one before it"));
  CHECK_THAT(mistake_of("/sections/0/nots", "1"), Contains("/sections/0/nots is unknown"));
  CHECK_THAT(mistake_of("/sections/0/claims/0", R"({"says": "s", "method": "sync", "than": "async"})"),
             Contains("has no \"kind\""));
  CHECK_THAT(
      mistake_of("/sections/0/claims/0", R"({"kind": "within", "says": "s", "method": "sync", "than": "async"})"),
      Contains("has no \"margin\""));
  CHECK_THAT(mistake_of("/sections/0/claims/0",
                        R"({"kind": "closes-gap", "says": "s", "method": "sync", "from": "sync", "to": "async"})"),
             Contains("either \"at_most\" or \"at_least\""));
  CHECK_THAT(mistake_of("/sections/1/claims/0",
                        R"({"kind": "speed-up-grows", "says": "s", "method": "sync", "than": "async"})"),
             Contains("growing takes at least two"));
  CHECK(mistake_of("/title", "\"fine\"").empty());
}

TEST_CASE("the command writes the page and small charts beside it") {
  if (!has_gnuplot()) return;
  const Pages place;
  const Outcome outcome = place.command(place.usual());
  INFO(outcome.output);
  CHECK(outcome.code == 0);
  const std::string page = place.folder.read("out/page.md");
  int charts = 0;
  for (const auto& entry : fs::directory_iterator(place.folder.path() / "out/page")) {
    CHECK(entry.path().extension() == ".svg");
    CHECK(entry.file_size() < 150'000);
    CHECK_THAT(page, Contains("](page/" + entry.path().filename().string() + ")"));
    ++charts;
  }
  CHECK(charts == 2);
  CHECK(place.command(place.usual()).code == 0);
  CHECK(place.folder.read("out/page.md") == page);
  CHECK_FALSE(fs::exists(place.folder.path() / "out/page/fig-1.json"));  // "two" was not run
}

TEST_CASE("without results all is not run; with bad input nothing is written and the exit code is 2") {
  Pages place;
  fs::remove_all(place.results / "one");
  const Outcome none = place.command(place.usual());
  CHECK(none.code == 0);
  CHECK_THAT(place.folder.read("out/page.md"), Contains("**Not run**") && !Contains("partly"));
  fs::remove_all(place.folder.path() / "out");
  const auto fails = [&](const std::string& arguments, const std::string& expected) {
    const Outcome outcome = place.command(arguments);
    INFO(arguments << "\n" << outcome.output);
    CHECK(outcome.code == 2);
    CHECK_THAT(outcome.output, Contains(expected) && Catch::StartsWith("straggle: "));
    CHECK_FALSE(fs::exists(place.folder.path() / "out"));
  };
  const std::string plan = place.plan.string(), results = place.results.string(), out = " --out " + place.page.string();
  fails("", "0 arguments were given");
  fails(plan + " " + results, "--out PAGE.md");
  fails(plan + " " + results + " --out page.html", "ends in .md");
  fails(plan + " " + results + "/none" + out, "is no directory");
  fails("none.json " + results + out, "none.json");
  place.write_results("one");
  write_file(place.results / "one/async/1/metrics.jsonl", "{");
  fails(plan + " " + results + out, "metrics.jsonl: line 1");
  place.write_results("one");
  Json stored = parse_json(read_text(place.results / "one/experiment.json"), "f");
  stored["methods"].erase(2);
  write_file(place.results / "one/experiment.json", stored.dump());
  fails(plan + " " + results + out, "which");
  place.write_results("one");
  place.document["sections"][0]["claims"][0]["margin"] = 1;
  place.write_plan();
  fails(plan + " " + results + out, "/sections/0/claims/0/margin is unknown");
}

TEST_CASE("the paper's plan is whole, and the times that it expects follow from the workers' speeds alone") {
  const ReproductionPlan plan = read_plan(kPlan);
  CHECK(schedule_ends(800) == 20900);  // the notebook's own
  CHECK(schedule_ends(4000) == 99900);
  int times = 0;
  std::set<std::string> experiments;
  for (const PlannedSection& section : plan.sections) {
    for (const PlannedExperiment& planned : section.experiments) experiments.insert(planned.experiment.name);
    for (const Claim& claim : section.claims) {
      const auto* time = std::get_if<TimeClaim>(&claim);
      if (!time) continue;
      CAPTURE(section.source, time->method);
      ++times;
      const auto& methods = section.experiments.at(0).experiment.methods;
      const int64_t steps = methods.at(0).run.stop.local_steps.value();
      const bool sync = time->method == "DiLoCo" || time->method.starts_with("sync");
      // Synchronous: a round of 80 steps takes the slowest worker's 66.6 s; equally fast workers take the mean of the
      // four speeds.
      const double expected = section.source == "Fig. 7" ? static_cast<double>(steps) / 80 * 20 * 1.5425
                              : sync                     ? static_cast<double>(steps) / 80 * 66.6
                                                         : static_cast<double>(schedule_ends(steps)) / 100;
      CHECK(time->seconds == Approx(expected).epsilon(1e-12));
    }
  }
  CHECK(times == 12);
  CHECK(experiments.size() == 25);  // every file of the folder
}
