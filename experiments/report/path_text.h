#pragma once
#include <string>
#include <vector>

#include "experiments/run/run_log.h"

/// The critical path of a run in words.
namespace experiments {

/// "worker 3 compute"; "policy".
std::string path_owner(const WorkerNames&, sim::NodeId worker, sim::PathCause);

/// "compute 97.8 % (1h 26m 51s; worker 3 91.0 %), policy 2.2 % (1m 57s)": by cause, with the worker that most of it is
/// of, and its part where it is of several. "" where the path is not told.
std::string path_text(const RunLog&);

/// "worker 3 cost 48m 32s (54.7 %): 80 of 80 waits were for it alone", of the worker that cost most; or "nobody was
/// waited for alone". Likewise.
std::string late_text(const RunLog&);

/// A sentence on every method whose paths are told, mean over its seeds, in lines of at most `width` columns (0: one
/// each).
std::string late_lines(const std::vector<RunLog>&, size_t width);

}  // namespace experiments
