#include "experiments/report/figure_ranges.h"

#include <algorithm>

#include "experiments/report/format.h"

namespace experiments {
namespace {

template <class Each>
void each_point(const std::vector<const Panel*>& panels, Each&& each) {
  for (const Panel* panel : panels)
    for (const Series& s : panel->series)
      for (const CurvePoint& p : s.points) each(p);
}

/// All losses from each curve's second point on: the first is before any training, and told in words where it is above.
/// A curve that rises so far that nothing else could be seen is cut, and the picture says how high it goes.
Range interesting(const std::vector<const Panel*>& panels, double x_end) {
  constexpr double kRoom = 5;  // times the height that the curves have after a tenth of the axis
  Range range{INFINITY, -INFINITY, -INFINITY, -INFINITY};
  double usual = -INFINITY;
  for (const Panel* panel : panels)
    for (const Series& s : panel->series) {
      if (s.points.empty()) continue;
      range.start = std::max(range.start, s.points.front().mean);
      const auto early =
          std::find_if(s.points.begin(), s.points.end(), [&](const CurvePoint& p) { return p.x >= 0.1 * x_end; });
      usual = std::max(usual, std::min((early == s.points.end() ? s.points.back() : *early).high, s.points[0].mean));
      for (size_t i = 0; i < s.points.size(); ++i) {
        range.low = std::min(range.low, s.points[i].low);
        if (i > 0 || s.points.size() == 1) range.top = std::max(range.top, s.points[i].high);
      }
    }
  if (!(range.top >= range.low)) return {0, 1, -INFINITY, -INFINITY};
  range.high = std::min(range.top, usual + kRoom * std::max(usual - range.low, 1e-3 * std::abs(usual)));
  // A little more, and the whole beginning is seen.
  if (range.start - range.high < 0.3 * (range.high - range.low)) range.high = std::max(range.high, range.start);
  return range;
}

}  // namespace

Ranges ranges_of(const Figure& figure, const std::vector<const Panel*>& panels) {
  Ranges r{INFINITY, -INFINITY, {}};
  each_point(panels, [&](const CurvePoint& p) {
    r.x_low = std::min(r.x_low, p.x);
    r.x_high = std::max(r.x_high, p.x);
  });
  if (!(r.x_high >= r.x_low)) {
    r.x_low = figure.log_x ? 0.1 : 0;
    r.x_high = 1;
  }
  if (figure.falls && !figure.log_y && !figure.log_x && !figure.marks) {
    r.y = interesting(panels, r.x_high);
  } else {
    r.y = {INFINITY, -INFINITY, -INFINITY, -INFINITY};
    each_point(panels, [&](const CurvePoint& p) {
      r.y.low = std::min(r.y.low, figure.log_y ? p.mean : p.low);
      r.y.high = std::max(r.y.high, p.high);
    });
    if (!(r.y.high >= r.y.low)) {
      r.y.low = figure.log_y ? 0.1 : 0;
      r.y.high = 1;
    }
  }
  if (figure.reference) {
    r.y.low = std::min(r.y.low, *figure.reference);
    r.y.high = std::max(r.y.high, *figure.reference);
  }
  for (const double target : figure.targets) {
    r.y.low = std::min(r.y.low, target);
    r.y.high = std::max(r.y.high, target);
  }
  const double margin = std::max(0.05 * (r.y.high - r.y.low), 1e-3 * std::abs(r.y.low) + 1e-9);
  if (figure.log_y) {
    r.y.low /= 1.05;
    r.y.high *= 1.05;
  } else {
    r.y.low -= margin;
    r.y.high += margin;
  }
  if (figure.low) r.y.low = *figure.low;
  if (figure.high) r.y.high = *figure.high;
  if (!figure.x_names.empty()) {
    r.x_low -= 0.3;
    r.x_high += 0.3;
  } else if (figure.marks && figure.log_x) {
    r.x_low /= 1.15;
    r.x_high *= 1.15;
  } else if (figure.marks) {
    r.x_low -= 0.05 * (r.x_high - r.x_low) + 1e-9;
    r.x_high += 0.05 * (r.x_high - r.x_low) + 1e-9;
  } else if (!figure.log_x && !figure.x_falls)
    r.x_low = 0;
  if (!(r.x_high > r.x_low)) r.x_high = figure.log_x ? r.x_low * 2 : r.x_low + 1;
  return r;
}

Ranges ranges_of(const Figure& figure, const Panel& panel) {
  if (figure.own_axes) return ranges_of(figure, {&panel});
  std::vector<const Panel*> all;
  for (const Panel& one : figure.panels) all.push_back(&one);
  return ranges_of(figure, all);
}

std::string cut_text(const Figure& figure, const Ranges& r) {
  if (!figure.falls || figure.log_y) return "";
  const bool start = r.y.start > r.y.high, cut = r.y.top > r.y.high;
  return (start ? "start: " + fixed(r.y.start, 2) : "") + (start && cut ? ", " : "") +
         (cut ? "cut; goes up to " + fixed(r.y.top, 2) : "");
}

bool in_key(const Figure& figure, size_t method) { return figure.hidden.empty() || !figure.hidden[method]; }

std::string key_text(const Figure& figure, size_t method) {
  return figure.methods[method] + (figure.remarks.empty() ? "" : figure.remarks[method]);
}

}  // namespace experiments
