#include <algorithm>
#include <array>
#include <cctype>
#include <cmath>
#include <locale>
#include <sstream>

#include "experiments/report/curves.h"
#include "experiments/report/files.h"
#include "experiments/report/format.h"
#include "experiments/report/palette.h"
#include "experiments/report/process.h"
#include "experiments/report/writers.h"

namespace experiments {
namespace {

constexpr size_t kMostPoints = 400;
constexpr int kWidth = 520;      ///< pixels; with 13 px type still 6 points high in a 3.3 inch column
constexpr size_t kNameColumns = 34;

struct Chart {
  std::string name;    ///< of its .gp, .dat and .svg
  std::string script;
  std::string data;
};

/// A gnuplot string. Whatever could mean something to gnuplot, now or in another version, is an octal escape: in single quotes it
/// misreads a leading doubled quote, and in double quotes it runs what stands between backquotes.
std::string quoted(const std::string& text, size_t columns = kNameColumns) {
  std::string result = "\"";
  for (char c : fit(text, columns)) {
    const auto byte = static_cast<unsigned char>(c);
    const bool plain = byte >= 0x80 || std::isalnum(byte) || std::string_view(" .,-_+()").find(c) != std::string_view::npos;
    if (plain) result += c;
    else for (char octal : {'\\', char('0' + byte / 64), char('0' + byte / 8 % 8), char('0' + byte % 8)}) result += octal;
  }
  return result + "\"";
}

/// 17 digits would be noise in a chart's data; nine are more than a picture resolves.
std::string digits(double value) {
  std::ostringstream text;
  text.imbue(std::locale::classic());
  text.precision(9);
  text << value;
  return text.str();
}

std::string heading(const std::string& name, int height) {
  return "# " + name + ".svg: run  gnuplot " + name + ".gp  in this folder to draw it again.\n"
         "set encoding utf8\n"
         "set terminal svg size " + std::to_string(kWidth) + "," + std::to_string(height) +
         " dynamic noenhanced font 'Helvetica,Arial,sans-serif,13' linewidth 1 background '#FFFFFF'\n"
         "set output '" + name + ".svg'\n"
         "set decimalsign '.'\n"
         "set border 3 linecolor rgb '#555555' linewidth 0.8\n"
         "set tics nomirror out scale 0.6 textcolor rgb '#222222'\n";
}

struct TimeUnit {
  const char* name;
  double seconds;
};

TimeUnit unit_for(double longest_seconds) {
  if (longest_seconds > 3 * 86400) return {"days", 86400};
  if (longest_seconds > 2 * 3600) return {"hours", 3600};
  if (longest_seconds > 5 * 60) return {"minutes", 60};
  return {"seconds", 1};
}

/// The losses worth showing: down to the lowest point, and up to where the slowest curve is after a tenth of the axis; the steep
/// start above that tells no methods apart.
struct Range {
  double low = 0, high = 1, start = 0;
};

Range interesting(const std::vector<std::vector<CurvePoint>>& curves, double x_end) {
  Range range{INFINITY, -INFINITY, -INFINITY};
  for (const auto& curve : curves) {
    for (const CurvePoint& p : curve) range.low = std::min(range.low, p.low);
    if (curve.empty()) continue;
    range.start = std::max(range.start, curve.front().mean);
    const auto early = std::find_if(curve.begin(), curve.end(), [&](const CurvePoint& p) { return p.x >= 0.1 * x_end; });
    const CurvePoint& shown = early == curve.end() ? curve.back() : *early;
    range.high = std::max({range.high, shown.high, curve.back().high});
  }
  if (!(range.high >= range.low)) return {0, 1, 0};
  // A run that diverges may not hide the others.
  range.high = std::min(range.high, std::max(range.start, range.low));
  const double margin = std::max(0.05 * (range.high - range.low), 1e-3 * std::abs(range.low) + 1e-9);
  return {range.low - margin, range.high + margin, range.start};
}

Chart loss_chart(const std::string& name, const std::string& x_label, const Axis& axis, const ComparisonSummary& summary,
                 const std::vector<MethodRuns>& methods) {
  std::vector<std::vector<CurvePoint>> curves;
  double x_end = 0;
  for (const MethodRuns& method : methods) {
    curves.push_back(mean_curve(method, axis, kMostPoints));
    if (!curves.back().empty()) x_end = std::max(x_end, curves.back().back().x);
  }
  const Range range = interesting(curves, x_end);
  const double target = estimate(summary.target_loss).mean;

  Chart chart{name, "", "# x, mean loss, low and high end of its 95 % band; a block a method\n"};
  const int key_rows = static_cast<int>((methods.size() + 1) / 2);
  std::string& gp = chart.script = heading(name, 330 + 18 * key_rows);
  gp += "set key outside top left horizontal Left reverse samplen 1.6 width 1 maxcols 2 textcolor rgb '#222222'\n"
        "set grid y back linecolor rgb '#E4E4E4' linewidth 0.8 linetype 1\n"
        "set xlabel '" + x_label + "' textcolor rgb '#222222'\n"
        "set ylabel 'validation loss (nats per token)' textcolor rgb '#222222'\n"
        "set xrange [0:" + digits(x_end > 0 ? x_end : 1) + "]\n"
        "set yrange [" + digits(range.low) + ":" + digits(range.high) + "]\n"
        "set rmargin 7.5\n"
        "set style fill transparent solid 0.18 noborder\n";
  if (range.start > range.high)
    gp += "set label 1 'start: " + fixed(range.start, 2) + "' at graph 0.99, graph " +
          (target > range.high - 0.1 * (range.high - range.low) ? "0.87" : "0.965") + " right font ',11' textcolor rgb '#666666'\n";
  if (std::isfinite(target) && target < range.high) {
    gp += "set arrow 1 from graph 0, first " + digits(target) + " to graph 1, first " + digits(target) +
          " nohead dashtype 3 linewidth 1 linecolor rgb '#666666' back\n"
          "set label 2 \"target\\n" + fixed(target, 3) + "\" at graph 1.012, first " + digits(target) +
          " left offset 0,0.3 font ',11' textcolor rgb '#666666'\n";
  }
  std::string bands, lines;
  for (size_t m = 0; m < methods.size(); ++m) {
    chart.data += "# " + std::to_string(m) + "\n";
    for (const CurvePoint& p : curves[m])
      chart.data += digits(p.x) + " " + digits(p.mean) + " " + digits(p.low) + " " + digits(p.high) + "\n";
    // gnuplot counts no empty blocks.
    if (curves[m].empty()) chart.data += "NaN NaN NaN NaN\n";
    chart.data += "\n\n";
    const std::string of = "'" + name + ".dat' index " + std::to_string(m);
    const std::string colour = " linecolor rgb '" + std::string(method_colour(m)) + "'";
    if (methods[m].size() > 1) bands += "  " + of + " using 1:3:4 with filledcurves" + colour + " notitle, \\\n";
    lines += "  " + of + " using 1:2 with lines linewidth 2 dashtype " + std::to_string(method_dash(m) + 1) + colour + " title " +
             quoted(methods[m][0]->method) + ", \\\n";
  }
  gp += "plot \\\n" + bands + lines + "  NaN notitle\n";
  return chart;
}

/// Shares of one worker's time, averaged over seeds: compute, upload, download, wait.
std::array<double, 4> shares(const MethodRuns& seeds, size_t worker) {
  std::array<double, 4> sum{};
  for (const RunLog* run : seeds) {
    const double makespan = sim::to_seconds(run->final.time) * static_cast<double>(seeds.size());
    if (worker >= run->workers.size() || !(makespan > 0)) continue;
    const WorkerUse& use = run->workers[worker];
    size_t a = 0;
    for (sim::Duration spent : {use.compute, use.upload, use.download, use.wait}) sum[a++] += sim::to_seconds(spent) / makespan;
  }
  return sum;
}

Chart utilisation_chart(const ComparisonSummary& summary, const std::vector<MethodRuns>& methods) {
  Chart chart{"utilisation", "", "# row, then where compute, upload, download and wait end, in percent; a row a worker, methods in turn\n"};
  std::string tics;
  double row = 0;
  for (size_t m = 0; m < methods.size(); ++m) {
    const double top = row;
    for (size_t w = 0; w < methods[m][0]->workers.size(); ++w, row += 1) {
      chart.data += digits(row);
      double end = 0;
      for (double share : shares(methods[m], w)) chart.data += " " + digits(100 * (end += share));
      chart.data += "\n";
    }
    std::string label;  // a tic's label is a number format: % is doubled
    for (char c : fit(methods[m][0]->method, 24) + " " + fixed(100 * summary.methods[m].utilisation.mean, 0) + "%")
      label += c == '%' ? std::string("%%") : std::string(1, c);
    tics += (m ? ", " : "") + quoted(label, 100) + " " + digits((top + row - 1) / 2);
    row += 0.8;
  }
  if (row < 1 || chart.data.find('\n') + 1 == chart.data.size()) chart.data += "NaN NaN NaN NaN NaN\n";
  const double bar = std::clamp(400.0 / std::max(row, 1.0), 2.0, 14.0);
  std::string& gp = chart.script = heading("utilisation", static_cast<int>(100 + bar * row));
  gp += "set key at screen 0.985, screen 0.99 right top horizontal maxrows 1 Left reverse samplen 1 width -1 textcolor rgb '#222222'\n"
        "set tmargin 2.2\n"
        "set rmargin 3\n"
        "set border 1\n"
        "set style fill solid 1 noborder\n"
        "set xrange [0:100]\n"
        "set yrange [" + digits(std::max(row, 1.0) - 0.8 + 0.2) + ":-0.7]\n"
        "set xlabel \"share of the run, a bar a worker (percent)\" textcolor rgb '#222222'\n"
        "set ytics scale 0 (" + tics + ")\n"
        "plot \\\n";
  const std::string half = bar > 4 ? "0.42" : "0.5";  // no gaps between bars too thin to bear them
  const char* names[] = {"compute", "upload", "download", "wait"};
  for (size_t a = 0; a < 4; ++a) {
    const std::string begin = a == 0 ? "(0)" : std::to_string(a + 1);
    const std::string end = std::to_string(a + 2);
    gp += "  'utilisation.dat' using " + end + ":1:" + begin + ":" + end + ":($1-" + half + "):($1+" + half + ") with boxxyerror linecolor rgb '" +
          std::string(kActivityColours[a]) + "' title '" + names[a] + "', \\\n";
  }
  gp += "  NaN notitle\n";
  return chart;
}

}  // namespace

std::string write_charts(const std::filesystem::path& directory, const ComparisonSummary& summary, const std::vector<RunLog>& runs) {
  const std::vector<MethodRuns> methods = by_method(runs);
  if (methods.empty()) return "there are no runs to draw";
  double longest = 0;
  for (const RunLog& run : runs) longest = std::max(longest, sim::to_seconds(run.final.time));
  const TimeUnit unit = unit_for(longest);

  const std::filesystem::path folder = directory / "charts";
  std::filesystem::create_directories(folder);
  std::string problem;
  for (const Chart& chart :
       {loss_chart("wall_clock", std::string("simulated wall-clock time (") + unit.name + ")",
                   [&](const Counters& at) { return sim::to_seconds(at.time) / unit.seconds; }, summary, methods),
        loss_chart("local_steps", "local steps, all workers", [](const Counters& at) { return static_cast<double>(at.local_steps); },
                   summary, methods),
        loss_chart("server_updates", "server updates", [](const Counters& at) { return static_cast<double>(at.server_updates); }, summary,
                   methods),
        utilisation_chart(summary, methods)}) {
    write_file(folder / (chart.name + ".gp"), chart.script);
    write_file(folder / (chart.name + ".dat"), chart.data);
    if (!problem.empty()) continue;
    // -d: no start-up files of the user's, so that the same run gives the same picture everywhere.
    const ProcessResult drawn = run_program({"gnuplot", "-d", chart.name + ".gp"}, folder);
    if (!drawn.started) problem = "gnuplot was not found; the charts' scripts and data are in " + folder.string();
    else if (drawn.status != 0) problem = "gnuplot failed on " + (folder / (chart.name + ".gp")).string() + ": " + drawn.errors;
  }
  return problem;
}

}  // namespace experiments
