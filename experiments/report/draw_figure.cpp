#include "experiments/report/draw_figure.h"

#include <algorithm>
#include <cmath>

#include "experiments/report/figure_ranges.h"
#include "experiments/report/format.h"
#include "experiments/report/palette.h"

namespace experiments {
namespace {

constexpr int kKeyLine = 56;  ///< pixels of a line in the key and the gaps about it

/// Where things are, in pixels from the top left.
struct Layout {
  int columns, rows, panel_width, panel_height, key_height, key_columns, key_width, width, height;
  int left = 70, right = 56, between = 58, top = 10,
      bottom = 54;  ///< `between` two panels: only the outer ones have labels at their sides
  int panel_x(int column) const { return left + column * (panel_width + between); }
  int panel_y(int row) const { return key_height + row * panel_height; }
  double scale = 1;
  std::string across(double pixels) const { return "screen " + gnuplot_number(pixels / width); }
  std::string down(double pixels) const { return "screen " + gnuplot_number(1 - pixels / height); }
};

bool names_at_ends(const Figure& figure) { return figure.style.names_at_ends && !figure.marks; }

int title_height(const Figure& figure) { return figure.style.title.empty() ? 0 : 22; }

/// Pixels right of the axes for the names of the lines that end there.
int room_for_names(const Figure& figure) {
  size_t longest = 0;
  for (const Panel& panel : figure.panels) {
    const Ranges r = ranges_of(figure, panel);
    for (const Series& s : panel.series)
      if (!s.points.empty() &&
          std::abs(s.points.back().x - (figure.x_falls ? r.x_low : r.x_high)) < 0.25 * (r.x_high - r.x_low))
        longest = std::max(longest, std::min<size_t>(display_width(key_text(figure, s.method)), 34));
  }
  return 14 + static_cast<int>(longest) * 7;
}

Layout layout_of(const Figure& figure) {
  const int n = static_cast<int>(figure.panels.size());
  Layout l{};
  l.columns = n <= 1 ? 1 : n == 2 || n == 4 ? 2 : 3;
  l.rows = (n + l.columns - 1) / l.columns;
  l.scale = figure.style.points / kPoints;
  if (figure.targets.empty()) l.right = 16;
  if (n > 1) l.top = 28;
  l.width = figure.style.inches > 0 ? static_cast<int>(figure.style.inches * 96 / l.scale)
            : l.columns == 1        ? 520
            : l.columns == 2        ? 740
                                    : 900;
  const bool keyless = names_at_ends(figure);
  if (keyless) l.right = std::max(l.right, room_for_names(figure));
  l.panel_width = (l.width - l.left - l.right - (l.columns - 1) * l.between) / l.columns;
  size_t longest = 4;
  int keys = 0;
  for (size_t m = 0; m < figure.methods.size(); ++m)
    if (in_key(figure, m)) {
      ++keys;
      longest = std::max(longest, std::min<size_t>(display_width(key_text(figure, m)), 34));
    }
  l.key_columns = std::clamp((l.width - l.left) / static_cast<int>(longest * 7 + kKeyLine), 1, std::max(1, keys));
  l.key_width = static_cast<int>(longest * 7 + kKeyLine);
  l.key_height = 12 + (keyless ? 0 : 18 * ((keys + l.key_columns - 1) / l.key_columns)) + title_height(figure);
  l.panel_height = l.columns == 1 ? 310 : 250;
  l.height = l.key_height + l.rows * l.panel_height;
  return l;
}

std::string style_of(size_t slot, bool with_dash = true) {
  return (with_dash ? " dashtype " + std::to_string(slot_dash(slot) + 1) : std::string()) + " linecolor rgb '" +
         std::string(slot_colour(slot)) + "'";
}

/// The lines' names, above all panels: gnuplot's own key is of one plot.
std::string key_script(const Figure& figure, const Layout& l) {
  const std::vector<size_t> slots = method_slots(figure.methods);
  std::string gp;
  int place = 0;
  for (size_t m = 0; m < figure.methods.size(); ++m) {
    if (!in_key(figure, m)) continue;
    const int x = l.left + place % l.key_columns * l.key_width,
              y = title_height(figure) + 14 + place / l.key_columns * 18, tag = 100 + place++;
    const std::string name = std::to_string(tag);
    // Of two arrows of one colour and width, gnuplot's SVG gives the second the first's dashes.
    gp += "set arrow " + name + " from " + l.across(x) + ", " + l.down(y) + " to " + l.across(x + 28) + ", " +
          l.down(y) + (place % 2 ? " nohead linewidth 2.41" : " nohead linewidth 2.4") + style_of(slots[m]) +
          "\nset label " + name + " " + gnuplot_text(key_text(figure, m)) + " at " + l.across(x + 35) + ", " +
          l.down(y) + " left textcolor rgb '#222222'\n";
    if (figure.marks)
      gp += "set label " + std::to_string(tag + 500) + " \"\" at " + l.across(x + 14) + ", " + l.down(y) +
            " point pointtype 7 pointsize 0.55" + style_of(slots[m], false) + "\n";
  }
  return gp;
}

/// The lines' names at their ends, moved apart where they would lie on each other. `height`: the axis's pixels.
std::string end_labels(const Figure& figure, const Panel& panel, const Ranges& r, int height) {
  constexpr double kApart = 15;
  const auto share = [&](double y) {
    return figure.log_y ? std::log(y / r.y.low) / std::log(r.y.high / r.y.low) : (y - r.y.low) / (r.y.high - r.y.low);
  };
  std::vector<std::pair<double, const Series*>> ends;  // pixels from below
  for (const Series& s : panel.series)
    if (!s.points.empty()) ends.emplace_back(std::clamp(share(s.points.back().mean), 0.0, 1.0) * height, &s);
  std::sort(ends.begin(), ends.end());
  const std::vector<size_t> slots = method_slots(figure.methods);
  std::string gp;
  double below = -kApart;
  int tag = 200;
  for (const auto& [wanted, series] : ends) {
    const double at = std::max(wanted, below + kApart);
    below = at;
    gp += "set label " + std::to_string(tag++) + " " + gnuplot_text(key_text(figure, series->method)) + " at first " +
          gnuplot_number(series->points.back().x) + ", graph " + gnuplot_number(at / height) +
          " left offset 0.6,0 front textcolor rgb '" + std::string(slot_colour(slots[series->method])) + "'\n";
  }
  return gp;
}

/// 1, 2 or 5 and their tens: the least that divides the range into at most `most` steps.
double even_step(double range, int most) {
  const double wanted = range / most, ten = std::pow(10, std::floor(std::log10(wanted)));
  for (const double digit : {1, 2, 5})
    if (digit * ten >= wanted * (1 - 1e-9)) return digit * ten;
  return 10 * ten;
}

/// On a logarithmic axis of few decades gnuplot finds almost no tics: as many of 1 2 5, or all digits, as make at least
/// three.
std::string tics_of(const std::string& axis, double low, double high, bool logarithmic) {
  if (!logarithmic) return "";
  for (const std::vector<double>& digits : {std::vector<double>{1}, {1, 3}, {1, 2, 5}, {1, 1.5, 2, 3, 4, 5, 6, 8}}) {
    std::string tics;
    int count = 0;
    for (double ten = std::pow(10, std::floor(std::log10(low))); ten <= high; ten *= 10)
      for (const double digit : digits)
        if (digit * ten >= low * (1 - 1e-9) && digit * ten <= high * (1 + 1e-9))
          tics += (count++ ? ", " : "") + gnuplot_number(digit * ten);
    if (count >= 4) return "set " + axis + "tics (" + tics + ")\n";
  }
  // Less than about a factor of two: even steps do.
  std::string tics;
  const double step = even_step(high - low, 5);
  for (double k = std::ceil(low / step); k * step <= high; ++k)
    tics += (tics.empty() ? "" : ", ") + gnuplot_number(k * step);
  return "set " + axis + "tics (" + tics + ")\n";
}

/// Everything but the place of one panel: ranges, labels, targets and the plot command. `block` is its first block in
/// the data.
std::string panel_script(const Figure& figure, const Panel& panel, const Ranges& r, const std::string& data,
                         size_t block, PictureFormat format, bool at_end) {
  const auto list = [](const std::vector<double>& tics) {
    std::string text;
    for (const double tic : tics) text += (text.empty() ? "" : ", ") + gnuplot_number(tic);
    return text;
  };
  const double left = figure.x_falls ? r.x_high : r.x_low, right = figure.x_falls ? r.x_low : r.x_high;
  std::string gp = "set xrange [" + gnuplot_number(left) + ":" + gnuplot_number(right) + "]\n" + "set yrange [" +
                   gnuplot_number(r.y.low) + ":" + gnuplot_number(r.y.high) + "]\n" +
                   (figure.x_tics.empty() ? tics_of("x", r.x_low, r.x_high, figure.log_x)
                                          : "set xtics (" + list(figure.x_tics) + ")\n") +
                   (!figure.log_x && figure.x_names.empty() && figure.x_tics.empty()
                        ? "set xtics " +
                              gnuplot_number(even_step(r.x_high - r.x_low,
                                                       figure.panels.size() == 3 || figure.panels.size() > 4 ? 4 : 6)) +
                              "\n"
                        : "") +
                   tics_of("y", r.y.low, r.y.high, figure.log_y);
  const std::string grey = " font " + small_font(format, figure.style.points / kPoints) + " textcolor rgb '#666666'";
  int tag = 10;
  for (const double target : figure.targets) {
    if (!(target <= r.y.high && target >= r.y.low)) continue;
    const std::string at = "graph 1, first " + gnuplot_number(target);
    gp += "set arrow " + std::to_string(tag) + " from graph 0, first " + gnuplot_number(target) + " to " + at +
          " nohead dashtype 3 linewidth 1 linecolor rgb '#666666' back\n";
    if (at_end)
      gp += "set label " + std::to_string(tag) + " \"target\\n" + fixed(target, 3) + "\" at " + at +
            " left offset 0.6,0.3" + grey + "\n";
    ++tag;
  }
  if (figure.reference) {
    const std::string at = gnuplot_number(*figure.reference);
    gp += "set arrow " + std::to_string(tag++) + " from graph 0, first " + at + " to graph 1, first " + at +
          " nohead linewidth 1 linecolor rgb '#999999' back\n";
  }
  if (const std::string cut = cut_text(figure, r); !cut.empty()) {
    const bool line_above = std::any_of(figure.targets.begin(), figure.targets.end(),
                                        [&](double t) { return t > r.y.high - 0.1 * (r.y.high - r.y.low); });
    gp += "set label " + std::to_string(tag) + " '" + cut + "' at graph 0.99, graph " +
          (line_above ? "0.87" : "0.965") + " right" + grey + "\n";
  }
  // Several methods' bars at one x stand beside each other.
  const auto x_of = [&](size_t series) -> std::string {
    const double off = 0.012 * (static_cast<double>(series) - (static_cast<double>(panel.series.size()) - 1) / 2);
    if (!figure.marks || off == 0) return "1";
    return figure.log_x ? "($1*" + gnuplot_number(std::pow(r.x_high / r.x_low, off)) + ")"
                        : "($1+" + gnuplot_number(off * (r.x_high - r.x_low)) + ")";
  };
  const std::vector<size_t> slots = method_slots(figure.methods);
  std::string bands, lines;
  for (size_t s = 0; s < panel.series.size(); ++s) {
    const Series& series = panel.series[s];
    const std::string of = "  '" + data + "' index " + std::to_string(block + s);
    if (series.band)
      bands += of +
               (figure.marks ? " using " + x_of(s) + ":2:3:4 with yerrorbars pointtype -1 linewidth 1.2" +
                                   style_of(slots[series.method], false)
                             : " using 1:5:6 with filledcurves" + style_of(slots[series.method], false)) +
               " notitle, \\\n";
    lines += of +
             (figure.marks ? " using " + x_of(s) + ":2 with linespoints pointtype 7 pointsize 0.55"
                           : " using 1:2 with lines") +
             " linewidth 2" + style_of(slots[series.method]) + " notitle, \\\n";
  }
  return gp + "plot \\\n" + bands + lines + "  NaN notitle\n";
}

std::string axes_script(const Figure& figure) {
  std::string gp =
      "set grid y back linecolor rgb '#E4E4E4' linewidth 0.8 linetype 1\nset style fill transparent solid 0.18 "
      "noborder\n";
  if (figure.log_x) gp += "set logscale x\n";
  if (figure.log_y) gp += "set logscale y\n";
  if (!figure.x_names.empty()) {
    gp += "set xtics scale 0 (";
    for (size_t i = 0; i < figure.x_names.size(); ++i) {
      std::string label;  // a tic's label is a number format: % is doubled
      for (char c : fit(figure.x_names[i], 18)) label += c == '%' ? std::string("%%") : std::string(1, c);
      gp += (i ? ", " : "") + gnuplot_text(label, 40) + " " + std::to_string(i);
    }
    gp += ")\n";
  }
  return gp;
}

}  // namespace

Picture draw_figure(const Figure& figure, const std::string& name, PictureFormat format) {
  Picture picture{
      name, "",
      "# x, mean, low and high end of its 95 % band, and both within the picture; one block per line, panel by panel\n",
      format};
  const Layout l = layout_of(figure);
  std::string& gp = picture.script = picture_heading(name, format, l.width, l.height, l.scale);
  gp += axes_script(figure) + "unset key\n";
  if (figure.panels.size() > 1) gp += "set multiplot\n";
  size_t block = 0;
  for (size_t p = 0; p < figure.panels.size(); ++p) {
    const Panel& panel = figure.panels[p];
    gp += "unset label\nunset arrow\n";
    const bool at_end =
        static_cast<int>(p) % l.columns == l.columns - 1 || p + 1 == figure.panels.size() || figure.own_axes;
    if (p == 0 && !names_at_ends(figure)) gp += key_script(figure, l);
    if (p == 0 && !figure.style.title.empty())
      gp += "set label 3 " + gnuplot_text(figure.style.title, 100) + " at " + l.across(l.left) + ", " + l.down(14) +
            " left textcolor rgb '#222222'\n";
    const int column = static_cast<int>(p) % l.columns, row = static_cast<int>(p) / l.columns;
    const int x = l.panel_x(column), y = l.panel_y(row);
    gp += "set lmargin at " + l.across(x) + "\nset rmargin at " + l.across(x + l.panel_width) + "\nset tmargin at " +
          l.down(y + l.top) + "\nset bmargin at " + l.down(y + l.panel_height - l.bottom) + "\n" +
          // As labels of our own: where the margins are given, a terminal that thinks its letters larger drops
          // gnuplot's.
          "set label 1 " + gnuplot_text(figure.x_label, 60) + " at " + l.across(x + l.panel_width / 2.0) + ", " +
          l.down(y + l.panel_height - l.bottom + (format == PictureFormat::svg ? 44 : 38)) +
          " center textcolor rgb '#222222'\n";
    if (column == 0)
      gp += "set label 2 " + gnuplot_text(figure.y_label, 60) + " at " + l.across(16) + ", " +
            l.down(y + (l.top + l.panel_height - l.bottom) / 2.0) + " center rotate textcolor rgb '#222222'\n";
    const Ranges ranges = ranges_of(figure, panel);
    if (names_at_ends(figure)) gp += end_labels(figure, panel, ranges, l.panel_height - l.top - l.bottom);
    // As long as it and its neighbours have room beside each other; a letter takes 7 pixels.
    const auto room = static_cast<size_t>((l.panel_width + l.between) / 7);
    gp += figure.panels.size() > 1
              ? "set title " + gnuplot_text(panel.title, room) + " offset 0,-0.6 textcolor rgb '#222222'\n"
              : "unset title\n";
    gp += panel_script(figure, panel, ranges, name + ".dat", block, format, at_end);
    for (const Series& series : panel.series) {
      picture.data += "# " + std::to_string(block++) + "\n";
      // A logarithmic axis has no place for a band's end at or below zero.
      const auto shown = [&](double y, double mean) { return figure.log_y ? std::max(y, mean / 1e3) : y; };
      for (const CurvePoint& point : series.points) {
        const double ends[] = {shown(point.low, point.mean), point.high};
        for (const double value :
             {point.x, point.mean, ends[0], ends[1], std::clamp(ends[0], ranges.y.low, ranges.y.high)})
          picture.data += gnuplot_number(value) + " ";
        picture.data += gnuplot_number(std::clamp(ends[1], ranges.y.low, ranges.y.high)) + "\n";
      }
      // gnuplot counts no empty blocks.
      if (series.points.empty()) picture.data += "NaN NaN NaN NaN NaN NaN\n";
      picture.data += "\n\n";
    }
  }
  if (figure.panels.size() > 1) gp += "unset multiplot\n";
  return picture;
}

}  // namespace experiments
