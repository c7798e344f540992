#include "experiments/report/figure.h"

#include <algorithm>
#include <cmath>

#include "experiments/report/format.h"
#include "experiments/report/palette.h"

namespace experiments {
namespace {

struct Range {
  double low = 0, high = 1, start = -INFINITY;  ///< start: the highest beginning of a curve
};

struct Ranges {
  double x_low = 0, x_high = 1;
  Range y;
};

template <class Each>
void each_point(const std::vector<const Panel*>& panels, Each&& each) {
  for (const Panel* panel : panels)
    for (const Series& s : panel->series)
      for (const CurvePoint& p : s.points) each(p);
}

/// The losses worth showing: down to the lowest point, and up to where the slowest curve is after a tenth of the axis;
/// the steep start above that tells no methods apart.
Range interesting(const std::vector<const Panel*>& panels, double x_end) {
  Range range{INFINITY, -INFINITY, -INFINITY};
  for (const Panel* panel : panels) {
    for (const Series& s : panel->series) {
      for (const CurvePoint& p : s.points) range.low = std::min(range.low, p.low);
      if (s.points.empty()) continue;
      range.start = std::max(range.start, s.points.front().mean);
      const auto early =
          std::find_if(s.points.begin(), s.points.end(), [&](const CurvePoint& p) { return p.x >= 0.1 * x_end; });
      const CurvePoint& shown = early == s.points.end() ? s.points.back() : *early;
      range.high = std::max({range.high, shown.high, s.points.back().high});
    }
  }
  if (!(range.high >= range.low)) return {0, 1, -INFINITY};
  // A run that diverges may not hide the others; one that first rises from a good start may show it.
  range.high = std::min(range.high, range.start + std::max(0.0, range.start - range.low));
  // A little more, and the whole beginning is seen.
  if (range.start - range.high < 0.3 * (range.high - range.low)) range.high = std::max(range.high, range.start);
  return range;
}

Ranges ranges_of(const Figure& figure, const std::vector<const Panel*>& panels) {
  Ranges r{INFINITY, -INFINITY, {}};
  each_point(panels, [&](const CurvePoint& p) {
    r.x_low = std::min(r.x_low, p.x);
    r.x_high = std::max(r.x_high, p.x);
  });
  if (!(r.x_high >= r.x_low)) r.x_low = figure.log_x ? 0.1 : 0, r.x_high = 1;
  if (figure.falls && !figure.log_y && !figure.log_x && !figure.marks) {
    r.y = interesting(panels, r.x_high);
  } else {
    r.y = {INFINITY, -INFINITY, -INFINITY};
    each_point(panels, [&](const CurvePoint& p) {
      r.y.low = std::min(r.y.low, figure.log_y ? p.mean : p.low);
      r.y.high = std::max(r.y.high, p.high);
    });
    if (!(r.y.high >= r.y.low)) r.y.low = figure.log_y ? 0.1 : 0, r.y.high = 1;
  }
  if (figure.reference)
    r.y.low = std::min(r.y.low, *figure.reference), r.y.high = std::max(r.y.high, *figure.reference);
  for (const double target : figure.targets) r.y.low = std::min(r.y.low, target), r.y.high = std::max(r.y.high, target);
  const double margin = std::max(0.05 * (r.y.high - r.y.low), 1e-3 * std::abs(r.y.low) + 1e-9);
  if (figure.log_y)
    r.y.low /= 1.05, r.y.high *= 1.05;
  else
    r.y.low -= margin, r.y.high += margin;
  if (figure.low) r.y.low = *figure.low;
  if (figure.high) r.y.high = *figure.high;
  if (!figure.x_names.empty())
    r.x_low -= 0.3, r.x_high += 0.3;
  else if (figure.marks && figure.log_x)
    r.x_low /= 1.15, r.x_high *= 1.15;
  else if (figure.marks)
    r.x_low -= 0.05 * (r.x_high - r.x_low) + 1e-9, r.x_high += 0.05 * (r.x_high - r.x_low) + 1e-9;
  else if (!figure.log_x)
    r.x_low = 0;
  if (!(r.x_high > r.x_low)) r.x_high = figure.log_x ? r.x_low * 2 : r.x_low + 1;
  return r;
}

std::vector<const Panel*> all_of(const Figure& figure) {
  std::vector<const Panel*> panels;
  for (const Panel& panel : figure.panels) panels.push_back(&panel);
  return panels;
}

bool in_key(const Figure& figure, size_t method) { return figure.hidden.empty() || !figure.hidden[method]; }

constexpr int kKeyLine = 56;  ///< pixels of a line in the key and the gaps about it

/// Where things are, in pixels from the top left.
struct Layout {
  int columns, rows, panel_width, panel_height, key_height, key_columns, key_width, width, height;
  int left = 70, right = 56, between = 58, top = 10,
      bottom = 54;  ///< `between` two panels: only the outer ones have labels at their sides
  int panel_x(int column) const { return left + column * (panel_width + between); }
  int panel_y(int row) const { return key_height + row * panel_height; }
  std::string across(double pixels) const { return "screen " + gnuplot_number(pixels / width); }
  std::string down(double pixels) const { return "screen " + gnuplot_number(1 - pixels / height); }
};

Layout layout_of(const Figure& figure) {
  const int n = static_cast<int>(figure.panels.size());
  Layout l{};
  l.columns = n <= 1 ? 1 : n == 2 || n == 4 ? 2 : 3;
  l.rows = (n + l.columns - 1) / l.columns;
  if (figure.targets.empty()) l.right = 16;
  if (n > 1) l.top = 28;
  l.width = l.columns == 1 ? 520 : l.columns == 2 ? 740 : 900;
  l.panel_width = (l.width - l.left - l.right - (l.columns - 1) * l.between) / l.columns;
  size_t longest = 4;
  int keys = 0;
  for (size_t m = 0; m < figure.methods.size(); ++m)
    if (in_key(figure, m)) ++keys, longest = std::max(longest, std::min<size_t>(display_width(figure.methods[m]), 34));
  l.key_columns = std::clamp((l.width - l.left) / static_cast<int>(longest * 7 + kKeyLine), 1, std::max(1, keys));
  l.key_width = static_cast<int>(longest * 7 + kKeyLine);
  l.key_height = 12 + 18 * ((keys + l.key_columns - 1) / l.key_columns);
  l.panel_height = l.columns == 1 ? 310 : 250;
  l.height = l.key_height + l.rows * l.panel_height;
  return l;
}

std::string style_of(size_t method, bool with_dash = true) {
  return (with_dash ? " dashtype " + std::to_string(method_dash(method) + 1) : std::string()) + " linecolor rgb '" +
         std::string(method_colour(method)) + "'";
}

/// The lines' names, above all panels: gnuplot's own key is of one plot.
std::string key_script(const Figure& figure, const Layout& l) {
  std::string gp;
  int place = 0;
  for (size_t m = 0; m < figure.methods.size(); ++m) {
    if (!in_key(figure, m)) continue;
    const int x = l.left + place % l.key_columns * l.key_width, y = 14 + place / l.key_columns * 18,
              tag = 100 + place++;
    const std::string name = std::to_string(tag);
    gp += "set arrow " + name + " from " + l.across(x) + ", " + l.down(y) + " to " + l.across(x + 28) + ", " +
          l.down(y) + " nohead linewidth 2.4" + style_of(m) + "\nset label " + name + " " +
          gnuplot_text(figure.methods[m]) + " at " + l.across(x + 35) + ", " + l.down(y) +
          " left textcolor rgb '#222222'\n";
    if (figure.marks)
      gp += "set label " + std::to_string(tag + 500) + " \"\" at " + l.across(x + 14) + ", " + l.down(y) +
            " point pointtype 7 pointsize 0.55" + style_of(m, false) + "\n";
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
  const bool picture = format != PictureFormat::terminal;
  const auto list = [](const std::vector<double>& tics) {
    std::string text;
    for (const double tic : tics) text += (text.empty() ? "" : ", ") + gnuplot_number(tic);
    return text;
  };
  std::string gp = "set xrange [" + gnuplot_number(r.x_low) + ":" + gnuplot_number(r.x_high) + "]\n" + "set yrange [" +
                   gnuplot_number(r.y.low) + ":" + gnuplot_number(r.y.high) + "]\n" +
                   (figure.x_tics.empty() ? tics_of("x", r.x_low, r.x_high, figure.log_x)
                                          : "set xtics (" + list(figure.x_tics) + ")\n") +
                   (picture && !figure.log_x && figure.x_names.empty() && figure.x_tics.empty()
                        ? "set xtics " +
                              gnuplot_number(even_step(r.x_high - r.x_low,
                                                       figure.panels.size() == 3 || figure.panels.size() > 4 ? 4 : 6)) +
                              "\n"
                        : "") +
                   tics_of("y", r.y.low, r.y.high, figure.log_y);
  // Upright letters below each other, as a terminal would have them, are hard to read.
  if (!picture) gp += "set label " + gnuplot_text(figure.y_label, 60) + " at graph 0.02, graph 1.0 left\n";
  gp += figure.panels.size() > 1 ? "set title " + gnuplot_text(panel.title, 48) +
                                       (picture ? " offset 0,-0.6 textcolor rgb '#222222'\n" : "\n")
                                 : "unset title\n";
  const std::string grey = picture ? " font " + small_font(format) + " textcolor rgb '#666666'" : "";
  int tag = 10;
  for (const double target : figure.targets) {
    if (!(target <= r.y.high && target >= r.y.low)) continue;
    const std::string at = "graph 1, first " + gnuplot_number(target);
    gp += "set arrow " + std::to_string(tag) + " from graph 0, first " + gnuplot_number(target) + " to " + at +
          " nohead" + (picture ? " dashtype 3 linewidth 1 linecolor rgb '#666666' back\n" : "\n");
    if (picture && at_end)
      gp += "set label " + std::to_string(tag) + " \"target\\n" + fixed(target, 3) + "\" at " + at +
            " left offset 0.6,0.3" + grey + "\n";
    ++tag;
  }
  if (figure.reference) {
    const std::string at = gnuplot_number(*figure.reference);
    gp += "set arrow " + std::to_string(tag++) + " from graph 0, first " + at + " to graph 1, first " + at + " nohead" +
          (picture ? " linewidth 1 linecolor rgb '#999999' back\n" : "\n");
  }
  if (r.y.start > r.y.high && figure.falls && !figure.log_y) {
    const bool line_above = std::any_of(figure.targets.begin(), figure.targets.end(),
                                        [&](double t) { return t > r.y.high - 0.1 * (r.y.high - r.y.low); });
    gp += "set label " + std::to_string(tag) + " 'start: " + fixed(r.y.start, 2) + "' at graph 0.99, graph " +
          (line_above ? "0.87" : "0.965") + " right" + grey + "\n";
  }
  std::string bands, lines;
  for (size_t s = 0; s < panel.series.size(); ++s) {
    const Series& series = panel.series[s];
    const std::string of = "  '" + data + "' index " + std::to_string(block + s);
    if (series.band && picture)
      bands +=
          of +
          (figure.marks ? " using 1:2:3:4 with yerrorbars pointtype -1 linewidth 1.2" + style_of(series.method, false)
                        : " using 1:3:4 with filledcurves" + style_of(series.method, false)) +
          " notitle, \\\n";
    const std::string width = picture ? " linewidth 2" : "";
    lines += of + (figure.marks ? " using 1:2 with linespoints pointtype 7 pointsize 0.55" : " using 1:2 with lines") +
             width + style_of(series.method) +
             (picture ? " notitle, \\\n" : " title " + gnuplot_text(figure.methods[series.method]) + ", \\\n");
  }
  return gp + "plot \\\n" + bands + lines + "  NaN notitle\n";
}

std::string axes_script(const Figure& figure, bool picture) {
  std::string gp;
  if (picture)
    gp +=
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
  return picture ? gp : gp + "set xlabel " + gnuplot_text(figure.x_label, 60) + "\n";
}

}  // namespace

Picture draw_figure(const Figure& figure, const std::string& name, PictureFormat format, int terminal_columns,
                    bool terminal_colour) {
  Picture picture{name, "", "# x, mean, low and high end of its 95 % band; a block a line, panel by panel\n", format};
  const Layout l = layout_of(figure);
  const bool drawn = format != PictureFormat::terminal;
  const int rows = std::clamp(terminal_columns / 4 + static_cast<int>(figure.methods.size()), 16, 36);
  std::string& gp = picture.script = drawn ? picture_heading(name, format, l.width, l.height)
                                           : picture_heading(name, format, terminal_columns, rows, terminal_colour);
  gp += axes_script(figure, drawn);
  gp += drawn ? std::string("unset key\n") : "set key tmargin left vertical Left reverse maxcols 1\n";
  if (drawn && figure.panels.size() > 1) gp += "set multiplot\n";
  const Ranges common = ranges_of(figure, all_of(figure));
  size_t block = 0;
  for (size_t p = 0; p < figure.panels.size(); ++p) {
    const Panel& panel = figure.panels[p];
    gp += "unset label\nunset arrow\n";
    const bool at_end =
        static_cast<int>(p) % l.columns == l.columns - 1 || p + 1 == figure.panels.size() || figure.own_axes;
    if (drawn) {
      if (p == 0) gp += key_script(figure, l);
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
    }
    gp += panel_script(figure, panel, figure.own_axes ? ranges_of(figure, {&panel}) : common, name + ".dat", block,
                       format, at_end);
    for (const Series& series : panel.series) {
      picture.data += "# " + std::to_string(block++) + "\n";
      // A logarithmic axis has no place for a band's end at or below zero.
      const auto shown = [&](double y, double mean) { return figure.log_y ? std::max(y, mean / 1e3) : y; };
      for (const CurvePoint& point : series.points)
        picture.data += gnuplot_number(point.x) + " " + gnuplot_number(point.mean) + " " +
                        gnuplot_number(shown(point.low, point.mean)) + " " + gnuplot_number(point.high) + "\n";
      // gnuplot counts no empty blocks.
      if (series.points.empty()) picture.data += "NaN NaN NaN NaN\n";
      picture.data += "\n\n";
    }
  }
  if (drawn && figure.panels.size() > 1) gp += "unset multiplot\n";
  return picture;
}

}  // namespace experiments
