#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <iostream>
#include <sstream>

#include "experiments/cli/commands.h"
#include "experiments/cli/drawing_folder.h"
#include "experiments/cli/options.h"
#include "experiments/cli/results_options.h"
#include "experiments/report/files.h"
#include "experiments/report/plot.h"
#include "experiments/run/results_directory.h"
#include "experiments/sweep/sweep_plot.h"

namespace experiments {
namespace {

namespace fs = std::filesystem;
namespace po = boost::program_options;

constexpr const char* kPlotUsage = "straggle plot RESULTS… [options]";

struct Output {
  fs::path file;  ///< empty: only the terminal
  PictureFormat format = PictureFormat::terminal;
  bool script_only = false;  ///< FILE.gp: its script and data, not drawn
};

Output output_of(const po::variables_map& values) {
  Output output;
  if (!values.count("out")) return output;
  output.file = values["out"].as<std::string>();
  const std::string extension = output.file.extension().string();
  if (extension == ".svg" || extension == ".gp")
    output.format = PictureFormat::svg;
  else if (extension == ".pdf")
    output.format = PictureFormat::pdf;
  else if (extension == ".png")
    output.format = PictureFormat::png;
  else
    throw UsageError("--out is " + output.file.string() +
                     "; allowed: a name that ends in .svg, .pdf, .png or .gp (gnuplot's script and data)");
  output.script_only = extension == ".gp";
  return output;
}

int terminal_columns() {
  winsize size{};
  if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col >= 40) return std::min<int>(size.ws_col, 160);
  return 100;
}

using Draw = std::function<Picture(const std::string& name, PictureFormat)>;

/// Leaves the picture's script and data beside where it would have been.
void leave_script(const fs::path& file, const Draw& make, PictureFormat format) {
  const Picture picture = make(file.stem().string(), format);
  fs::path script = file, data = file;
  replace_file(script.replace_extension(".gp"), picture.script);
  replace_file(data.replace_extension(".dat"), picture.data);
}

int write_file_picture(const Output& output, const Draw& make) {
  if (output.script_only) {
    leave_script(output.file, make, output.format);
    std::cout << output.file.string() << " and its data, " << fs::path(output.file).replace_extension(".dat").string()
              << ": draw it with  gnuplot " << output.file.filename().string() << "\n";
    return 0;
  }
  const DrawingFolder folder;
  const std::string name = output.file.stem().string();
  const Drawing drawn = draw(folder.path(), make(name, output.format));
  if (!drawn.problem.empty()) {
    leave_script(output.file, make, output.format);
    std::cerr << "straggle: " << output.file.string() << " was not drawn: " << drawn.problem << "; its script " << name
              << ".gp and data " << name << ".dat are left beside it\n";
    return 1;
  }
  replace_file(output.file, drawn.content);
  std::cout << output.file.string() << "\n";
  return 0;
}

int show_in_terminal(const Draw& make) {
  const DrawingFolder folder;
  const Drawing drawn = draw(folder.path(), make("plot", PictureFormat::terminal));
  if (!drawn.problem.empty()) {
    leave_script("plot.svg", make, PictureFormat::svg);
    std::cerr << "straggle: nothing was drawn: " << drawn.problem
              << "; the script plot.gp and data plot.dat are left here\n";
    return 1;
  }
  std::string text = drawn.content;
  std::erase(text, '\f');
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);)
    std::cout << line.substr(0, line.find_last_not_of(' ') + 1) << "\n";
  return 0;
}

/// "NAME=VALUE".
std::pair<std::string, std::string> setting_of(const std::string& text) {
  const size_t equals = text.find('=');
  if (equals == 0 || equals == std::string::npos)
    throw UsageError("--where is \"" + text + "\"; allowed: NAME=VALUE, e.g. --where workers=8");
  return {text.substr(0, equals), text.substr(equals + 1)};
}

template <class T>
std::vector<T> all(const po::variables_map& values, const char* name) {
  return values.count(name) ? values[name].as<std::vector<T>>() : std::vector<T>{};
}

PlotOptions plot_options(const po::variables_map& values) {
  PlotOptions options;
  options.x = values["x"].as<std::string>();
  options.y = static_cast<Measure>(
      index_of_name("--y", values["y"].as<std::string>(), {std::begin(kMeasureNames), std::end(kMeasureNames)}));
  options.targets = all<double>(values, "target");
  for (const double target : options.targets)
    if (!(target > 0 && std::isfinite(target)))
      throw UsageError("--target is " + number_text(target) + "; allowed: a loss above 0");
  options.by = all<std::string>(values, "by");
  options.methods = all<std::string>(values, "method");
  for (const std::string& text : all<std::string>(values, "where")) options.where.push_back(setting_of(text));
  options.log_x = values.count("log-x");
  options.log_y = values.count("log-y");
  options.own_axes = values.count("own-axes");
  return options;
}

/// A panel a results directory, named by its experiment, or by its path where names are shared.
std::vector<PlotGroup> groups_of(const std::vector<fs::path>& directories, bool spans) {
  std::vector<PlotGroup> groups;
  std::vector<std::string> names;
  for (const fs::path& directory : directories) {
    Results results = read_results(directory);
    if (spans) derive_spans(results);
    names.push_back(results.experiment.name);
    groups.push_back({results.experiment.name, std::move(results.runs)});
  }
  for (size_t i = 0; i < groups.size(); ++i)
    if (std::count(names.begin(), names.end(), names[i]) > 1) groups[i].title = directories[i].string();
  return groups;
}

}  // namespace

int command_plot(const std::vector<std::string>& arguments) {
  po::options_description options("Options", 110);
  options.add_options()("x,x", po::value<std::string>()->value_name("AXIS")->default_value("time"),
                        "time, updates, steps, tokens or bytes; of a sweep also a swept setting")(
      "y,y", po::value<std::string>()->value_name("MEASURE")->default_value("loss"),
      "loss, perplexity, bits-per-byte, staleness or utilisation; of a sweep also speed-up or "
      "time-to-target")("log-x", "logarithmic x axis")("log-y", "logarithmic y axis")(
      "target", po::value<std::vector<double>>()->composing()->value_name("LOSS"),
      "a line at this loss; what speed-ups are measured to; may be repeated")(
      "by", po::value<std::vector<std::string>>()->composing()->value_name("NAME"),
      "of a sweep: a panel a value of this setting; two make a heat map; may be repeated")(
      "where", po::value<std::vector<std::string>>()->composing()->value_name("NAME=VALUE"),
      "of a sweep: only points with this setting; may be repeated")(
      "sweep", po::value<std::string>()->value_name("NAME"), "which sweep of a directory that holds several")(
      "method,m", po::value<std::vector<std::string>>()->composing()->value_name("NAME"),
      "only this method; may be repeated; it keeps its colour")("own-axes", "each panel has its own ranges")(
      "out,o", po::value<std::string>()->value_name("FILE"),
      "FILE.svg, .pdf or .png; .gp leaves gnuplot's script and data")(
      "terminal", "draw in the terminal (the default without --out)");
  po::variables_map values;
  if (!parse_results_options(kPlotUsage, options, arguments, values)) return 0;
  try {
    const PlotOptions plot = plot_options(values);
    const Output output = output_of(values);
    const auto directories = results_arguments(values);
    const bool swept = std::any_of(directories.begin(), directories.end(), is_sweep);
    if (swept && directories.size() > 1)
      throw UsageError("one sweep makes a picture; merge several with straggle collect");
    if (!swept && (!plot.by.empty() || !plot.where.empty()))
      throw UsageError("--by and --where choose among a sweep's settings, and " + directories[0].string() +
                       " holds no sweep");
    if (!swept && values.count("sweep"))
      throw UsageError("--sweep chooses among a directory's sweeps, and " + directories[0].string() +
                       " holds no sweep");

    SweepPlot drawn;
    if (swept) {
      const SweepRuns sweep =
          read_sweep(directories[0], values.count("sweep") ? values["sweep"].as<std::string>() : "");
      for (const std::string& what : sweep.damaged)
        std::cerr << "straggle: note: " << what << ": damaged; that run counts for nothing\n";
      if (sweep.missing > 0)
        std::cerr
            << "straggle: " << sweep.missing
            << " runs of the sweep have not finished; points are drawn from the seeds that all methods finished\n";
      drawn = plot_of(sweep, plot);
    } else {
      drawn.figure = curves_of(groups_of(directories, plot.y == Measure::utilisation), plot);
    }
    const int columns = terminal_columns();
    const bool colour = isatty(STDOUT_FILENO) != 0;
    const Draw make = [&](const std::string& name, PictureFormat format) {
      return drawn.heat ? draw_heat_map(drawn.map, name, format)
                        : draw_figure(drawn.figure, name, format, columns, colour);
    };
    int status = 0;
    if (!output.file.empty()) status = write_file_picture(output, make);
    if (output.file.empty() || values.count("terminal")) {
      if (drawn.heat)
        std::cout << heat_map_table(drawn.map);
      else
        status = std::max(status, show_in_terminal(make));
    }
    return status;
  } catch (const InvalidPlot& error) {
    throw UsageError(error.what());
  }
}

}  // namespace experiments
