#include <cmath>
#include <set>

#include "experiments/report/draw_figure.h"
#include "experiments/report/files.h"
#include "experiments/report/palette.h"
#include "experiments/report/plot.h"
#include "experiments/report/read_run.h"
#include "experiments/report/summary.h"
#include "experiments/report/writers.h"
#include "experiments/sweep/sweep_plot.h"
#include "tests/experiments/report/plot_options.h"
#include "tests/experiments/report/run_of.h"
#include "tests/experiments/report/synthetic_runs.h"
#include "tests/support/catch.h"
#include "tests/support/program.h"
#include "tests/support/temp_directory.h"

using namespace experiments;
using Catch::Contains;
using tests::options_of;
namespace fs = std::filesystem;

namespace {

/// A run that reaches loss 2 after `seconds`.
RunLog reaching(const std::string& method, uint64_t seed, int seconds, double last = 1) {
  RunLog run = tests::run_of(method.c_str(), seed, {{0, 5}, {seconds, 2}, {2 * seconds, last}});
  run.workers.resize(1);
  return run;
}

/// A sweep of heterogeneity {1, 2, 4} × workers {"few", "many"} of methods sync and async on disk. Sync takes 100 ·
/// heterogeneity seconds to the target and async 100, halved for many workers, seed s a percent longer each.
struct SweepOnDisk {
  TempDirectory folder;
  Json sweep = Json::parse(
      R"({"name": "s", "description": "", "baseline": "sync", "binary": "b", "seeds": [1, 2, 3], "methods": ["sync", "async"],
                               "axes": ["heterogeneity", "workers"], "points": []})");

  SweepOnDisk() {
    for (const int heterogeneity : {1, 2, 4}) {
      for (const char* workers : {"few", "many"}) {
        Json runs;
        for (const char* method : {"sync", "async"}) {
          for (const uint64_t seed : {1, 2, 3}) {
            const std::string key = std::to_string(heterogeneity) + workers + method + std::to_string(seed);
            const int base = (method[0] == 's' ? 10000 * heterogeneity : 10000) / (workers[0] == 'm' ? 2 : 1);
            fs::create_directories(folder.path() / "runs" / key);
            write_run(folder.path() / "runs" / key,
                      reaching("other name", 9, base * (100 + static_cast<int>(seed)) / 100));
            runs[method][std::to_string(seed)] = key;
          }
        }
        sweep["points"].push_back(
            {{"settings", {{"heterogeneity", std::to_string(heterogeneity)}, {"workers", workers}}},
             {"values", {{"heterogeneity", heterogeneity}, {"workers", workers}}},
             {"runs", runs}});
      }
    }
    write();
  }
  void write() const { write_file(folder.path() / "sweep.json", Json{{"sweeps", {sweep}}}.dump()); }
  SweepRuns read() const { return read_sweep(folder.path()); }
};

}  // namespace

TEST_CASE("utilisation along a run, weighted by its stretches, is the run's own") {
  for (const RunLog& run : tests::synthetic_runs({})) {
    const auto samples = samples_of(run, Measure::utilisation);
    REQUIRE(samples.size() > 3);
    double computed = 0, last = 0;
    for (const Sample& s : samples) {
      const double now = sim::to_seconds(s.at.time);
      computed += s.value * (now - last);
      CHECK(s.value <= 100 + 1e-9);
      last = now;
    }
    CHECK(computed / last == Approx(100 * utilisation(run)).epsilon(1e-12));
  }
}

TEST_CASE("staleness along a run is the mean of what was applied since the evaluation before") {
  RunLog run = tests::run_of("a", 1, {{0, 5}, {10, 4}, {20, 3}, {30, 2}});
  const auto arrival = [&](int seconds, int64_t staleness, bool dropped) {
    UpdateRecord u;
    u.time = sim::Time{std::chrono::seconds{seconds}};
    u.staleness_updates = staleness;
    u.dropped = dropped;
    run.updates.push_back(u);
  };
  arrival(5, 1, false);
  arrival(10, 4, false);
  arrival(20, 50, true);
  arrival(25, 7, false);
  const auto samples = samples_of(run, Measure::staleness);
  REQUIRE(samples.size() == 2);  // between 10 and 20 s nothing was applied
  CHECK(samples[0].value == 2.5);
  CHECK(samples[1].value == 7);
  CHECK(sim::to_seconds(samples[1].at.time) == 30);
}

TEST_CASE("curves stand in the asked-for units: bits per byte, and hours of time") {
  std::vector<RunLog> runs = {tests::run_of("a", 1, {{0, 8}, {36000, 4}})};
  runs[0].bytes_per_token = 2;
  const Figure figure = curves_of({{"one", runs}}, options_of("time", Measure::bits_per_byte));
  CHECK_THAT(figure.x_label, Contains("hours"));
  const auto& points = figure.panels[0].series[0].points;
  CHECK(points.back().x == Approx(10));
  CHECK(points.back().mean == Approx(4 / std::log(2.0) / 2));
  PlotOptions with_target = options_of("time", Measure::perplexity);
  with_target.targets = {5};
  CHECK(curves_of({{"one", runs}}, with_target).targets[0] == Approx(std::exp(5.0)));
}

TEST_CASE("a perplexity's band is that of the loss, and so above zero however far apart the seeds are") {
  const std::vector<RunLog> runs = {tests::run_of("a", 1, {{0, 2}, {10, 1}}), tests::run_of("a", 2, {{0, 2}, {10, 3}}),
                                    tests::run_of("a", 3, {{0, 2}, {10, 8}})};
  const auto at_end = [&](Measure measure) {
    return curves_of({{"one", runs}}, options_of("time", measure)).panels[0].series[0].points.back();
  };
  const CurvePoint loss = at_end(Measure::loss), perplexity = at_end(Measure::perplexity);
  CHECK(loss.mean == Approx(4));
  CHECK(perplexity.mean == Approx(std::exp(4.0)));
  CHECK(perplexity.low == Approx(std::exp(loss.low)));
  CHECK(perplexity.high == Approx(std::exp(loss.high)));
}

TEST_CASE("what cannot be drawn is refused with what can") {
  const std::vector<PlotGroup> groups = {{"one", {tests::run_of("a", 1, {{0, 5}, {1, 3}})}}};
  const auto fails = [&](const PlotOptions& options, const std::string& expected) {
    CHECK_THROWS_WITH(curves_of(groups, options), Contains(expected));
  };
  fails(options_of("tme", Measure::loss),
        "--x \"tme\" is unknown; allowed: time, updates, steps, tokens, bytes, usd, kwh; did you mean time?");
  fails(options_of("time", Measure::time_to_target), "one number a run");
  fails(options_of("time", Measure::speed_up), "needs a baseline");
  fails(options_of("steps", Measure::time_to_loss), "--x is not for it");
  fails(options_of("time", Measure::staleness), "nothing can be drawn");
  PlotOptions options = options_of("time", Measure::loss);
  options.methods = {"b"};
  fails(options, "--method \"b\" is unknown; allowed: a");
  options = options_of("time", Measure::staleness);
  options.targets = {3};
  fails(options, "--target is a loss");
  CHECK_THROWS_AS(index_of_name("--y", "los", {"loss"}), InvalidPlot);
}

TEST_CASE("a method has its colour with and without the others") {
  const std::vector<PlotGroup> groups = {{"one", tests::synthetic_runs({})}};
  PlotOptions options = options_of("time", Measure::loss);
  const Picture all = draw_figure(curves_of(groups, options), "p", PictureFormat::svg);
  options.methods = {"async-dn"};
  const Picture one = draw_figure(curves_of(groups, options), "p", PictureFormat::svg);
  const auto colour_of = [](const std::string& method) {
    const std::vector<std::string> names{"sync", "async", "async-dn"};
    const auto place = static_cast<size_t>(std::find(names.begin(), names.end(), method) - names.begin());
    return std::string(slot_colour(method_slots(names)[place]));
  };
  CHECK_THAT(all.script, Contains(colour_of("async-dn")) && Contains(colour_of("sync")));
  CHECK_THAT(one.script, Contains(colour_of("async-dn")) && !Contains(colour_of("sync")) && !Contains("\"sync\""));
}

TEST_CASE("a sweep's speed-ups are its factor, in a heat map, over an axis and at a target of one's own") {
  const SweepOnDisk disk;
  const SweepRuns sweep = disk.read();
  CHECK(sweep.missing == 0);
  const SweepPlot heat = plot_of(sweep, options_of("time", Measure::speed_up));
  REQUIRE(heat.heat);
  CHECK(heat.map.x_names == std::vector<std::string>{"1", "2", "4"});
  CHECK(heat.map.y_names == std::vector<std::string>{"few", "many"});
  REQUIRE(heat.map.maps.size() == 1);  // a baseline's own are 1
  for (size_t i = 0; i < 6; ++i) CHECK(heat.map.maps[0].values[i].value() == Approx(std::pow(2, i % 3)).epsilon(1e-12));

  const SweepPlot over = plot_of(sweep, options_of("heterogeneity", Measure::speed_up, {"workers"}));
  REQUIRE(over.figure.panels.size() == 2);
  CHECK(over.figure.panels[1].title == "workers = many");
  const auto& points = over.figure.panels[1].series[0].points;
  CHECK(points[2].x == 4);
  CHECK(points[2].mean == Approx(4));
  CHECK(points[2].low <= points[2].mean);

  PlotOptions at = options_of("workers", Measure::time_to_target);
  at.where = {{"heterogeneity", "2"}};
  const auto with_target = [&](double loss) { return read_sweep(disk.folder.path(), "", Target{{}, loss}); };
  const SweepPlot named = plot_of(with_target(2), at);
  CHECK(named.figure.x_names == std::vector<std::string>{"few", "many"});
  CHECK(named.figure.panels[0].series[0].points[0].mean == Approx(20400));
  CHECK_THROWS_WITH(plot_of(with_target(0.5), at),
                    Contains("nothing can be drawn"));  // nobody reached it: none, not a guess
}

TEST_CASE("a sweep's curves are a panel a value, and too many varying settings are named") {
  const SweepOnDisk disk;
  const SweepRuns sweep = disk.read();
  PlotOptions options = options_of("steps", Measure::loss);
  options.where = {{"workers", "few"}};
  const SweepPlot plot = plot_of(sweep, options);
  REQUIRE(plot.figure.panels.size() == 3);
  CHECK(plot.figure.panels[2].title == "heterogeneity = 4");
  CHECK(plot.figure.panels[2].series.size() == 2);
  CHECK_THROWS_WITH(plot_of(sweep, options_of("heterogeneity", Measure::loss, {"wrokers"})),
                    Contains("did you mean workers"));
  CHECK_THROWS_WITH(plot_of(sweep, options_of("hetero", Measure::loss)), Contains("usd, kwh, heterogeneity, workers"));
  options.where = {{"workers", "most"}};
  CHECK_THROWS_WITH(plot_of(sweep, options), Contains("allowed: few, many"));
  options.where = {{"workers", "few"}};
  options.y = Measure::utilisation;
  CHECK_THROWS_WITH(plot_of(sweep, options), Contains("does not keep"));
  SweepRuns third = sweep;
  third.axes.push_back({"H", "", {{"10", 10.0}, {"20", 20.0}}});
  for (size_t p = 0; p < third.points.size(); ++p) third.points[p].values.push_back(p % 3 == 1);
  CHECK_THROWS_WITH(plot_of(third, options_of("time", Measure::loss)),
                    Contains("here vary heterogeneity, workers, H; fix others with --where"));
}

TEST_CASE("settings that move together count as one") {
  const SweepOnDisk disk;
  SweepRuns sweep = disk.read();
  sweep.axes.push_back({"twice", "s", {{"2", 2.0}, {"4", 4.0}, {"8", 8.0}}});
  for (SweepRuns::Point& point : sweep.points) point.values.push_back(point.values[0]);
  CHECK(plot_of(sweep, options_of("time", Measure::speed_up)).map.x_label == "heterogeneity");
  const Figure figure = plot_of(sweep, options_of("twice", Measure::speed_up, {"workers"})).figure;
  CHECK(figure.panels[0].series[0].points[2].x == 8);
  CHECK(figure.x_label == "twice (s)");  // a number has its axis's unit, a name has its own
  sweep.axes[1].unit = "m";
  CHECK(plot_of(sweep, options_of("twice", Measure::speed_up, {"workers"})).figure.panels[1].title == "workers = many");
  const Figure panels = plot_of(sweep, options_of("workers", Measure::speed_up, {"twice"})).figure;
  CHECK(panels.panels[2].title == "twice = 8 s");
  CHECK(panels.x_label == "workers");
}

TEST_CASE("where a run of the baseline has not finished its seed counts for no method, and that is told") {
  const SweepOnDisk disk;
  fs::remove_all(disk.folder.path() / "runs" / "4manysync3");
  const SweepRuns sweep = disk.read();
  CHECK(sweep.missing == 1);
  std::set<uint64_t> seeds;
  for (const RunLog& run : sweep.points[5].runs) seeds.insert(run.seed);
  CHECK(seeds == std::set<uint64_t>{1, 2});
  CHECK(sweep.points[4].runs.size() == 6);
}

TEST_CASE("values with numbers for names stand at those numbers, whatever they set") {
  SweepOnDisk disk;
  for (Json& point : disk.sweep["points"])
    point["values"]["heterogeneity"] = Json::array({point["settings"]["heterogeneity"], 1});
  disk.write();
  const auto points = plot_of(disk.read(), options_of("heterogeneity", Measure::speed_up, {"workers"}))
                          .figure.panels[0]
                          .series[0]
                          .points;
  CHECK(points[2].x == 4);
}

TEST_CASE("a sweep file that cannot be used is named") {
  SweepOnDisk disk;
  CHECK_THROWS_WITH(read_sweep(disk.folder.path(), "t"), Contains("holds the sweeps s, not \"t\""));
  disk.sweep["points"][0]["runs"].erase("async");
  disk.write();
  CHECK_THROWS_WITH(disk.read(), Contains("sweep.json: is not as a sweep leaves it"));
  write_file(disk.folder.path() / "sweep.json", "{");
  CHECK_THROWS_WITH(disk.read(), Contains("sweep.json: line 1, column 2: not valid JSON"));
}

TEST_CASE("every kind of picture is drawn in every format, logarithmic axes and hostile names included") {
  if (!has_gnuplot()) return;
  const SweepOnDisk disk;
  SweepRuns sweep = disk.read();
  sweep.axes[1].values[0].label = "`touch x` 100% \"q'";
  const TempDirectory folder;
  PlotOptions log = options_of("tokens", Measure::perplexity);
  log.log_x = log.log_y = true;
  log.targets = {2};
  auto runs = tests::synthetic_runs({});
  for (RunLog& run : runs) run.method += "`touch x`";
  const PictureFormat format = GENERATE(PictureFormat::svg, PictureFormat::pdf, PictureFormat::png);
  const Figure curves = curves_of({{"a 'b' $c", runs}, {"two", runs}, {"three", runs}, {"four", runs}}, log);
  const Drawing drawn = draw(folder.path(), draw_figure(curves, "curves", format));
  CHECK(drawn.problem == "");
  CHECK(draw(folder.path(),
             draw_figure(plot_of(sweep, options_of("workers", Measure::speed_up, {"heterogeneity"})).figure, "over",
                         format))
            .problem == "");
  CHECK(draw(folder.path(),
             draw_heat_map(plot_of(sweep, options_of("time", Measure::time_to_target)).map, "heat", format))
            .problem == "");
  const char* const begins[] = {"<?xml", "%PDF", "\x89PNG"};
  CHECK(drawn.content.rfind(begins[static_cast<size_t>(format)], 0) == 0);
  CHECK(folder.read("curves" + extension_of(format)) == drawn.content);
  CHECK_FALSE(fs::exists(folder.path() / "x"));
}

TEST_CASE("a heat map's table has every value under its setting, and a dash where there is none") {
  HeatMap map{"h", "w", "speed-up", {"1", "2"}, {"few", "many"}, {{"async", {1.5, std::nullopt, 3.0, 4.25}}}, true, 2};
  const std::string table = heat_map_table(map);
  CHECK_THAT(table, Contains("3.00       4.25\n"));
  CHECK(table.find("many") < table.find("few"));  // as on the picture, from below
  CHECK_THAT(table, Contains("1.50          -"));
}

TEST_CASE("a speed-up along the loss is the baseline's time over the method's, and the baseline is not in the key") {
  const std::vector<PlotGroup> groups = {
      {"",
       {tests::run_of("sync", 1, {{0, 5}, {40, 3}, {100, 2}}), tests::run_of("async", 1, {{0, 5}, {20, 3}, {25, 1}})},
       "sync"}};
  const Figure figure = curves_of(groups, options_of("time", Measure::speed_up));
  REQUIRE(figure.panels[0].series.size() == 1);
  const auto& points = figure.panels[0].series[0].points;
  CHECK(points.front().x == 3);
  CHECK(points.front().mean == Approx(2));
  CHECK(points.back().x == Approx(2));
  CHECK(points.back().mean == Approx(4));
  CHECK(figure.hidden == std::vector<bool>{true, false});
  const Figure times = curves_of(groups, options_of("time", Measure::time_to_loss));
  CHECK(times.panels[0].series[1].points.back().mean == Approx(25));
  CHECK(times.hidden.empty());
}
