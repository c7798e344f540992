#include "experiments/report/files.h"
#include "experiments/report/writers.h"
#include "sim/fingerprint.h"

namespace experiments {
namespace {

using Json = nlohmann::ordered_json;

Json counters(const Counters& at) {
  return {
      {"server_updates", at.server_updates},           {"local_steps", at.local_steps}, {"tokens", at.tokens},
      {"simulated_seconds", sim::to_seconds(at.time)}, {"bytes_up", at.bytes_up},       {"bytes_down", at.bytes_down}};
}

void add_losses(Json& to, const RunLog& run, const Evaluation& e) {
  to["loss"] = number(e.loss);
  to["perplexity"] = number(perplexity(e.loss));
  to["bits_per_byte"] = number(bits_per_byte(e.loss, run.bytes_per_token));
  Json& domains = to["domain_loss"] = Json::object();
  for (size_t d = 0; d < run.domains.size() && d < e.domain_loss.size(); ++d)
    domains[run.domains[d]] = number(e.domain_loss[d]);
}

Json update_line(const UpdateRecord& u) {
  return {{"simulated_seconds", sim::to_seconds(u.time)},
          {"server_update", u.server_update},
          {"worker", u.worker},
          {"round", u.round},
          {"shard", u.shard},
          {"local_steps", u.local_steps},
          {"staleness_updates", u.staleness_updates},
          {"staleness_seconds", sim::to_seconds(u.staleness)},
          {"train_loss", number(u.train_loss)},
          {"gradient_norm", number(u.gradient_norm)},
          {"cosine_to_momentum", number(u.cosine_to_momentum)},
          {"dropped", u.dropped}};
}

/// The seconds are for reading; the whole nanoseconds add up to the makespan exactly, which rounded seconds need not.
Json worker_use(size_t worker, const WorkerUse& use) {
  return {{"worker", worker},
          {"rounds", use.rounds},
          {"local_steps", use.local_steps},
          {"compute_seconds", sim::to_seconds(use.compute)},
          {"upload_seconds", sim::to_seconds(use.upload)},
          {"download_seconds", sim::to_seconds(use.download)},
          {"wait_seconds", sim::to_seconds(use.wait)},
          {"down_seconds", sim::to_seconds(use.down)},
          {"compute_nanoseconds", use.compute.count()},
          {"upload_nanoseconds", use.upload.count()},
          {"download_nanoseconds", use.download.count()},
          {"wait_nanoseconds", use.wait.count()},
          {"down_nanoseconds", use.down.count()}};
}

Json summary_of(const RunLog& run, std::optional<double> target) {
  Json s = {{"method", run.method}, {"seed", run.seed}};
  s.update(counters(run.final));
  s["makespan_seconds"] = sim::to_seconds(run.final.time);
  s["makespan_nanoseconds"] = run.final.time.time_since_epoch().count();
  s["lost_steps"] = run.lost_steps;
  s["dropped_steps"] = run.dropped_steps;
  s["crashed_steps"] = run.crashed_steps;
  s["crashes"] = run.crashes;
  s["out_of_workers"] = run.out_of_workers;
  s["diverged"] = run.diverged;
  s["fingerprint"] = sim::fingerprint_text(run.fingerprint);
  s["bytes_per_token"] = run.bytes_per_token;
  if (std::isfinite(run.guessing_loss)) s["guessing_loss"] = run.guessing_loss;
  Evaluation last;
  last.loss = final_loss(run);
  if (!run.evaluations.empty()) last = run.evaluations.back();
  add_losses(s, run, last);
  s["target_loss"] = number(target);
  s["time_to_target_seconds"] = target ? number(time_to_target(run, *target)) : Json(nullptr);
  int64_t dropped = 0;
  for (const UpdateRecord& u : run.updates) dropped += u.dropped;
  const int64_t applied = static_cast<int64_t>(run.updates.size()) - dropped;
  s["arrivals"] = {{"applied", applied}, {"dropped", dropped}};
  s["staleness_updates"] = {{"mean", number(mean_staleness(run))},
                            {"max", applied ? Json(max_staleness(run)) : Json(nullptr)}};
  s["utilisation"] = number(utilisation(run));
  s["workers"] = Json::array();
  for (size_t w = 0; w < run.workers.size(); ++w) s["workers"].push_back(worker_use(w, run.workers[w]));
  return s;
}

}  // namespace

RunFiles run_files(const RunLog& run, std::optional<double> target_loss) {
  RunFiles files;
  for (const Evaluation& e : run.evaluations) {
    Json line = counters(e.at);
    add_losses(line, run, e);
    files.metrics += text_of(line) + "\n";
  }
  for (const UpdateRecord& u : run.updates) files.updates += text_of(update_line(u)) + "\n";
  files.summary = text_of(summary_of(run, target_loss), 2) + "\n";
  return files;
}

void write_run(const std::filesystem::path& directory, const RunLog& run, std::optional<double> target_loss) {
  const RunFiles files = run_files(run, target_loss);
  write_file(directory / "metrics.jsonl", files.metrics);
  write_file(directory / "updates.jsonl", files.updates);
  write_file(directory / "summary.json", files.summary);
}

}  // namespace experiments
