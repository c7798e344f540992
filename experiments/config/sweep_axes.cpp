#include "experiments/config/sweep_axes.h"

#include <algorithm>
#include <array>
#include <set>

#include "experiments/config/sweep_config.h"

namespace experiments {
namespace {

/// Columns of the summary that an axis's name would collide with.
constexpr std::array<std::string_view, 5> kTaken{"sweep", "point", "method", "seed", "seeds"};
/// What makes the points one comparison and so is the same at all of them.
constexpr std::array<const char*, 7> kFixed{"/name",         "/description", "/seeds",  "/baseline",
                                            "/save_weights", "/sweep",       "/$schema"};

bool is_pointer(const std::string& text) {
  try {
    return !Json::json_pointer(text).empty();
  } catch (const Json::exception&) {
    return false;
  }
}

/// The pointer's last key; the whole pointer where that is only an index.
std::string default_name(const std::string& pointer) {
  const std::string last = Json::json_pointer(pointer).back();
  return last.find_first_not_of("0123456789-*") == std::string::npos ? pointer : last;
}

bool may_vary(const std::string& pointer) {
  if (std::any_of(kFixed.begin(), kFixed.end(), [&](const char* key) { return lies_in(pointer, key); })) return false;
  if (!lies_in(pointer, "/methods")) return true;
  // A method stays the method of its name: only its settings vary.
  const Json::json_pointer place(pointer);
  const bool whole = pointer == "/methods" || place.parent_pointer().to_string() == "/methods";
  return !whole && !(place.back() == "name" && place.parent_pointer().parent_pointer().to_string() == "/methods");
}

NamedValue named_value(const Json& json, const std::string& origin, std::vector<Mistake>& mistakes) {
  if (!json.is_object() || !json.contains("name") || !json.contains("value"))
    return {json.is_string() ? json.get<std::string>() : json.dump(), json, origin};
  NamedValue value{"", json["value"], origin + "/value"};
  JsonReader reader(json, origin, mistakes);
  reader.field("name", value.label, not_empty(), "", "");
  reader.know("value");
  reader.finish();
  return value;
}

SweepColumnValues read_column(const SweepColumn& config, const std::string& origin, std::vector<Mistake>& mistakes) {
  SweepColumnValues column{origin, config.name.value_or(""), config.pointer.items, {}};
  for (const std::string& pointer : column.pointers) {
    if (!is_pointer(pointer))
      mistakes.push_back(
          {origin + "/pointer",
           Json(pointer).dump() + " is no JSON pointer to a setting; an example: \"/local_steps/steps\""});
    else if (!may_vary(pointer))
      mistakes.push_back(
          {origin + "/pointer",
           Json(pointer).dump() +
               " cannot vary; allowed: the settings of a run, also below /methods/…, but neither names nor seeds"});
    else if (column.name.empty())
      column.name = default_name(pointer);
  }
  for (size_t i = 0; i < config.values.size(); ++i)
    column.values.push_back(named_value(config.values[i], origin + "/values/" + std::to_string(i), mistakes));
  return column;
}

/// Equally many values, and no two points of the axis alike.
void check_axis(const SweepAxisValues& axis, std::vector<Mistake>& mistakes) {
  for (const SweepColumnValues& column : axis.columns)
    if (column.values.size() != axis.count())
      mistakes.push_back({column.origin + "/values", "has " + std::to_string(column.values.size()) + " values beside " +
                                                         std::to_string(axis.count()) +
                                                         " of the zip's first setting; allowed: equally many"});
  std::set<std::vector<std::string>> seen;
  for (size_t i = 0; i < axis.count(); ++i) {
    std::vector<std::string> labels;
    for (const SweepColumnValues& column : axis.columns)
      if (i < column.values.size()) labels.push_back(column.values[i].label);
    if (!seen.insert(labels).second)
      mistakes.push_back(
          {axis.columns[0].origin + "/values/" + std::to_string(i),
           "is called " + Json(labels[0]).dump() + " like an earlier value of the axis; allowed: different names"});
  }
}

/// Names that differ, and no column that overwrites what an earlier one has set.
void check_columns(const std::vector<SweepAxisValues>& axes, std::vector<Mistake>& mistakes) {
  std::vector<const SweepColumnValues*> earlier;
  for (const SweepAxisValues& axis : axes) {
    for (const SweepColumnValues& column : axis.columns) {
      if (std::find(kTaken.begin(), kTaken.end(), column.name) != kTaken.end())
        mistakes.push_back(
            {column.origin,
             "is called \"" + column.name + "\", which heads another column of the tables; allowed: another \"name\""});
      for (const SweepColumnValues* other : earlier) {
        if (other->name == column.name)
          mistakes.push_back({column.origin, "is called \"" + column.name + "\" like " + other->origin +
                                                 "; allowed: a \"name\" of its own"});
        for (const std::string& pointer : column.pointers)
          for (const std::string& set : other->pointers)
            if (lies_in(set, pointer))
              mistakes.push_back({column.origin + "/pointer", Json(pointer).dump() + " would overwrite what " +
                                                                  other->origin + " sets at " + Json(set).dump() +
                                                                  "; allowed: the wider setting first"});
      }
      earlier.push_back(&column);
    }
  }
}

}  // namespace

std::vector<SweepAxisValues> read_axes(const Json& section, std::vector<Mistake>& mistakes) {
  SweepConfig config;
  JsonReader::read(section, config, any(), "/sweep", mistakes);
  if (!mistakes.empty()) return {};
  for (size_t a = 0; a < config.axes.size(); ++a) {
    const SweepAxis& axis = config.axes[a];
    const std::string origin = "/sweep/axes/" + std::to_string(a);
    const bool own = axis.name || !axis.pointer.items.empty() || !axis.values.empty();
    if (own && !axis.zip.empty())
      mistakes.push_back({origin, "has a \"zip\" beside a setting of its own; allowed: one of the two"});
    else if (axis.zip.empty() && (axis.pointer.items.empty() || axis.values.empty()))
      mistakes.push_back({origin, "needs \"pointer\" and \"values\", or a \"zip\""});
  }
  if (!mistakes.empty()) return {};
  std::vector<SweepAxisValues> axes;
  for (size_t a = 0; a < config.axes.size(); ++a) {
    const SweepAxis& axis = config.axes[a];
    axes.push_back({"/sweep/axes/" + std::to_string(a), {}});
    if (axis.zip.empty()) axes[a].columns.push_back(read_column(axis, axes[a].origin, mistakes));
    for (size_t i = 0; i < axis.zip.size(); ++i)
      axes[a].columns.push_back(read_column(axis.zip[i], axes[a].origin + "/zip/" + std::to_string(i), mistakes));
    check_axis(axes[a], mistakes);
  }
  if (mistakes.empty()) check_columns(axes, mistakes);
  return axes;
}

}  // namespace experiments
