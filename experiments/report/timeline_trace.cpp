#include "experiments/report/timeline_trace.h"

#include <zlib.h>

#include <algorithm>
#include <cmath>
#include <stdexcept>

#include "experiments/report/files.h"
#include "experiments/report/format.h"
#include "experiments/report/path_text.h"

namespace experiments {
namespace {

using Json = nlohmann::ordered_json;

constexpr const char* kNames[] = {"download", "compute", "upload", "wait", "down"};

/// Nearest microsecond.
int64_t micros(sim::Time time) { return (time.time_since_epoch().count() + 500) / 1000; }

/// An event and when it happens: a trace is cut by time.
struct Event {
  int64_t at;
  Json json;
};

/// One run's process: thread 0 is the server, thread w + 1 worker w, and behind them comes the critical path.
class RunTrack {
 public:
  RunTrack(const RunLog& run, size_t pid) : run_(run), pid_(pid) {
    for (const Span& span : run.spans) {
      if (static_cast<size_t>(span.worker) >= by_worker_.size())
        by_worker_.resize(static_cast<size_t>(span.worker) + 1);
      by_worker_[static_cast<size_t>(span.worker)].push_back(&span);
    }
  }

  /// Not counted and never cut.
  std::vector<Json> names() const {
    const auto name = [&](const char* kind, size_t tid, const std::string& text) {
      return Json{{"ph", "M"}, {"name", kind}, {"pid", pid_}, {"tid", tid}, {"args", {{"name", text}}}};
    };
    std::vector<Json> all{name("process_name", 0, run_.method + ", seed " + std::to_string(run_.seed)),
                          name("thread_name", 0, "server")};
    for (size_t w = 0; w < by_worker_.size(); ++w)
      all.push_back(name("thread_name", w + 1, run_.names.of(static_cast<sim::NodeId>(w))));
    if (!run_.path.stretches.empty()) all.push_back(name("thread_name", by_worker_.size() + 1, "critical path"));
    return all;
  }

  void add_to(std::vector<Event>& events) const {
    add_spans(events);
    add_updates(events);
    add_path(events);
    for (const Evaluation& e : run_.evaluations)
      if (std::isfinite(e.loss))
        add(events, micros(e.at.time), {{"ph", "C"}, {"name", "loss"}, {"args", {{"loss", e.loss}}}}, 0);
  }

 private:
  void add(std::vector<Event>& events, int64_t at, Json event, size_t tid) const {
    event["pid"] = pid_;
    event["tid"] = tid;
    event["ts"] = at;
    events.push_back({at, std::move(event)});
  }

  void add_spans(std::vector<Event>& events) const {
    for (size_t w = 0; w < by_worker_.size(); ++w) {
      for (const Span* span : by_worker_[w]) {
        const int64_t begin = micros(span->begin), end = micros(span->end);
        if (begin == end) continue;
        add(events, begin,
            {{"ph", "X"},
             {"name", kNames[static_cast<size_t>(span->activity)]},
             {"cat", "worker"},
             {"dur", end - begin}},
            w + 1);
      }
    }
  }

  void add_path(std::vector<Event>& events) const {
    for (const sim::PathStretch& stretch : run_.path.stretches) {
      const int64_t begin = micros(stretch.begin), end = micros(stretch.end);
      if (begin == end) continue;
      add(events, begin,
          {{"ph", "X"},
           {"name", path_owner(run_.names, stretch.worker, stretch.cause)},
           {"cat", "critical path"},
           {"dur", end - begin}},
          by_worker_.size() + 1);
    }
  }

  /// Where the worker's round was pushed: the begin of its upload, or the end of its computation where the upload takes
  /// no time. An arrow begins in the slice that holds its time, so the end is taken one microsecond early. −1 if the
  /// round has no span.
  int64_t push_time(const UpdateRecord& update) const {
    const auto& spans = by_worker_[static_cast<size_t>(update.worker)];
    const sim::Time dispatched = update.time - update.staleness;
    for (size_t& i = cursor(update.worker); i < spans.size(); ++i) {
      if (spans[i]->activity != Activity::compute || spans[i]->begin < dispatched) continue;
      const bool uploads = i + 1 < spans.size() && spans[i + 1]->activity == Activity::upload &&
                           micros(spans[i + 1]->end) > micros(spans[i + 1]->begin);
      const int64_t at = uploads ? micros(spans[i + 1]->begin) : micros(spans[i]->end) - 1;
      ++i;
      return at;
    }
    return -1;
  }
  /// A worker's updates come in the order of its rounds, so the search goes on where the last one ended. Not every
  /// computation has an update: a crash ends some.
  size_t& cursor(sim::NodeId worker) const {
    if (cursors_.size() < by_worker_.size()) cursors_.resize(by_worker_.size());
    return cursors_[static_cast<size_t>(worker)];
  }

  /// All that is applied at one instant is one slice of the server's.
  void add_updates(std::vector<Event>& events) const {
    for (size_t i = 0; i < run_.updates.size();) {
      const int64_t at = micros(run_.updates[i].time);
      Json workers = Json::array();
      double staleness = 0;
      size_t j = i;
      for (; j < run_.updates.size() && micros(run_.updates[j].time) == at; ++j) {
        const UpdateRecord& u = run_.updates[j];
        workers.push_back(u.worker);
        staleness += static_cast<double>(u.staleness_updates);
        const int64_t pushed = static_cast<size_t>(u.worker) < by_worker_.size() ? push_time(u) : -1;
        if (pushed < 0 || u.dropped) continue;
        // One number a push, over all processes.
        const std::string id = std::to_string(pid_) + "." + std::to_string(u.worker) + "." + std::to_string(u.round);
        add(events, pushed, {{"ph", "s"}, {"name", "push"}, {"cat", "push"}, {"id", id}},
            static_cast<size_t>(u.worker) + 1);
        add(events, at, {{"ph", "f"}, {"bp", "e"}, {"name", "push"}, {"cat", "push"}, {"id", id}}, 0);
      }
      const Json args = {{"server_update", run_.updates[j - 1].server_update},
                         {"workers", workers},
                         {"mean_staleness", staleness / static_cast<double>(j - i)}};
      add(events, at, {{"ph", "X"}, {"name", "update"}, {"cat", "server"}, {"dur", 1}, {"args", args}}, 0);
      add(events, at,
          {{"ph", "C"}, {"name", "staleness"}, {"args", {{"updates", staleness / static_cast<double>(j - i)}}}}, 0);
      i = j;
    }
  }

  const RunLog& run_;
  size_t pid_;
  std::vector<std::vector<const Span*>> by_worker_;
  mutable std::vector<size_t> cursors_;  // of each worker, the first span not yet searched
};

}  // namespace

TimelineTrace timeline_trace(const std::vector<const RunLog*>& runs, size_t most_events) {
  std::vector<Json> names;
  std::vector<Event> events;
  for (size_t r = 0; r < runs.size(); ++r) {
    const RunTrack track(*runs[r], r + 1);
    for (Json& name : track.names()) names.push_back(std::move(name));
    track.add_to(events);
  }
  // What encloses comes before what it holds: at one time slices first, longest first, then arrows and counters.
  const auto rank = [](const Event& e) { return e.json["ph"] == "X" ? -e.json["dur"].get<int64_t>() : int64_t{1}; };
  std::stable_sort(events.begin(), events.end(),
                   [&](const Event& a, const Event& b) { return a.at != b.at ? a.at < b.at : rank(a) < rank(b); });

  TimelineTrace trace;
  const size_t all = events.size();
  if (all > most_events) {
    // Whole instants only. An arrow whose end is cut off is no arrow; readers pass over it.
    const int64_t until = events[most_events].at;
    events.erase(
        std::lower_bound(events.begin(), events.end(), until, [](const Event& e, int64_t at) { return e.at < at; }),
        events.end());
    trace.cut = "the timeline is cut at " + duration_text(static_cast<double>(until) / 1e6) +
                " of simulated time: it holds " + std::to_string(events.size()) + " of " + std::to_string(all) +
                " events";
  }
  std::string& text = trace.json =
      "{\"displayTimeUnit\": \"ms\", \"otherData\": " +
      text_of({{"time", "simulated, in microseconds"}, {"cut", trace.cut.empty() ? Json(nullptr) : Json(trace.cut)}}) +
      ", \"traceEvents\": [";
  bool first = true;
  const auto line = [&](const Json& event) {
    text += (first ? "\n" : ",\n") + text_of(event);
    first = false;
  };
  for (const Json& name : names) line(name);
  for (const Event& event : events) line(event.json);
  text += "\n]}\n";
  return trace;
}

std::string gzipped(const std::string& content) {
  z_stream stream{};
  if (deflateInit2(&stream, Z_DEFAULT_COMPRESSION, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY) != Z_OK)
    throw std::logic_error("zlib does not start");
  std::string packed(deflateBound(&stream, content.size()), '\0');
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(content.data()));
  stream.avail_in = static_cast<uInt>(content.size());
  stream.next_out = reinterpret_cast<Bytef*>(packed.data());
  stream.avail_out = static_cast<uInt>(packed.size());
  const int end = deflate(&stream, Z_FINISH);
  packed.resize(stream.total_out);
  deflateEnd(&stream);
  if (end != Z_STREAM_END) throw std::logic_error("zlib does not finish");
  return packed;
}

}  // namespace experiments
