#include "experiments/report/path_text.h"

#include <algorithm>
#include <map>

#include "experiments/config/fields.h"
#include "experiments/report/curves.h"
#include "experiments/report/format.h"
#include "experiments/report/statistics.h"
#include "experiments/report/text_table.h"

namespace experiments {
namespace {

std::string percent(double seconds, double makespan) { return fixed(100 * seconds / makespan, 1) + " %"; }

std::string waits_text(const Estimate& alone, const Estimate& all) {
  return count_text(alone) + " of " + count_text(all) + " waits were for it alone";
}

/// "" where no path is told.
std::string sentence(const MethodRuns& runs) {
  struct Sum {
    double seconds = 0;
    std::vector<double> waits;
  };
  std::map<sim::NodeId, Sum> late;
  std::vector<double> makespans, waits;
  for (const RunLog* run : runs) {
    if (run->path.shares.empty()) return "";
    makespans.push_back(sim::to_seconds(run->final.time));
    waits.push_back(static_cast<double>(run->path.waits));
    for (const sim::Lateness& l : run->path.late) {
      late[l.worker].seconds += sim::to_seconds(l.time) / static_cast<double>(runs.size());
      late[l.worker].waits.push_back(static_cast<double>(l.waits));
    }
  }
  const std::string& method = runs[0]->method;
  if (late.empty()) return method + " waited for nobody alone.";
  const auto most = std::max_element(late.begin(), late.end(),
                                     [](const auto& a, const auto& b) { return a.second.seconds < b.second.seconds; });
  most->second.waits.resize(runs.size());  // with some seeds it was never late
  const double makespan = estimate(makespans).mean;
  std::string who = runs[0]->names.of(most->first);
  if (who.starts_with("worker ")) who[0] = 'W';
  return who + " cost " + method + " " + duration_text(most->second.seconds) + " of " + duration_text(makespan) + " (" +
         percent(most->second.seconds, makespan) + "): " + waits_text(estimate(most->second.waits), estimate(waits)) +
         (runs.size() > 1 ? ", mean of " + std::to_string(runs.size()) + " seeds." : ".");
}

}  // namespace

std::string path_owner(const WorkerNames& names, sim::NodeId worker, sim::PathCause cause) {
  const std::string name(name_of(cause));
  return worker == sim::kNobody ? name : names.of(worker) + " " + name;
}

std::string path_text(const RunLog& run) {
  struct Cause {
    sim::PathCause cause;
    double seconds = 0;
    const sim::PathShare* most = nullptr;  // of one worker
    int workers = 0;
  };
  std::vector<Cause> causes;
  for (const sim::PathShare& share : run.path.shares) {  // the longest first
    auto found = std::find_if(causes.begin(), causes.end(), [&](const Cause& c) { return c.cause == share.cause; });
    if (found == causes.end()) found = causes.insert(causes.end(), {share.cause, 0, &share, 0});
    found->seconds += sim::to_seconds(share.time);
    ++found->workers;
  }
  std::stable_sort(causes.begin(), causes.end(), [](const Cause& a, const Cause& b) { return a.seconds > b.seconds; });
  const double makespan = sim::to_seconds(run.final.time);
  std::string text;
  for (const Cause& c : causes) {
    text += (text.empty() ? "" : ", ") + std::string(name_of(c.cause)) + " " + percent(c.seconds, makespan) + " (" +
            duration_text(c.seconds);
    if (c.most->worker != sim::kNobody) text += "; " + run.names.of(c.most->worker);
    if (c.workers > 1) text += " " + percent(sim::to_seconds(c.most->time), makespan);
    text += ")";
  }
  return text;
}

std::string late_text(const RunLog& run) {
  if (run.path.shares.empty()) return "";
  if (run.path.late.empty()) return "nobody was waited for alone";
  const sim::Lateness& most = run.path.late.front();
  const double seconds = sim::to_seconds(most.time);
  return run.names.of(most.worker) + " cost " + duration_text(seconds) + " (" +
         percent(seconds, sim::to_seconds(run.final.time)) + "): " +
         waits_text(estimate({static_cast<double>(most.waits)}), estimate({static_cast<double>(run.path.waits)}));
}

std::string late_lines(const std::vector<RunLog>& runs, size_t width) {
  std::string lines;
  for (const MethodRuns& method : by_method(runs))
    if (const std::string line = sentence(method); !line.empty()) lines += wrapped(line, width);
  return lines;
}

}  // namespace experiments
