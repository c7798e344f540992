#pragma once
#include <string>
#include <vector>

#include "experiments/run/run_log.h"

namespace experiments {

/// A trace, and how much of the runs it holds.
struct TimelineTrace {
  std::string json;
  std::string cut;  ///< "" when everything is in it, else a sentence that says until when and how to get the rest
};

/// The runs as one trace in Chrome's trace-event format, which Perfetto, chrome://tracing and speedscope open, on
/// simulated time: a process a run; in it a track for the server's updates and one a worker (compute, upload, download,
/// wait), one for the critical path, an arrow from each push to where it is applied, and counters for loss and
/// staleness. Times are whole microseconds, the format's unit, so that spans stay gapless in a reader's floating point;
/// an update takes no simulated time and is drawn one microsecond long. At most `most_events`; beyond, all runs are cut
/// at a common time. `runs` need their spans. Source: Google, "Trace Event Format"
/// (docs.google.com/document/d/1CvAClvFfyA5R-PhYUmn5OOQtYMH4h6I0nSsKchNAySU).
TimelineTrace timeline_trace(const std::vector<const RunLog*>& runs, size_t most_events);

/// `content` as the bytes of a .gz file, the same for the same content.
std::string gzipped(const std::string& content);

}  // namespace experiments
