#include "sim/workers/availability.h"

#include <algorithm>
#include <cassert>
#include <cmath>
#include <map>
#include <string>
#include <utility>

#include "sim/trace_file.h"

namespace sim {
namespace {

/// Changes at the listed times, rising and after time 0.
class Switched final : public Availability {
 public:
  Switched(bool up_at_zero, std::vector<Time> switches) : up_at_zero_(up_at_zero), switches_(std::move(switches)) {}

  Period at(Time t) const override {
    const auto next = std::upper_bound(switches_.begin(), switches_.end(), t);
    const bool changed = (next - switches_.begin()) % 2 == 1;
    return {up_at_zero_ != changed, next == switches_.end() ? Time::max() : *next};
  }

 private:
  bool up_at_zero_;
  std::vector<Time> switches_;
};

class Random final : public Availability {
 public:
  Random(Sojourn up, Sojourn down, RandomStream stream) : process_(up, down, stream) {}
  Period at(Time t) const override {
    const Alternation::State state = process_.at(t);
    return {!state.second, state.end};
  }

 private:
  Alternation process_;
};

/// One worker's lines.
struct Changes {
  bool up_at_zero = true;
  bool up = true;  ///< after the last of them
  Time last{};
  std::vector<Time> switches;
};

}  // namespace

std::unique_ptr<Availability> make_scheduled_availability(const std::vector<UpInterval>& intervals) {
  std::vector<Time> switches;
  bool up_at_zero = false;
  for (const UpInterval& interval : intervals) {
    assert(interval.from < interval.to && (switches.empty() || interval.from > switches.back()));
    if (interval.from == kTimeZero)
      up_at_zero = true;
    else
      switches.push_back(interval.from);
    if (interval.to != Time::max()) switches.push_back(interval.to);
  }
  return std::make_unique<Switched>(up_at_zero, std::move(switches));
}

std::unique_ptr<Availability> make(const AlwaysUp&, const RandomStream&) { return nullptr; }
std::unique_ptr<Availability> make(const ScheduledAvailability& c, const RandomStream&) {
  const auto interval = [](double from, std::optional<double> to) {
    return UpInterval{kTimeZero + from_seconds(from), to ? kTimeZero + from_seconds(*to) : Time::max()};
  };
  std::vector<UpInterval> up;
  for (const UpIntervalConfig& i : c.up) up.push_back(interval(i.from_seconds, i.to_seconds));
  if (up.empty()) up.push_back(interval(c.join_at_seconds, c.leave_at_seconds));
  return make_scheduled_availability(up);
}
std::unique_ptr<Availability> make(const RandomAvailability& c, const RandomStream& worker) {
  return make_random_availability({c.mean_up_seconds, c.up_shape}, {c.mean_down_seconds, c.down_shape}, worker);
}

std::unique_ptr<Availability> make_random_availability(Sojourn up, Sojourn down, RandomStream worker) {
  return std::make_unique<Random>(up, down, worker);
}

std::vector<std::unique_ptr<Availability>> read_availability_trace(const std::filesystem::path& path, int64_t workers) {
  const TraceFile file = read_trace_file(path, {"time,worker,state"});
  std::map<int64_t, Changes> named;
  for (const TraceFile::Row& row : file.rows) {
    const double index = file.number(row, 1);
    if (index != std::floor(index) || index >= static_cast<double>(workers))
      file.refuse(row, "worker " + row.cells[1] + " is none of the run's; allowed: a whole number from 0 to " +
                           std::to_string(workers - 1));
    const std::string& state = row.cells[2];
    if (state != "up" && state != "down")
      file.refuse(row, "\"" + state.substr(0, 40) + "\" is no state; allowed: up, down");
    const bool up = state == "up";
    const auto [place, first] = named.try_emplace(static_cast<int64_t>(index));
    Changes& changes = place->second;
    if (first) {
      changes.up_at_zero = row.time == kTimeZero ? up : !up;
    } else {
      if (row.time == changes.last)
        file.refuse(row, "worker " + row.cells[1] + " has two lines at " + row.cells[0] + " s; allowed: one");
      if (up == changes.up) file.refuse(row, "worker " + row.cells[1] + " is " + state + " already");
    }
    if (row.time != kTimeZero) changes.switches.push_back(row.time);
    changes.up = up;
    changes.last = row.time;
  }
  std::vector<std::unique_ptr<Availability>> all(static_cast<size_t>(workers));
  for (auto& [worker, changes] : named)
    all[static_cast<size_t>(worker)] = std::make_unique<Switched>(changes.up_at_zero, std::move(changes.switches));
  return all;
}

}  // namespace sim
