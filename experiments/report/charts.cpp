#include <algorithm>
#include <array>
#include <cmath>

#include "experiments/report/draw_figure.h"
#include "experiments/report/figure.h"
#include "experiments/report/format.h"
#include "experiments/report/measures.h"
#include "experiments/report/palette.h"
#include "experiments/report/writers.h"

namespace experiments {
namespace {

constexpr size_t kChartPoints = 400;
constexpr int kWidth = 520;  ///< pixels; with 13 px type still 6 points high in a 3.3 inch column

Picture loss_chart(const std::string& name, CounterKind counter, const ComparisonSummary& summary,
                   const std::vector<MethodRuns>& methods) {
  double largest = 0;
  for (const MethodRuns& method : methods)
    for (const RunLog* run : method) largest = std::max(largest, counter_value(counter, run->final));
  const CounterAxis axis = counter_axis(counter, largest);
  Figure figure;
  figure.x_label = axis.label;
  figure.y_label = measure_label(Measure::loss);
  figure.panels.resize(1);
  figure.falls = true;
  for (size_t m = 0; m < methods.size(); ++m) {
    figure.methods.push_back(methods[m][0]->method);
    figure.hidden.push_back(any_diverged(methods[m]));
    if (figure.hidden.back()) continue;
    figure.panels[0].series.push_back({m, mean_curve(methods[m], axis.value, kChartPoints), methods[m].size() > 1});
  }
  if (const double target = estimate(summary.target_loss).mean; std::isfinite(target)) figure.targets.push_back(target);
  return draw_figure(figure, name, PictureFormat::svg);
}

/// Shares of one worker's time, averaged over seeds: compute, upload, download, wait, down.
std::array<double, kActivities> shares(const MethodRuns& seeds, size_t worker) {
  std::array<double, kActivities> sum{};
  for (const RunLog* run : seeds) {
    const double makespan = sim::to_seconds(run->final.time) * static_cast<double>(seeds.size());
    if (worker >= run->workers.size() || !(makespan > 0)) continue;
    const WorkerUse& use = run->workers[worker];
    size_t a = 0;
    for (sim::Duration spent : {use.compute, use.upload, use.download, use.wait, use.down})
      sum[a++] += sim::to_seconds(spent) / makespan;
  }
  return sum;
}

Picture utilisation_chart(const ComparisonSummary& summary, const std::vector<MethodRuns>& methods) {
  Picture chart{
      "utilisation", "",
      "# row, then where compute, upload, download, wait and down end, in percent; a row a worker, methods in turn\n"};
  std::string tics;
  double row = 0;
  for (size_t m = 0; m < methods.size(); ++m) {
    const double top = row;
    for (size_t w = 0; w < methods[m][0]->workers.size(); ++w, row += 1) {
      chart.data += gnuplot_number(row);
      double end = 0;
      for (double share : shares(methods[m], w)) chart.data += " " + gnuplot_number(100 * (end += share));
      chart.data += "\n";
    }
    std::string label;  // a tic's label is a number format: % is doubled
    for (char c : fit(methods[m][0]->method, 24) + " " + fixed(100 * summary.methods[m].utilisation.mean, 0) + "%")
      label += c == '%' ? std::string("%%") : std::string(1, c);
    tics += (m ? ", " : "") + gnuplot_text(label, 100) + " " + gnuplot_number((top + row - 1) / 2);
    row += 0.8;
  }
  if (row < 1 || chart.data.find('\n') + 1 == chart.data.size()) chart.data += "NaN NaN NaN NaN NaN NaN\n";
  const double bar = std::clamp(400.0 / std::max(row, 1.0), 2.0, 14.0);
  std::string& gp = chart.script =
      picture_heading("utilisation", PictureFormat::svg, kWidth, static_cast<int>(100 + bar * row));
  gp +=
      "set key at screen 0.985, screen 0.99 right top horizontal maxrows 1 Left reverse samplen 1 width -1 textcolor "
      "rgb '#222222'\n"
      "set tmargin 2.2\n"
      "set rmargin 3\n"
      "set border 1\n"
      "set style fill solid 1 noborder\n"
      "set xrange [0:100]\n"
      "set yrange [" +
      gnuplot_number(std::max(row, 1.0) - 0.8 + 0.2) +
      ":-0.7]\n"
      "set xlabel \"share of the run, a bar a worker (percent)\" textcolor rgb '#222222'\n"
      "set ytics scale 0 (" +
      tics +
      ")\n"
      "plot \\\n";
  const std::string half = bar > 4 ? "0.42" : "0.5";  // no gaps between bars too thin to bear them
  const char* names[] = {"compute", "upload", "download", "wait", "down"};
  const bool down = std::any_of(methods.begin(), methods.end(), [](const MethodRuns& runs) {
    return std::any_of(runs.begin(), runs.end(), [](const RunLog* run) {
      return std::any_of(run->workers.begin(), run->workers.end(),
                         [](const WorkerUse& use) { return use.down > sim::Duration::zero(); });
    });
  });
  for (size_t a = 0; a < (down ? kActivities : kActivities - 1); ++a) {
    const std::string begin = a == 0 ? "(0)" : std::to_string(a + 1);
    const std::string end = std::to_string(a + 2);
    gp += "  'utilisation.dat' using " + end + ":1:" + begin + ":" + end + ":($1-" + half + "):($1+" + half +
          ") with boxxyerror linecolor rgb '" + std::string(kActivityColours[a]) + "' title '" + names[a] + "', \\\n";
  }
  gp += "  NaN notitle\n";
  return chart;
}

}  // namespace

std::string write_charts(const std::filesystem::path& directory, const ComparisonSummary& summary,
                         const std::vector<RunLog>& runs) {
  const std::vector<MethodRuns> methods = by_method(runs);
  if (methods.empty()) return "there are no runs to draw";
  const std::filesystem::path folder = directory / "charts";
  std::filesystem::create_directories(folder);
  std::string problem;
  for (const Picture& chart :
       {loss_chart("wall_clock", CounterKind::time, summary, methods),
        loss_chart("local_steps", CounterKind::steps, summary, methods),
        loss_chart("server_updates", CounterKind::updates, summary, methods), utilisation_chart(summary, methods)}) {
    if (problem.empty())
      problem = draw(folder, chart).problem;
    else
      write_picture(folder, chart);
  }
  return problem == "gnuplot was not found" ? problem + "; the charts' scripts and data are in " + folder.string()
                                            : problem;
}

}  // namespace experiments
