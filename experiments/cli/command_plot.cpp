#include <unistd.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <cmath>
#include <cstdlib>
#include <iostream>
#include <set>

#include "experiments/cli/commands.h"
#include "experiments/cli/drawing_folder.h"
#include "experiments/cli/options.h"
#include "experiments/cli/results_options.h"
#include "experiments/cli/terminal.h"
#include "experiments/report/draw_figure.h"
#include "experiments/report/files.h"
#include "experiments/report/format.h"
#include "experiments/report/plot.h"
#include "experiments/report/terminal_figure.h"
#include "experiments/report/verdict.h"
#include "experiments/run/results_directory.h"
#include "experiments/sweep/sweep_plot.h"

namespace experiments {
namespace {

namespace fs = std::filesystem;
namespace po = boost::program_options;

constexpr const char* kPlotUsage = "straggle plot RESULTS… [options]";

struct Output {
  fs::path file;  ///< empty: only the terminal
  PictureFormat format = PictureFormat::svg;
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

FigureStyle style_of(const po::variables_map& values) {
  FigureStyle style;
  const bool paper = values.count("paper") > 0;
  const auto within = [&](const char* name, double low, double high, double otherwise) {
    if (!values.count(name) || (paper && values[name].defaulted())) return otherwise;
    const double value = values[name].as<double>();
    if (!(value >= low && value <= high))
      throw UsageError("--" + std::string(name) + " is " + number_text(value) + "; allowed: from " + number_text(low) +
                       " to " + number_text(high));
    return value;
  };
  if (values.count("title")) style.title = values["title"].as<std::string>();
  style.inches = within("size", 2, 40, paper ? 3.33 : 0);
  style.points = within("font", 4, 40, paper ? 8 : kPoints);
  style.names_at_ends = paper;
  return style;
}

/// What stands under a figure of a paper.
std::string caption_of(const Figure& figure, const std::set<uint64_t>& seeds, const std::string& target) {
  return (figure.style.title.empty() ? "" : figure.style.title + ". ") + figure.y_label + " against " + figure.x_label +
         (seeds.size() > 1
              ? "; means over n = " + std::to_string(seeds.size()) + " seeds, bands: 95 % intervals (Student's t)"
              : "; one seed, so no intervals") +
         (target.empty() ? "" : "; target: " + target) + ".\n";
}

/// The losses of the lines that --target asks for; a name's is that of `only`, the results of the only panel, or null.
std::vector<double> lines_at(const std::vector<Target>& targets, const PlotGroup* only) {
  std::vector<double> lines;
  for (const Target& target : targets) {
    if (target.number) {
      lines.push_back(*target.number);
      continue;
    }
    if (!only) throw UsageError("--target: a line in several panels is at a number, not at a name");
    require_baseline(target, only->baseline);
    const double loss = estimate(summarise("", only->baseline, only->runs, target).target_loss).mean;
    if (!std::isfinite(loss)) throw UsageError("--target: there is no such loss: nothing that counts has learned");
    lines.push_back(loss);
  }
  return lines;
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
  options.by = all<std::string>(values, "by");
  options.methods = all<std::string>(values, "method");
  for (const std::string& text : all<std::string>(values, "where")) options.where.push_back(setting_of(text));
  options.log_x = values.count("log-x");
  options.log_y = values.count("log-y");
  options.own_axes = values.count("own-axes");
  return options;
}

/// The description's first sentence without its full stop and without a bracket at its end, where a panel has room for
/// it. A stop before a digit or a small letter ends none: "Fig. 8", "et al. 2024".
std::optional<std::string> short_description(const std::string& description) {
  constexpr size_t room = 40;  // of three panels side by side
  size_t end = description.find(". ");
  while (end != std::string::npos && !std::isupper(static_cast<unsigned char>(description[end + 2])))
    end = description.find(". ", end + 2);
  std::string sentence = description.substr(0, std::min(end, description.find_last_not_of('.') + 1));
  if (sentence.ends_with(')')) sentence = sentence.substr(0, sentence.rfind(" ("));
  return sentence.empty() || display_width(sentence) > room ? std::nullopt : std::optional(sentence);
}

/// One panel per results directory. Titles are the experiments' descriptions; where one is long or shared, their names;
/// where one of those is shared, the directories.
std::vector<PlotGroup> groups_of(const std::vector<fs::path>& directories, bool spans) {
  std::vector<PlotGroup> groups;
  std::array<std::vector<std::string>, 3> titles;
  for (const fs::path& directory : directories) {
    Results results = read_results(directory);
    if (spans) derive_spans(results);
    if (const auto text = short_description(results.experiment.description)) titles[0].push_back(*text);
    titles[1].push_back(results.experiment.name);
    titles[2].push_back(directory.string());
    groups.push_back({"", std::move(results.runs), results.experiment.baseline.value_or("")});
  }
  const auto fits = [&](const std::vector<std::string>& t) {
    return t.size() == groups.size() && std::set<std::string>(t.begin(), t.end()).size() == t.size();
  };
  const auto& chosen = fits(titles[0]) ? titles[0] : fits(titles[1]) ? titles[1] : titles[2];
  for (size_t i = 0; i < groups.size(); ++i) groups[i].title = chosen[i];
  return groups;
}

}  // namespace

int command_plot(const std::vector<std::string>& arguments) {
  po::options_description options("Options", 110);
  options.add_options()("x,x", po::value<std::string>()->value_name("AXIS")->default_value("time"),
                        "time, updates, steps, tokens, bytes, usd or kwh; of a sweep also a swept setting")(
      "y,y", po::value<std::string>()->value_name("MEASURE")->default_value("loss"),
      "loss, perplexity, bits-per-byte, staleness or utilisation; time-to-loss and speed-up as functions of the loss "
      "that is reached; of a sweep's settings also speed-up and time-to-target")("log-x", "logarithmic x axis")(
      "log-y", "logarithmic y axis")("target", po::value<std::vector<std::string>>()->composing()->value_name("LOSS"),
                                     "a line at this loss, baseline (its final loss), common (the lowest that every "
                                     "method reached) or a number; what a "
                                     "sweep's speed-ups are about; may be repeated for lines")(
      "by", po::value<std::vector<std::string>>()->composing()->value_name("NAME"),
      "of a sweep: a panel a value of this setting; two make a heat map; may be repeated")(
      "where", po::value<std::vector<std::string>>()->composing()->value_name("NAME=VALUE"),
      "of a sweep: only points with this setting; may be repeated")(
      "sweep", po::value<std::string>()->value_name("NAME"), "which sweep of a directory that holds several")(
      "method,m", po::value<std::vector<std::string>>()->composing()->value_name("NAME"),
      "only this method; may be repeated; it keeps its colour")("own-axes", "each panel has its own ranges")(
      "title", po::value<std::string>()->value_name("TEXT"), "above all panels")(
      "size", po::value<double>()->value_name("INCHES"), "width of the picture (default: by the number of panels)")(
      "font", po::value<double>()->value_name("POINTS")->default_value(kPoints), "size of the letters")(
      "paper",
      "for a column of a paper: 3.33 inches, 8 points, each line's name at its end, and a caption in FILE.txt")(
      "out,o", po::value<std::string>()->value_name("FILE"),
      "FILE.svg, .pdf or .png; .gp leaves gnuplot's script and data")(
      "terminal", "draw in the terminal (the default without --out)");
  po::variables_map values;
  if (!parse_results_options(kPlotUsage, options, arguments, values)) return 0;
  try {
    PlotOptions plot = plot_options(values);
    std::vector<Target> targets;
    for (const std::string& text : all<std::string>(values, "target")) targets.push_back(target_of(text));
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

    const FigureStyle style = style_of(values);
    if (style.names_at_ends && output.file.empty()) throw UsageError("--paper is for a picture: --out FILE.pdf");
    SweepPlot drawn;
    std::set<uint64_t> seeds;
    std::string target;
    if (swept) {
      const bool one = !along(plot.y);
      if (one && targets.size() > 1)
        throw UsageError("--target: a speed-up or time is to one target, not to " + std::to_string(targets.size()));
      const SweepRuns sweep = read_sweep(directories[0], values.count("sweep") ? values["sweep"].as<std::string>() : "",
                                         one && !targets.empty() ? std::optional(targets[0]) : std::nullopt);
      if (!one) plot.targets = lines_at(targets, nullptr);
      for (const std::string& what : sweep.damaged)
        std::cerr << "straggle: note: " << what << ": damaged; that run counts for nothing\n";
      if (sweep.missing > 0)
        std::cerr << "straggle: " << sweep.missing
                  << " runs of the sweep have not finished; points are drawn from the seeds that the baseline has "
                     "finished too\n";
      drawn = plot_of(sweep, plot);
      if (drawn.heat &&
          (style.names_at_ends || style.inches > 0 || !style.title.empty() || !values["font"].defaulted()))
        throw UsageError("--paper, --title, --size and --font are for lines; this is a heat map, as wide as its cells");
      for (const SweepRuns::Point& point : sweep.points)
        for (const RunLog& run : point.runs) seeds.insert(run.seed);
    } else {
      const std::vector<PlotGroup> groups = groups_of(directories, plot.y == Measure::utilisation);
      const PlotGroup* const only = groups.size() == 1 ? &groups[0] : nullptr;
      plot.targets = lines_at(targets, only);
      drawn.figure = curves_of(groups, plot);
      for (const PlotGroup& group : groups)
        for (const RunLog& run : group.runs) seeds.insert(run.seed);
      if (style.names_at_ends && only && !only->baseline.empty())
        target = target_text(summarise("", only->baseline, only->runs));
    }
    drawn.figure.style = style;
    for (const std::string& note : drawn.figure.notes) std::cerr << "straggle: note: " << note << "\n";
    const Draw make = [&](const std::string& name, PictureFormat format) {
      return drawn.heat ? draw_heat_map(drawn.map, name, format) : draw_figure(drawn.figure, name, format);
    };
    int status = 0;
    if (!output.file.empty()) status = write_file_picture(output, make);
    if (style.names_at_ends && status == 0)
      replace_file(fs::path(output.file).replace_extension(".txt"), caption_of(drawn.figure, seeds, target));
    if (output.file.empty() || values.count("terminal")) {
      const size_t columns = terminal_size().columns;
      const bool colour = isatty(STDOUT_FILENO) && !std::getenv("NO_COLOR");
      std::cout << (drawn.heat ? heat_map_table(drawn.map)
                               : terminal_figure(drawn.figure, columns ? std::min<size_t>(columns, 160) : 100, colour));
    }
    return status;
  } catch (const InvalidPlot& error) {
    throw UsageError(error.what());
  }
}

}  // namespace experiments
