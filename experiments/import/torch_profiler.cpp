#include <charconv>

#include "experiments/import/step_times.h"

namespace experiments {
namespace {

constexpr std::string_view kStep = "ProfilerStep#";

std::optional<int64_t> step_number(const Json& event) {
  const auto name = event.find("name");
  if (name == event.end() || !name->is_string()) return std::nullopt;
  const std::string& text = name->get_ref<const std::string&>();
  if (!text.starts_with(kStep)) return std::nullopt;
  int64_t step = 0;
  const auto [end, error] = std::from_chars(text.data() + kStep.size(), text.data() + text.size(), step);
  return error == std::errc() && end == text.data() + text.size() ? std::optional(step) : std::nullopt;
}

bool says(const Json& event, const char* key, const char* value) {
  const auto found = event.find(key);
  return found != event.end() && *found == value;
}

}  // namespace

/// Complete events ("ph": "X") named ProfilerStep#n, dur in µs; what the GPU shows of the same step
/// (gpu_user_annotation) is left out. Checked against pytorch/kineto, libkineto/src/output_json.cpp.
Imported import_torch_profiler(const ImportFiles& files, const ImportOptions& options) {
  Imported made;
  StepTimes times;
  for (size_t i = 0; i < files.size(); ++i) {
    const Json document = read_json_input(files[i]);
    const std::string file = files[i].string(), list = document.is_array() ? "" : "/traceEvents";
    const Json::json_pointer place(list);
    if (!document.contains(place) || !document.at(place).is_array())
      throw InvalidConfig(file, {{"", "is no trace; allowed: {\"traceEvents\": […]} or an array of events"}});
    const Json::json_pointer rank_place("/distributedInfo/rank");
    const bool told = document.is_object() && document.contains(rank_place);
    const auto rank = static_cast<int64_t>(told ? number_at(document, rank_place.to_string(), file) : double(i));
    if (times.contains(rank))
      throw InvalidConfig(file, {{"", "is of rank " + std::to_string(rank) + ", as a file before it is"}});
    std::map<int64_t, double> steps;
    const Json& events = document.at(place);
    for (size_t e = 0; e < events.size(); ++e) {
      const Json& event = events[e];
      const auto step = event.is_object() ? step_number(event) : std::nullopt;
      if (!step || !says(event, "ph", "X") || says(event, "cat", "gpu_user_annotation")) continue;
      const std::string here = list + "/" + std::to_string(e);
      const double seconds = number_at(document, here + "/dur", file) / 1e6;
      if (!(seconds >= 1e-9 && seconds <= 1e6))
        throw InvalidConfig(file, {{here + "/dur", "is no time of a step; allowed: from 0.001 to 1e12 µs"}});
      if (!steps.emplace(*step, seconds).second)
        throw InvalidConfig(file,
                            {{here, "is a second step " + std::to_string(*step) + "; allowed: traces of one rank"}});
    }
    if (steps.empty())
      throw InvalidConfig(file, {{"", "has no event ProfilerStep#n; call the profiler's step() after each step"}});
    made.notes.push_back(files[i].filename().string() + ": rank " + std::to_string(rank) +
                         (told ? "" : " by its place, as it names none") + ", " + counted(steps.size(), "step") +
                         " of " + counted(events.size(), "event"));
    times.emplace(rank, std::move(steps));
  }
  made.notes.push_back("unit assumed: µs; the profiler slows steps down, by how much the trace does not tell");
  return add_steps(made, std::move(times), options, true);
}

}  // namespace experiments
