#include "experiments/config/sweep.h"

#include <algorithm>
#include <array>
#include <set>

#include "experiments/config/compose.h"
#include "experiments/config/parse.h"
#include "experiments/config/place.h"
#include "experiments/config/quantity.h"
#include "experiments/config/schema.h"
#include "experiments/config/sweep_axes.h"

namespace experiments {
namespace {

constexpr size_t kMostPoints = 100'000;

/// A value that a point has taken, and the places it went to.
struct Applied {
  std::string origin;
  std::string pointer;  // where the axis says where to
  std::vector<std::string> places;
};

/// Which value of each axis a point has.
using Choice = std::vector<size_t>;

/// All choices, the last axis varying fastest.
std::vector<Choice> choices_of(const std::vector<SweepAxisValues>& axes) {
  std::vector<Choice> all{Choice(axes.size(), 0)};
  for (Choice next = all[0];;) {
    size_t a = axes.size();
    while (a > 0 && ++next[a - 1] == axes[a - 1].count()) next[--a] = 0;
    if (a == 0) return all;
    all.push_back(next);
  }
}

/// A point's mistake where the user wrote what it is about: at an axis's value, if one went there, or at its pointer,
/// if that made the key.
Mistake written_at(const Mistake& mistake, const std::vector<Applied>& applied, const Json& base) {
  const std::string& pointer = mistake.pointer;
  for (size_t i = applied.size(); i-- > 0;)
    for (const std::string& place : applied[i].places)
      if (mistake.message.starts_with("is unknown") && lies_in(place, pointer) &&
          !base.contains(Json::json_pointer(pointer)))
        return {applied[i].pointer, text_of(place) + ": " + pointer + " " + mistake.message};
  for (size_t i = applied.size(); i-- > 0;)
    for (const std::string& place : applied[i].places)
      if (pointer.compare(0, place.size(), place) == 0 &&
          (pointer.size() == place.size() || pointer[place.size()] == '/'))
        return {applied[i].origin + pointer.substr(place.size()), "as " + pointer + " " + mistake.message};
  return mistake;
}

/// The mistakes of many points: each once, with the first point that has it and how many more do.
class PointMistakes {
 public:
  void add(const Mistake& mistake, const std::string& point) {
    const auto same = std::find_if(found_.begin(), found_.end(), [&](const Found& f) { return f.mistake == mistake; });
    if (same == found_.end())
      found_.push_back({mistake, point, 0});
    else
      ++same->more;
  }
  std::vector<Mistake> all() const {
    std::vector<Mistake> mistakes;
    for (const Found& f : found_)
      mistakes.push_back({f.mistake.pointer, f.mistake.message + " (point " + f.point +
                                                 (f.more ? " and " + std::to_string(f.more) + " more" : "") + ")"});
    return mistakes;
  }

 private:
  struct Found {
    Mistake mistake;
    std::string point;
    size_t more;
  };
  std::vector<Found> found_;
};

/// What is written with a unit becomes a number, so that pictures have it on an axis; its label stays.
void measure(SweepColumnValues& column, const std::string& unit) {
  for (NamedValue& value : column.values)
    if (value.value.is_string() && !unit.empty())
      if (const auto number = quantity(value.value.get_ref<const std::string&>(), unit)) value.value = *number;
}

/// Sets the choice's values in `document`. Appends to `mistakes` where a pointer leads nowhere.
void apply(const std::vector<SweepAxisValues>& axes, const Choice& choice, Json& document, const std::string& file,
           SweepPoint& point, std::vector<Applied>& applied, std::vector<Mistake>& mistakes) {
  for (size_t a = 0; a < axes.size(); ++a) {
    for (const SweepColumnValues& column : axes[a].columns) {
      const NamedValue& value = column.values[choice[a]];
      point.settings.push_back({column.name, value.label, value.value});
      Applied here{value.origin, column.origin + "/pointer", {}};
      for (const std::string& pointer : column.pointers) {
        const auto found = set_everywhere(document, file, pointer, value.value);
        if (found.empty()) mistakes.push_back({column.origin + "/pointer", Json(pointer).dump() + " " + kLeadsNowhere});
        for (const Json::json_pointer& place : found) here.places.push_back(place.to_string());
      }
      applied.push_back(std::move(here));
    }
  }
}

/// A method's settings override the common ones, so that a swept common setting may reach none.
void check_effect(const std::vector<SweepAxisValues>& axes, const std::vector<Choice>& choices,
                  const std::vector<SweepPoint>& points, std::vector<Mistake>& mistakes) {
  for (size_t a = 0; a < axes.size(); ++a) {
    if (axes[a].count() < 2) continue;
    std::set<std::string> distinct;
    for (size_t i = 0; i < points.size(); ++i) {
      Choice others = choices[i];
      others[a] = 0;
      if (others == Choice(axes.size(), 0)) distinct.insert(to_json(points[i].experiment).dump());
    }
    if (distinct.size() == 1)
      mistakes.push_back({axes[a].origin,
                          "changes nothing: every method gives these settings a value of its own; allowed: a setting "
                          "that a method takes, such as /methods/*/…"});
  }
}

}  // namespace

bool describes_sweep(const Json& document) {
  const auto sweep = document.is_object() ? document.find("sweep") : document.end();
  return sweep != document.end() && !sweep->is_null();
}

std::string point_text(const std::vector<SweepSetting>& settings) {
  std::string text;
  for (const SweepSetting& setting : settings) text += (text.empty() ? "" : ", ") + setting.axis + "=" + setting.label;
  return text.empty() ? "the only point" : text;
}

Sweep expand_sweep(const Json& document, const std::string& file) {
  parse_experiment(document, file);
  std::vector<Mistake> mistakes;
  const Json whole = Composition(document, file).document();
  std::vector<SweepAxisValues> axes =
      describes_sweep(whole) ? read_axes(whole["sweep"], mistakes) : std::vector<SweepAxisValues>{};
  double count = 1;
  for (const SweepAxisValues& axis : axes) count *= static_cast<double>(axis.count());
  if (mistakes.empty() && count > static_cast<double>(kMostPoints))
    mistakes.push_back(
        {"/sweep/axes", "makes " + number_text(count) + " points; allowed: at most " + std::to_string(kMostPoints)});
  if (!mistakes.empty()) throw InvalidConfig(file, std::move(mistakes));

  Sweep sweep;
  for (SweepAxisValues& axis : axes)
    for (SweepColumnValues& column : axis.columns) {
      sweep.axes.push_back(column.name);
      sweep.units.push_back(unit_of(column.pointers[0]));
      measure(column, sweep.units.back());
      sweep.pointers.insert(sweep.pointers.end(), column.pointers.begin(), column.pointers.end());
    }
  Json base = document;
  if (base.is_object()) base.erase("sweep");
  PointMistakes of_points;
  const std::vector<Choice> choices = choices_of(axes);
  for (const Choice& choice : choices) {
    SweepPoint point;
    std::vector<Applied> applied;
    std::vector<Mistake> found;
    Json at_point = base;
    apply(axes, choice, at_point, file, point, applied, found);
    try {
      if (found.empty()) point.experiment = parse_experiment(at_point, file);
    } catch (const InvalidConfig& error) {
      for (const Mistake& mistake : error.mistakes()) found.push_back(written_at(mistake, applied, base));
    }
    for (const Mistake& mistake : found) of_points.add(mistake, point_text(point.settings));
    sweep.points.push_back(std::move(point));
  }
  mistakes = of_points.all();
  if (mistakes.empty()) check_effect(axes, choices, sweep.points, mistakes);
  if (!mistakes.empty()) throw InvalidConfig(file, std::move(mistakes));
  return sweep;
}

}  // namespace experiments
