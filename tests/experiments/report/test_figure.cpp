// How lines are drawn, whatever they tell: colours, names, axes, terminals, papers.
#include <cstdlib>
#include <fstream>
#include <set>
#include <sstream>

#include "experiments/report/draw_figure.h"
#include "experiments/report/format.h"
#include "experiments/report/palette.h"
#include "experiments/report/plot.h"
#include "experiments/report/read_run.h"
#include "experiments/report/summary.h"
#include "experiments/report/terminal_figure.h"
#include "experiments/report/writers.h"
#include "tests/experiments/report/plot_options.h"
#include "tests/experiments/report/run_of.h"
#include "tests/experiments/report/synthetic_runs.h"
#include "tests/support/catch.h"
#include "tests/support/paths.h"
#include "tests/support/program.h"
#include "tests/support/temp_directory.h"

using namespace experiments;
using Catch::Contains;
using tests::options_of;
namespace fs = std::filesystem;

TEST_CASE(
    "in the terminal a figure is no wider than it, with each line's name at its end and colours only where asked") {
  const std::vector<PlotGroup> groups = {{"", tests::synthetic_runs({}), "sync"}};
  for (const Measure measure : {Measure::loss, Measure::time_to_loss, Measure::speed_up}) {
    const Figure figure = curves_of(groups, options_of("time", measure));
    for (const size_t width : {40, 60, 80, 100, 120}) {
      const std::string text = terminal_figure(figure, width, false);
      std::istringstream lines(text);
      for (std::string line; std::getline(lines, line);) CHECK(display_width(line) <= width);
      CHECK(text.find('\033') == std::string::npos);
      CHECK_THAT(text, Contains("async-dn"));
    }
    CHECK_THAT(terminal_figure(figure, 80, true), Contains("\033[38;2;"));
  }
}

TEST_CASE("a method has one colour and dash in every figure, and no two of one figure have the same") {
  const std::vector<std::string> few{"DiLoCo", "mine"},
      many{"a", "DiLoCo", "b", "mine", "Async DN + DyLU", "Async DiLoCo"};
  CHECK(method_slots(few)[0] == method_slots(many)[1]);
  CHECK(method_slots(few)[1] == method_slots(many)[3]);
  std::vector<std::string> names;
  for (int i = 0; i < 20; ++i) names.push_back("method " + std::to_string(i));
  const std::vector<size_t> slots = method_slots(names);
  CHECK(std::set<size_t>(slots.begin(), slots.end()).size() == names.size());
}

TEST_CASE("a name with any character before any digit is drawn as it is, and the SVG is XML") {
  if (!has_gnuplot()) return;
  const TempDirectory folder;
  std::vector<RunLog> runs;
  std::vector<std::string> names;
  for (int first = '!'; first <= '~'; first += 5) {
    std::string name;
    for (int c = first; c < first + 5 && c <= '~'; ++c)
      for (const char digit : {'0', '7', '9'}) (name += static_cast<char>(c)) += digit;
    runs.push_back(tests::run_of(name.c_str(), 1, {{0, 5}, {10, 2}}));
    names.push_back(name);
  }
  const Drawing drawn = draw(
      folder.path(), draw_figure(curves_of({{"", runs}}, options_of("time", Measure::loss)), "p", PictureFormat::svg));
  REQUIRE(drawn.problem == "");
  for (const std::string& name : names) {
    std::string escaped;
    for (const char c : name) escaped += c == '<' ? "&lt;" : c == '&' ? "&amp;" : std::string(1, c);
    INFO(escaped);
    CHECK(drawn.content.find(escaped) != std::string::npos);
  }
}

TEST_CASE("what is not finite is left out and named, on logarithmic axes too") {
  std::vector<RunLog> runs{tests::run_of("good", 1, {{0, 5}, {10, 3}, {20, 2}}),
                           tests::run_of("bad", 1, {{0, 5}, {10, 1e4}, {20, 2e4}})};
  PlotOptions options = options_of("time", Measure::perplexity);
  options.log_y = true;
  options.log_x = GENERATE(false, true);
  const Figure figure = curves_of({{"", runs}}, options);
  REQUIRE_FALSE(figure.notes.empty());
  CHECK_THAT(figure.notes.back(), Contains("points of bad have no place on these axes and are left out"));
  const Picture picture = draw_figure(figure, "p", PictureFormat::svg);
  CHECK(picture.data.find("inf") == std::string::npos);
  CHECK(picture.script.find("inf") == std::string::npos);
  CHECK(picture.script.size() < 20000);
}

TEST_CASE("a loss is seen from the second evaluation on, and what is cut is told with its height") {
  const auto script = [](double rise) {
    const std::vector<RunLog> runs{tests::run_of("a", 1, {{0, 2}, {1, 1.9}, {2, rise}, {50, 1.8}, {100, 1.7}})};
    return draw_figure(curves_of({{"", runs}}, options_of("time", Measure::loss)), "p", PictureFormat::svg).script;
  };
  CHECK(script(2.2).find("cut") == std::string::npos);
  CHECK_THAT(script(300), Contains("cut; goes up to 300.00"));
}

TEST_CASE("what a terminal of 60, 80, 100 or 120 columns shows is what tests/golden holds") {
  // STRAGGLE_REDRAW=1 writes the files anew, to be looked at before they are committed.
  const std::vector<RunLog> runs = tests::synthetic_runs({});
  const size_t width = GENERATE(60, 80, 100, 120);
  const std::string shown =
      terminal_table(summarise("x", "sync", runs), width) + "\n" +
      terminal_figure(curves_of({{"", runs, "sync"}}, options_of("time", Measure::loss)), width, false);
  const fs::path file = fs::path(source_dir()) / "tests/golden" / ("terminal_" + std::to_string(width) + ".txt");
  if (std::getenv("STRAGGLE_REDRAW")) std::ofstream(file) << shown;
  CHECK(shown == read_result(file));
}

TEST_CASE("for a paper a figure is a column wide, in 8 points, with each line's name at its end and no key") {
  Figure figure = curves_of({{"", tests::synthetic_runs({}), "sync"}}, options_of("time", Measure::loss));
  figure.style = {.title = "Stragglers", .inches = 3.33, .points = 8, .names_at_ends = true};
  const Picture pdf = draw_figure(figure, "p", PictureFormat::pdf);
  CHECK_THAT(pdf.script, Contains("pdfcairo size 3.3") && Contains("font 'Helvetica,10.6666667'") &&
                             Contains("\"Stragglers\"") && Contains("\"async-dn\" at first "));
  CHECK(pdf.script.find("linewidth 2.4") == std::string::npos);  // the key's
  if (has_gnuplot()) {
    const TempDirectory folder;
    CHECK(draw(folder.path(), pdf).problem == "");
  }
}
