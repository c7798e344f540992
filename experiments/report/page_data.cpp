#include "experiments/report/page_data.h"

#include <algorithm>
#include <cmath>
#include <map>

#include "experiments/config/fields.h"
#include "experiments/report/files.h"
#include "experiments/report/palette.h"
#include "experiments/report/records.h"
#include "experiments/report/verdict.h"
#include "sim/fingerprint.h"

namespace experiments {
namespace {

using Json = nlohmann::ordered_json;

Json estimate_json(const std::optional<Estimate>& e) {
  return e ? Json{{"mean", number(e->mean)}, {"ci95", number(e->half_width)}} : Json(nullptr);
}

Json ratio_json(const std::optional<Ratio>& r) {
  if (!r) return nullptr;
  Json json{{"may_be_one", may_be_one(*r)}};
  for (const auto& [name, value] : numbers_of(r)) json[name] = number(value);
  return json;
}

Json method_json(const ComparisonSummary& summary, const MethodSummary& m) {
  Json json = {{"name", m.method},
               {"diverged", m.diverged ? ending_text(m) : ""},
               {"learned", m.learned()},
               {"ending", ending_text(m)},
               {"out_of_workers", m.out_of_workers},
               {"loss", estimate_json(m.loss)},
               {"loss_difference", estimate_json(m.loss_difference)},
               {"perplexity", estimate_json(m.perplexity)},
               {"bits_per_byte", estimate_json(m.bits_per_byte)},
               {"server_updates", estimate_json(m.server_updates)},
               {"local_steps", estimate_json(m.local_steps)},
               {"tokens", estimate_json(m.tokens)},
               {"simulated_seconds", estimate_json(m.simulated_seconds)},
               {"time_to_target", estimate_json(m.time_to_target)},
               {"time_to_target_text", time_to_target_text(summary, m)},
               {"speed_up", ratio_json(m.speed_up)},
               {"loss_difference_p", number(m.loss_difference_p)},
               {"utilisation", estimate_json(m.utilisation)},
               {"staleness", estimate_json(m.staleness)}};
  for (const size_t c : told_currencies(summary.methods)) {
    json[kCurrencies[c].key] = estimate_json(m.spending[c].whole);
    json[std::string(kCurrencies[c].key) + "_to_target"] = estimate_json(m.spending[c].to_target);
  }
  return json;
}

/// A column a quantity; the last evaluation is always among them.
Json evaluations_json(const RunLog& run, size_t most, const std::vector<size_t>& told) {
  Json seconds = Json::array(), steps = seconds, updates = seconds, tokens = seconds, bytes = seconds, loss = seconds;
  Json domains = Json::array();
  std::array<Json, std::size(kCurrencies)> spent;
  for (size_t d = 0; d < run.domains.size(); ++d) domains.push_back(Json::array());
  const size_t all = run.evaluations.size(), kept = std::min(all, most);
  for (size_t i = 0; i < kept; ++i) {
    const Evaluation& e = run.evaluations[kept == 1 ? all - 1 : i * (all - 1) / (kept - 1)];
    seconds.push_back(sim::to_seconds(e.at.time));
    steps.push_back(e.at.local_steps);
    updates.push_back(e.at.server_updates);
    tokens.push_back(e.at.tokens);
    bytes.push_back(e.at.bytes_up + e.at.bytes_down);
    for (const size_t c : told) spent[c].push_back(number(e.at.*kCurrencies[c].spent));
    loss.push_back(number(e.loss));
    for (size_t d = 0; d < run.domains.size(); ++d)
      domains[d].push_back(d < e.domain_loss.size() ? number(e.domain_loss[d]) : Json(nullptr));
  }
  Json json = {{"seconds", seconds}, {"local_steps", steps}, {"server_updates", updates}, {"tokens", tokens},
               {"bytes", bytes},     {"loss", loss},         {"domain_loss", domains},    {"of", all}};
  for (const size_t c : told) json[kCurrencies[c].key] = std::move(spent[c]);
  return json;
}

/// How many spans each run may show of `budget`: those with few keep all, the rest share evenly.
std::vector<size_t> share_spans(const std::vector<RunLog>& runs, size_t budget) {
  std::vector<size_t> order(runs.size()), share(runs.size());
  for (size_t i = 0; i < runs.size(); ++i) order[i] = i;
  std::stable_sort(order.begin(), order.end(),
                   [&](size_t a, size_t b) { return runs[a].spans.size() < runs[b].spans.size(); });
  for (size_t i = 0; i < order.size(); ++i) {
    share[order[i]] = std::min(runs[order[i]].spans.size(), budget / (order.size() - i));
    budget -= share[order[i]];
  }
  return share;
}

/// Per worker a letter a span (d, c, u, w) and where each ends in milliseconds, gapless from 0 until `until` seconds at
/// least.
Json timeline_json(const RunLog& run, size_t most) {
  std::vector<Span> spans;
  for (const Span& s : run.spans)
    if (s.begin < s.end) spans.push_back(s);
  std::stable_sort(spans.begin(), spans.end(), [](const Span& a, const Span& b) { return a.begin < b.begin; });
  const bool cut = spans.size() > most;
  sim::Time until = run.final.time;
  if (cut) {
    until = spans[most].begin;
    spans.resize(most);
  }
  std::vector<std::string> letters(run.workers.size());
  std::vector<Json> ends(run.workers.size(), Json::array());
  for (const Span& s : spans) {
    if (s.worker < 0 || static_cast<size_t>(s.worker) >= letters.size()) continue;
    letters[s.worker] += "dcuwx"[static_cast<size_t>(s.activity)];
    ends[s.worker].push_back(std::round(sim::to_seconds(s.end) * 1e6) / 1e3);
  }
  return {{"until", sim::to_seconds(until)}, {"cut", cut},     {"shown", spans.size()}, {"of", run.spans.size()},
          {"activities", letters},           {"ends_ms", ends}};
}

Json staleness_json(const RunLog& run) {
  std::map<int64_t, int64_t> counts;
  for (const UpdateRecord& u : run.updates)
    if (!u.dropped) ++counts[u.staleness_updates];
  Json bins = Json::array();
  for (const auto& [staleness, count] : counts) bins.push_back({staleness, count});
  return bins;
}

Json path_json(const CriticalPath& path) {
  Json shares = Json::array(), late = Json::array();
  for (const auto& [worker, cause, time] : path.shares)
    shares.push_back({worker == sim::kNobody ? Json(nullptr) : Json(worker), name_of(cause), sim::to_seconds(time)});
  for (const sim::Lateness& l : path.late) late.push_back({l.worker, sim::to_seconds(l.time), l.waits});
  return {{"waits", path.waits}, {"shares", shares}, {"late", late}};
}

Json run_json(const RunLog& run, size_t method, const ComparisonSummary& summary, size_t evaluations, size_t spans) {
  Json workers = Json::array();
  for (const WorkerUse& w : run.workers)
    workers.push_back({{"compute", sim::to_seconds(w.compute)},
                       {"upload", sim::to_seconds(w.upload)},
                       {"download", sim::to_seconds(w.download)},
                       {"wait", sim::to_seconds(w.wait)},
                       {"down", sim::to_seconds(w.down)},
                       {"rounds", w.rounds},
                       {"local_steps", w.local_steps}});
  const auto target = target_for(summary, run.seed);
  int64_t dropped = 0;
  for (const UpdateRecord& u : run.updates) dropped += u.dropped;
  return {{"method", method},
          {"seed", std::to_string(run.seed)},  // a number of JavaScript's holds 53 bits only
          {"bytes_per_token", number(run.bytes_per_token)},
          {"makespan", sim::to_seconds(run.final.time)},
          {"local_steps", run.final.local_steps},
          {"lost_steps", run.lost_steps},
          {"server_updates", run.final.server_updates},
          {"bytes_up", run.final.bytes_up},
          {"bytes_down", run.final.bytes_down},
          {"final_loss", number(final_loss(run))},
          {"diverged", run.diverged},
          {"out_of_workers", run.out_of_workers},
          {"fingerprint", sim::fingerprint_text(run.fingerprint)},
          {"time_to_target", target ? number(time_to_target(run, *target)) : Json(nullptr)},
          {"dropped", dropped},
          {"evaluations", evaluations_json(run, evaluations, told_currencies(summary.methods))},
          {"workers", workers},
          {"worker_names", run.names.groups},
          {"path", path_json(run.path)},
          {"cluster", run.cluster ? cluster_json(*run.cluster) : Json(nullptr)},
          {"staleness", staleness_json(run)},
          {"timeline", timeline_json(run, spans)}};
}

}  // namespace

nlohmann::ordered_json page_data(const ComparisonSummary& summary, const std::vector<RunLog>& runs,
                                 const PageLimits& limits) {
  Json data = {{"name", summary.name}, {"baseline", summary.baseline}, {"notes", summary.notes}};
  data["currencies"] = Json::array();
  for (const size_t c : told_currencies(summary.methods))
    data["currencies"].push_back({{"key", kCurrencies[c].key}, {"name", kCurrencies[c].name}});
  data["domains"] = runs.empty() ? Json::array() : Json(runs[0].domains);
  data["activity_colours"] = kActivityColours;
  data["seeds"] = data["target_loss"] = data["methods"] = data["runs"] = Json::array();
  for (uint64_t seed : summary.seeds) data["seeds"].push_back(std::to_string(seed));
  for (double target : summary.target_loss) data["target_loss"].push_back(number(target));
  data["target"] = estimate_json(estimate(summary.target_loss));
  data["target_text"] = target_text(summary);
  data["verdict"] = verdict(summary);
  const MethodSummary* const best = fastest(summary);
  data["fastest"] = best ? Json(best - summary.methods.data()) : Json(nullptr);
  data["student_t"] = Json::array();  // by degrees of freedom, from 1
  for (int degrees = 1; degrees < static_cast<int>(summary.seeds.size()); ++degrees)
    data["student_t"].push_back(student_t(0.95, degrees));
  for (const MethodSummary& m : summary.methods) data["methods"].push_back(method_json(summary, m));
  const std::vector<size_t> spans = share_spans(runs, limits.spans);
  for (size_t r = 0; r < runs.size(); ++r) {
    const auto method = std::find_if(summary.methods.begin(), summary.methods.end(),
                                     [&](const MethodSummary& m) { return m.method == runs[r].method; });
    data["runs"].push_back(run_json(runs[r], static_cast<size_t>(method - summary.methods.begin()), summary,
                                    limits.evaluations_a_run, spans[r]));
  }
  return data;
}

}  // namespace experiments
