#include "experiments/report/terminal_figure.h"

#include <algorithm>
#include <cmath>
#include <cstdint>

#include "experiments/report/figure_ranges.h"
#include "experiments/report/format.h"
#include "experiments/report/palette.h"

namespace experiments {
namespace {

constexpr int kRows = 16;
constexpr size_t kLeft = 9;  ///< columns of the numbers at the y axis, and the axis
constexpr size_t kLongestName = 22;

/// A character of the terminal, of 2 × 4 dots, and whose they are.
struct Cell {
  uint8_t dots = 0;
  int method = -1;  ///< the last that drew there; −1: a target or the reference
};

/// UTF-8 of the Braille pattern (U+2800 and its dots).
std::string braille(uint8_t dots) {
  const unsigned code = 0x2800u + dots;
  return {static_cast<char>(0xE0 | code >> 12), static_cast<char>(0x80 | (code >> 6 & 0x3F)),
          static_cast<char>(0x80 | (code & 0x3F))};
}

/// A panel's dots, the origin at the left above.
class Canvas {
 public:
  Canvas(int columns, const Figure& figure, const Ranges& ranges)
      : columns_(columns), figure_(figure), ranges_(ranges), cells_(static_cast<size_t>(columns * kRows)) {}
  int width() const { return 2 * columns_; }
  int height() const { return 4 * kRows; }

  /// In dots; not finite where the axis has no place.
  double across(double x) const {
    const double at = share(x, ranges_.x_low, ranges_.x_high, figure_.log_x);
    return (figure_.x_falls ? 1 - at : at) * (width() - 1);
  }
  double down(double y) const { return (1 - share(y, ranges_.y.low, ranges_.y.high, figure_.log_y)) * (height() - 1); }

  void dot(double x, double y, int method) {
    const auto column = std::lround(x), row = std::lround(y);
    if (!(x > -0.5 && y > -0.5) || column >= width() || row >= height()) return;
    constexpr uint8_t bits[4][2] = {{0x01, 0x08}, {0x02, 0x10}, {0x04, 0x20}, {0x40, 0x80}};
    Cell& cell = cells_[static_cast<size_t>(row / 4 * columns_ + column / 2)];
    cell.dots |= bits[row % 4][column % 2];
    if (method >= 0 || cell.method < 0) cell.method = method;
  }
  /// `dash`: as of slot_dash(), told by gaps.
  void line(const CurvePoint& from, const CurvePoint& to, int method, size_t dash) {
    constexpr int period[] = {1, 6, 3, 9}, drawn[] = {1, 4, 1, 6};
    const double x = across(from.x), y = down(from.mean), dx = across(to.x) - x, dy = down(to.mean) - y;
    const int steps = std::max(1, static_cast<int>(std::ceil(std::min(1e4, std::max(std::abs(dx), std::abs(dy))))));
    for (int i = 0; i <= steps; ++i) {
      const double px = x + dx * i / steps;
      if (static_cast<int>(std::max(0.0, px)) % period[dash] < drawn[dash]) dot(px, y + dy * i / steps, method);
    }
  }
  const Cell& at(int row, int column) const { return cells_[static_cast<size_t>(row * columns_ + column)]; }

 private:
  static double share(double value, double low, double high, bool logarithmic) {
    return logarithmic ? std::log(value / low) / std::log(high / low) : (value - low) / (high - low);
  }
  int columns_;
  const Figure& figure_;
  const Ranges& ranges_;
  std::vector<Cell> cells_;
};

std::string coloured(const std::string& text, size_t slot, bool colour) {
  if (!colour || text.empty()) return text;
  const std::string_view hex = slot_colour(slot);
  const auto part = [&](size_t at) { return std::to_string(std::stoi(std::string(hex.substr(at, 2)), nullptr, 16)); };
  return "\033[38;2;" + part(1) + ";" + part(3) + ";" + part(5) + "m" + text + "\033[0m";
}

std::string axis_number(double value) {
  const double size = std::abs(value);
  return fixed(value, size >= 100 || value == 0 ? 0 : size >= 10 ? 1 : size >= 1 ? 2 : 3);
}

/// Which method's name stands at each row: at its line's end, or as near as is free; −1: none.
std::vector<int> name_rows(const Panel& panel, const Canvas& canvas) {
  std::vector<std::pair<double, int>> ends;
  for (const Series& series : panel.series)
    if (!series.points.empty())
      ends.emplace_back(std::clamp(canvas.down(series.points.back().mean) / 4, 0.0, kRows - 1.0),
                        static_cast<int>(series.method));
  std::sort(ends.begin(), ends.end());
  std::vector<int> rows(kRows, -1);
  for (const auto& [wanted, method] : ends) {
    int best = -1;
    for (int row = 0; row < kRows; ++row)
      if (rows[static_cast<size_t>(row)] < 0 && (best < 0 || std::abs(row - wanted) < std::abs(best - wanted)))
        best = row;
    if (best >= 0) rows[static_cast<size_t>(best)] = method;
  }
  return rows;
}

std::string panel_text(const Figure& figure, const Panel& panel, size_t columns, bool colour) {
  const Ranges ranges = ranges_of(figure, panel);
  const std::vector<size_t> slots = method_slots(figure.methods);
  size_t names = 0;
  for (const Series& series : panel.series)
    names = std::max(names, std::min(kLongestName, display_width(key_text(figure, series.method))));
  names = std::min(names, columns / 3);
  Canvas canvas(static_cast<int>(columns - kLeft - 1 - names), figure, ranges);
  std::vector<double> levels = figure.targets;
  if (figure.reference) levels.push_back(*figure.reference);
  for (const double level : levels)
    for (int x = 0; x < canvas.width(); x += 4) canvas.dot(x, canvas.down(level), -1);
  for (const Series& series : panel.series) {
    const int method = static_cast<int>(series.method);
    for (size_t i = 0; i < series.points.size(); ++i) {
      const CurvePoint& p = series.points[i];
      canvas.line(series.points[i > 0 ? i - 1 : 0], p, method, figure.marks ? 0 : slot_dash(slots[series.method]));
      if (!figure.marks) continue;
      const double x = canvas.across(p.x), top = canvas.down(p.high), bottom = canvas.down(p.low);
      for (double y = std::max(0.0, top); y <= std::min(bottom, canvas.height() - 1.0); y += 1)
        canvas.dot(x, y, method);
    }
  }
  const auto y_at = [&](int row) {  // of the row's middle
    const double share = 1 - (4 * row + 1.5) / (canvas.height() - 1);
    return figure.log_y ? ranges.y.low * std::pow(ranges.y.high / ranges.y.low, share)
                        : ranges.y.low + (ranges.y.high - ranges.y.low) * share;
  };
  const std::vector<int> at_end = name_rows(panel, canvas);
  std::string text = panel.title.empty() ? "" : fit(panel.title, columns) + "\n";
  const std::string cut = cut_text(figure, ranges);
  text += fit(figure.y_label + (cut.empty() ? "" : "   (" + cut + ")"), columns) + "\n";
  const int inside = canvas.width() / 2;
  for (int row = 0; row < kRows; ++row) {
    text += right_in(row % 5 == 0 ? axis_number(y_at(row)) : "", kLeft - 2) + (row % 5 == 0 ? " ┤" : " │");
    std::string line;
    for (int column = 0; column < inside; ++column) {
      const Cell& cell = canvas.at(row, column);
      if (cell.dots == 0)
        line += ' ';
      else if (cell.method < 0)
        line += braille(cell.dots);
      else
        line += coloured(braille(cell.dots), slots[static_cast<size_t>(cell.method)], colour);
    }
    if (const int method = at_end[static_cast<size_t>(row)]; method >= 0) {
      const auto m = static_cast<size_t>(method);
      line += " " + coloured(fit(key_text(figure, m), names), slots[m], colour);
    }
    text += line.substr(0, line.find_last_not_of(' ') + 1) + "\n";
  }
  text += std::string(kLeft - 1, ' ') + "└";
  for (int column = 0; column < inside; ++column) text += "─";
  text += "\n";
  std::string tics(static_cast<size_t>(inside) + 1, ' ');
  const auto put = [&](double share, const std::string& label) {
    if (label.size() > tics.size()) return;
    const double at = share * inside - static_cast<double>(label.size()) / 2;
    const auto first = static_cast<size_t>(std::clamp(at, 0.0, static_cast<double>(tics.size() - label.size())));
    if (tics.substr(first, label.size()).find_first_not_of(' ') == std::string::npos)
      tics.replace(first, label.size(), label);
  };
  if (!figure.x_names.empty()) {
    for (size_t i = 0; i < figure.x_names.size(); ++i) {
      std::string ascii = fit(figure.x_names[i], 12);
      if (display_width(ascii) == ascii.size()) put(canvas.across(static_cast<double>(i)) / canvas.width(), ascii);
    }
  } else {
    for (const double share : {0.0, 1.0, 0.5, 0.25, 0.75}) {
      const double along = figure.x_falls ? 1 - share : share;
      put(share, axis_number(figure.log_x ? ranges.x_low * std::pow(ranges.x_high / ranges.x_low, along)
                                          : ranges.x_low + (ranges.x_high - ranges.x_low) * along));
    }
  }
  return text + std::string(kLeft - 1, ' ') + tics.substr(0, tics.find_last_not_of(' ') + 1) + "\n" +
         std::string(kLeft, ' ') + fit(figure.x_label, columns - kLeft) + "\n";
}

}  // namespace

std::string terminal_figure(const Figure& figure, size_t columns, bool colour) {
  std::string text;
  for (const Panel& panel : figure.panels)
    text += (text.empty() ? "" : "\n") + panel_text(figure, panel, std::max<size_t>(columns, 40), colour);
  return text;
}

}  // namespace experiments
