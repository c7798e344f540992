#include "experiments/report/heat_map.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "experiments/report/format.h"

namespace experiments {
namespace {

using Colour = std::array<double, 3>;  // red, green, blue, 0 … 255

// Okabe & Ito's blue and vermillion: told apart by colour-blind readers, and both dark at their ends.
constexpr Colour kWhite{250, 250, 250}, kBlue{0, 84, 140}, kOrange{200, 80, 0}, kMissing{225, 225, 225};

Colour between(const Colour& from, const Colour& to, double share) {
  Colour c{};
  for (size_t i = 0; i < 3; ++i) c[i] = from[i] + (to[i] - from[i]) * std::clamp(share, 0.0, 1.0);
  return c;
}

/// How a reader's eye weighs the channels (ITU-R BT.601).
bool dark(const Colour& c) { return 0.299 * c[0] + 0.587 * c[1] + 0.114 * c[2] < 140; }

int rgb(const Colour& c) {
  return static_cast<int>(c[0]) * 65536 + static_cast<int>(c[1]) * 256 + static_cast<int>(c[2]);
}

struct Scale {
  bool around_one;
  double low = INFINITY, high = -INFINITY;

  explicit Scale(const HeatMap& map) : around_one(map.around_one) {
    for (const HeatMap::Map& one : map.maps)
      for (const auto& value : one.values)
        if (value) {
          low = std::min(low, *value);
          high = std::max(high, *value);
        }
    // Both sides of 1 alike: a colour's depth is the factor.
    if (around_one) high = std::max({high, 1 / low, 1.05});
  }
  Colour colour(const std::optional<double>& value) const {
    if (!value) return kMissing;
    if (around_one) return between(kWhite, *value >= 1 ? kBlue : kOrange, std::abs(std::log(*value)) / std::log(high));
    return between(kWhite, kBlue, high > low ? 0.08 + 0.92 * (*value - low) / (high - low) : 0.4);
  }
};

std::string tics(const std::vector<std::string>& names) {
  std::string text;
  for (size_t i = 0; i < names.size(); ++i) {
    std::string label;  // a tic's label is a number format: % is doubled
    for (char c : fit(names[i], 16)) label += c == '%' ? std::string("%%") : std::string(1, c);
    text += (i ? ", " : "") + gnuplot_text(label, 40) + " " + std::to_string(i);
  }
  return text;
}

size_t longest_of(const std::vector<std::string>& names) {
  size_t longest = 1;
  for (const std::string& name : names) longest = std::max(longest, std::min<size_t>(display_width(name), 16));
  return longest;
}

}  // namespace

Picture draw_heat_map(const HeatMap& map, const std::string& name, PictureFormat format) {
  Picture picture{name, "",
                  "# x, y, the cell's ends, its colour, its number; per map a block of cells with dark ink, one with "
                  "light ink, one of those to hatch\n",
                  format};
  const Scale scale(map);
  const int n = static_cast<int>(map.maps.size()), wide = static_cast<int>(map.x_names.size()),
            tall = static_cast<int>(map.y_names.size());
  const int cell = std::clamp(static_cast<int>(longest_of(map.x_names)) * 7 + 14, 52, 120);
  const int left = 38 + static_cast<int>(longest_of(map.y_names)) * 7, right = 14, top = 30, bottom = 54;
  const int panel_width = left + cell * wide + right, panel_height = top + 34 * tall + bottom;
  const int columns = std::clamp(900 / panel_width, 1, n), rows = (n + columns - 1) / columns, head = 26;
  const int width = std::max(columns * panel_width, static_cast<int>(map.measure.size()) * 8 + 24),
            height = head + rows * panel_height;

  std::string& gp = picture.script = picture_heading(name, format, width, height);
  gp +=
      "set border 0\nset tics scale 0\nunset key\nset style fill solid 1 noborder\n"
      "set label 1000 " +
      gnuplot_text(map.measure, 100) + " at screen " + gnuplot_number(12.0 / width) + ", screen " +
      gnuplot_number(1 - 14.0 / height) +
      " left textcolor rgb '#222222'\n"
      "set xtics (" +
      tics(map.x_names) + ")\nset ytics (" + tics(map.y_names) +
      ")\n"
      "set xrange [-0.5:" +
      gnuplot_number(wide - 0.5) + "]\nset yrange [-0.5:" + gnuplot_number(tall - 0.5) + "]\nset multiplot\n";
  for (int m = 0; m < n; ++m) {
    const int x = m % columns * panel_width, y = head + m / columns * panel_height;
    const auto across = [&](int pixels) { return gnuplot_number(static_cast<double>(pixels) / width); };
    const auto up = [&](int pixels) { return gnuplot_number(1 - static_cast<double>(pixels) / height); };
    gp += "set lmargin at screen " + across(x + left) + "\nset rmargin at screen " + across(x + left + cell * wide) +
          "\nset tmargin at screen " + up(y + top) + "\nset bmargin at screen " + up(y + top + 34 * tall) +
          "\nset title " + gnuplot_text(map.maps[static_cast<size_t>(m)].title) +
          " offset 0,-0.6 textcolor rgb '#222222'\n" +
          // Labels of our own, as in a figure.
          "set label 1 " + gnuplot_text(map.x_label) + " at screen " + across(x + left + cell * wide / 2) +
          ", screen " + up(y + top + 34 * tall + (format == PictureFormat::svg ? 40 : 36)) +
          " center textcolor rgb '#222222'\nset label 2 " + gnuplot_text(map.y_label) + " at screen " + across(x + 12) +
          ", screen " + up(y + top + 17 * tall) + " center rotate textcolor rgb '#222222'\n";
    if (m == 1) gp += "unset label 1000\n";
    std::string inks[2], doubtful;
    const std::vector<bool>& doubt = map.maps[static_cast<size_t>(m)].doubt;
    for (int row = 0; row < tall; ++row) {
      for (int column = 0; column < wide; ++column) {
        const auto& value = map.maps[static_cast<size_t>(m)].values[static_cast<size_t>(row * wide + column)];
        const Colour colour = scale.colour(value);
        std::string& block = inks[dark(colour)];
        std::string place;
        for (const double number : {column + 0.0, row + 0.0, column - 0.49, column + 0.49, row - 0.48, row + 0.48})
          place += gnuplot_number(number) + " ";
        if (!doubt.empty() && doubt[static_cast<size_t>(row * wide + column)]) doubtful += place + "\n";
        block += place + std::to_string(rgb(colour)) + " \"" + (value ? fixed(value, map.decimals) : "–") + "\"\n";
      }
    }
    std::string plots;
    const auto index = [&](int block) { return "  '" + name + ".dat' index " + std::to_string(3 * m + block); };
    for (int ink = 0; ink < 2; ++ink) {
      picture.data += (inks[ink].empty() ? "NaN NaN NaN NaN NaN NaN 0 \"\"\n" : inks[ink]) + "\n\n";
      const std::string of = index(ink);
      plots += of + " using 1:2:3:4:5:6:7 with boxxyerror linecolor rgb variable, \\\n" + of +
               " using 1:2:8 with labels textcolor rgb '" + (ink ? "#FFFFFF" : "#222222") + "', \\\n";
    }
    picture.data += (doubtful.empty() ? "NaN NaN NaN NaN NaN NaN\n" : doubtful) + "\n\n";
    plots +=
        index(2) +
        " using 1:2:3:4:5:6 with boxxyerror fillstyle transparent pattern 4 noborder linecolor rgb '#777777', \\\n";
    gp += "plot \\\n" + plots + "  NaN notitle\n";
  }
  gp += "unset multiplot\n";
  return picture;
}

std::string heat_map_table(const HeatMap& map) {
  std::string text = map.measure + ", " + map.y_label + " down, " + map.x_label + " across\n";
  bool any_doubt = false;
  for (const HeatMap::Map& one : map.maps) {
    size_t first = display_width(one.title);
    for (const std::string& name : map.y_names) first = std::max(first, display_width(name) + 2);
    text += "\n" + left_in(one.title, first);
    for (const std::string& name : map.x_names) text += "  " + right_in(name, 9);
    text += "\n";
    for (size_t row = map.y_names.size(); row-- > 0;) {
      text += left_in("  " + map.y_names[row], first);
      for (size_t column = 0; column < map.x_names.size(); ++column) {
        const size_t at = row * map.x_names.size() + column;
        const bool doubt = !one.doubt.empty() && one.doubt[at];
        text += "  " + right_in(fixed(one.values[at], map.decimals) + (doubt ? "~" : ""),
                                std::max<size_t>(9, display_width(map.x_names[column])));
        any_doubt = any_doubt || doubt;
      }
      text += "\n";
    }
  }
  return any_doubt ? text + "~ not distinguishable from 1: its 95 % interval holds 1\n" : text;
}

}  // namespace experiments
