#include <algorithm>
#include <limits>
#include <sstream>

#include "experiments/report/csv.h"
#include "experiments/report/format.h"
#include "experiments/report/writers.h"
#include "tests/experiments/report/run_of.h"
#include "tests/experiments/report/synthetic_runs.h"
#include "tests/support/catch.h"
#include "tests/support/temp_directory.h"

using namespace experiments;
using tests::run_of;

namespace {

std::vector<std::string> lines_of(const std::string& text) {
  std::vector<std::string> lines;
  std::istringstream in(text);
  for (std::string line; std::getline(in, line);) lines.push_back(line);
  return lines;
}

/// RFC 4180 fields of one record without line breaks.
std::vector<std::string> fields_of(const std::string& line) {
  std::vector<std::string> fields(1);
  bool quoted = false;
  for (size_t i = 0; i < line.size(); ++i) {
    if (quoted && line[i] == '"' && i + 1 < line.size() && line[i + 1] == '"')
      fields.back() += line[++i];
    else if (line[i] == '"')
      quoted = !quoted;
    else if (line[i] == ',' && !quoted)
      fields.emplace_back();
    else
      fields.back() += line[i];
  }
  return fields;
}

}  // namespace

TEST_CASE("times read as a person would say them") {
  CHECK(duration_text(0.1254) == "0.125 s");
  CHECK(duration_text(12.34) == "12.3 s");
  CHECK(duration_text(59.96) == "1m 00s");
  CHECK(duration_text(303.0) == "5m 03s");
  CHECK(duration_text(5328.0) == "1h 28m 48s");
  CHECK(duration_text(86400.0 * 12 + 3600 * 3 + 60 * 28) == "12d 03h 28m");
  CHECK(duration_text(std::nullopt) == "-");
}

TEST_CASE("text is cut by columns, not inside a letter") {
  CHECK(fit("größer", 6) == "größer");
  CHECK(fit("größer", 4) == "grö…");
  CHECK(display_width("grö… ±") == 6);
  CHECK(fit("a\nb\x1b[2J", 20) == "a b [2J");
}

TEST_CASE("the terminal's table is aligned and no wider than the terminal, whatever the names and numbers") {
  tests::SyntheticOptions options;
  options.rounds = 10;
  const bool huge = GENERATE(false, true);
  options.methods = {"sync", GENERATE(std::string("a"), std::string("async-delayed-nesterov-dylu"),
                                      std::string(300, 'x'), std::string("größenverhältnis-") + std::string(90, 'y'))};
  auto runs = tests::synthetic_runs(options);
  if (huge)
    for (RunLog& run : runs) {
      run.evaluations.back().loss = 700 + 3.0 * static_cast<double>(run.seed);
      run.final.local_steps *= 1'000'000'007;
      run.final.server_updates *= 1'000'000'007;
      run.final.time = sim::Time{std::chrono::hours{24 * 300 * run.seed}};
    }
  const ComparisonSummary summary = summarise("x", "sync", runs);
  const size_t width = GENERATE(60, 80, 100, 120);
  const auto lines = lines_of(terminal_table(summary, width));
  REQUIRE(lines.size() > 2 + 1 + 2 + 1);
  for (const std::string& line : lines) CHECK(display_width(line) <= width);
  CHECK(lines[4].rfind(options.methods[1].substr(0, 11), 0) == 0);  // names stay readable
  if (!huge) CHECK(lines[3].find("±") != std::string::npos);
  const std::string all = terminal_table(summary);
  CHECK(all.find("not shown") == std::string::npos);
  CHECK(all.find("bits/") != std::string::npos);
  if (width < 100) CHECK(terminal_table(summary, width).find("not shown: ") != std::string::npos);
}

TEST_CASE("a table says nothing of what is missing") {
  const double nan = std::numeric_limits<double>::quiet_NaN();
  const std::string table =
      terminal_table(summarise("x", "", {run_of("a", 1, {{0, 5}, {10, 2}}), run_of("b", 1, {{0, nan}})}));
  CHECK(table.find("nan") == std::string::npos);
  CHECK(table.find("±") == std::string::npos);
  CHECK(table.find("speed-up") == std::string::npos);
  CHECK(lines_of(terminal_table(summarise("x", "", {}))).size() == 5);
}

TEST_CASE("summary.csv has a number or nothing in each field, and numbers that read back exactly") {
  const TempDirectory folder;
  const double nan = std::numeric_limits<double>::quiet_NaN(), third = 1.0 / 3;
  write_summary(folder.path(),
                summarise("x", "a,\"q\"", {run_of("a,\"q\"", 1, {{0, 5}, {10, third}}), run_of("b", 1, {{0, nan}})}));
  const auto lines = lines_of(folder.read("summary.csv"));
  REQUIRE(lines.size() == 3);
  const auto names = fields_of(lines[0]), first = fields_of(lines[1]), second = fields_of(lines[2]);
  REQUIRE(first.size() == names.size());
  REQUIRE(second.size() == names.size());
  CHECK(first[0] == "a,\"q\"");
  const auto column = static_cast<size_t>(std::find(names.begin(), names.end(), "final_loss") - names.begin());
  CHECK(std::stod(first[column]) == third);
  CHECK(first[column + 1].empty());
  CHECK(second[column].empty());
}

TEST_CASE("a cell that a spreadsheet would take for a formula is marked as text, and a number is left a number") {
  for (const char* formula : {"=1+1", "+1+1", "-1+1", "@SUM(A1)", "-", "\tx", "=", "-a"})
    CHECK(csv_field(formula) == "'" + std::string(formula));
  CHECK(csv_field("=HYPERLINK(\"http://x\",1)") == "\"'=HYPERLINK(\"\"http://x\"\",1)\"");
  CHECK(csv_field("\r=1") == "\"'\r=1\"");
  for (const char* fine : {"", "-0.5", "+3", "-1e-05", "1-1", "a=b", "DiLoCo (synchronous)", "'quoted'"})
    CHECK(csv_field(fine) == fine);
  const TempDirectory folder;
  write_summary(folder.path(), summarise("x", "", {run_of("=cmd|' /C calc'!A0", 1, {{0, 5}})}));
  CHECK_THAT(folder.read("summary.csv"), Catch::Contains("\n'=cmd|' /C calc'!A0,1,"));
}

TEST_CASE("summary.md shows a name as it is, in a table of equal rows") {
  const TempDirectory folder;
  write_summary(folder.path(), summarise("a|b", "</script><b>\"x",
                                         {run_of("</script><b>\"x", 1, {{0, 5}}), run_of("p|q_*", 1, {{0, 5}})}));
  const std::string text = folder.read("summary.md");
  CHECK(text.find('<') == std::string::npos);
  CHECK(text.find("&lt;/script&gt;&lt;b&gt;\"x") != std::string::npos);
  for (const std::string& line : lines_of(text)) {
    if (line.rfind("|", 0) != 0) continue;
    int bars = 0;
    for (size_t i = 0; i < line.size(); ++i) bars += line[i] == '|' && (i == 0 || line[i - 1] != '\\');
    CHECK(bars == 16);
  }
}
