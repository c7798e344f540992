#include "experiments/config/validate.h"

#include <algorithm>
#include <set>

#include "experiments/config/experiment_config.h"
#include "experiments/config/json_reader.h"
#include "experiments/config/json_writer.h"
#include "experiments/config/regions.h"
#include "experiments/config/slug.h"

namespace experiments {
namespace {

void validate_transformer(const TextData& data, const models::TransformerConfig& m, std::vector<Mistake>& mistakes) {
  if (m.head_size == 0 && m.width % m.heads != 0)
    mistakes.push_back(
        {"/model/width", "is " + std::to_string(m.width) + ", which " + std::to_string(m.heads) +
                             " heads do not divide; allowed: a multiple of heads, or a head_size of its own"});
  else if (m.position == models::Position::rope && m.head_dim() % 2 != 0)
    mistakes.push_back(
        {"/model/head_size", "is " + std::to_string(m.head_dim()) + "; rope rotates pairs, so it must be even"});
  const int64_t vocabulary = std::holds_alternative<ByteTokenizer>(data.tokenizer)
                                 ? 256
                                 : std::get<SentencePieceTokenizer>(data.tokenizer).vocabulary;
  if (m.vocabulary != vocabulary)
    mistakes.push_back({"/model/vocabulary", "is " + std::to_string(m.vocabulary) + ", but the tokenizer's is " +
                                                 std::to_string(vocabulary) + "; allowed: the same"});
}

void validate_points(const MixtureData& data, const RunConfig& run, std::vector<Mistake>& mistakes) {
  const models::GaussianMixtureConfig& m = data.mixture;
  if (m.points < data.shards.count)
    mistakes.push_back({"/data/points", "is " + std::to_string(m.points) + " for " + std::to_string(data.shards.count) +
                                            " shards; allowed: at least one a shard"});
  if (m.points * m.dimensions > int64_t{1} << 32)
    mistakes.push_back({"/data/points", "are " + std::to_string(m.points) + " of " + std::to_string(m.dimensions) +
                                            " dimensions; allowed: at most 2^32 coordinates"});
  if (std::holds_alternative<PretrainedStart>(run.start))
    mistakes.push_back({"/start/kind", "\"pretrain\" is for text; kinds for points: fresh, weights"});
}

/// The data decide what is learned, and that decides the model.
void validate_model(const RunConfig& run, std::vector<Mistake>& mistakes) {
  const auto* text = std::get_if<TextData>(&run.data);
  const auto* transformer = std::get_if<models::TransformerConfig>(&run.model);
  if (text && !transformer)
    mistakes.push_back({"/model/kind", "\"mlp\" is a classifier of points; kinds for text: transformer"});
  else if (!text && transformer)
    mistakes.push_back({"/model", "is a transformer, which does not classify points; kinds for points: mlp"});
  else if (text)
    validate_transformer(*text, *transformer, mistakes);
  if (!text) validate_points(std::get<MixtureData>(run.data), run, mistakes);
}

/// Plain gradients and the optimizer on the server belong together, with a barrier and one step a round.
void validate_data_parallel(const RunConfig& run, std::vector<Mistake>& mistakes) {
  const bool plain = std::holds_alternative<models::PlainGradientConfig>(run.local.optimizer);
  const auto* server = std::get_if<models::ServerOptimizerConfig>(&run.outer);
  if (server && !plain)
    mistakes.push_back({"/outer/kind",
                        "\"optimizer\" steps on gradients, but the workers send pseudo-gradients; allowed with a "
                        "local optimizer of kind gradient"});
  if (!plain) return;
  if (!std::holds_alternative<BarrierConfig>(run.policy))
    mistakes.push_back({"/policy/kind", "does not wait for all gradients; kinds with local gradients: barrier"});
  const auto* equal = std::get_if<sim::EqualStepsConfig>(&run.local_steps);
  if (!equal || equal->steps != 1)
    mistakes.push_back({"/local_steps", (equal ? "gives " + std::to_string(equal->steps) + " steps" : "is not equal") +
                                            "; allowed with local gradients: equal, 1 step"});
  if (server && !server->learning_rate.total_steps && !run.stop.server_updates && !run.stop.local_steps &&
      !run.stop.tokens)
    mistakes.push_back(
        {"/outer/learning_rate", "has no total_steps and stop gives only simulated seconds; the cosine needs an end"});
}

void validate_limits(const RunConfig& run, std::vector<Mistake>& mistakes) {
  const StopConfig& stop = run.stop;
  if (!stop.local_steps && !stop.server_updates && !stop.tokens && !stop.simulated_seconds)
    mistakes.push_back(
        {"/stop", "gives no limit; at least one of local_steps, server_updates, tokens, simulated_seconds is needed"});
  const EvaluationInterval& every = run.evaluation.every;
  const int given =
      every.local_steps.has_value() + every.server_updates.has_value() + every.simulated_seconds.has_value();
  if (given != 1)
    mistakes.push_back({"/evaluation/every",
                        "gives " + std::to_string(given) +
                            " intervals; exactly one of local_steps, server_updates, simulated_seconds is needed"});
  const models::Schedule& schedule = run.local.learning_rate;
  const bool scheduled = !std::holds_alternative<models::PlainGradientConfig>(run.local.optimizer);
  if (scheduled && !schedule.total_steps && !stop.local_steps && !stop.tokens)
    mistakes.push_back({"/local/learning_rate",
                        "has no total_steps and stop gives neither local_steps nor tokens; the cosine needs an end"});
}

void validate_schedule(const models::Schedule& schedule, const std::string& place, std::vector<Mistake>& mistakes) {
  if (schedule.final > schedule.peak)
    mistakes.push_back(
        {place + "/final", "is " + number_text(schedule.final) + ", above the peak " + number_text(schedule.peak)});
}

void validate_schedule(const ScheduledAvailability& c, const std::string& place, std::vector<Mistake>& mistakes) {
  const auto between = [](double from, double to) {
    return "from " + number_text(from) + " to " + number_text(to) + " s";
  };
  if (!c.up.empty() && (c.join_at_seconds != 0.0 || c.leave_at_seconds))
    mistakes.push_back({place, "gives both \"up\" and when the worker joins or leaves; allowed: one of them"});
  else if (c.leave_at_seconds && *c.leave_at_seconds <= c.join_at_seconds)
    mistakes.push_back(
        {place, "is there " + between(c.join_at_seconds, *c.leave_at_seconds) + "; allowed: to leave after joining"});
  for (size_t i = 0; i < c.up.size(); ++i) {
    const std::string interval = place + "/up/" + std::to_string(i);
    if (c.up[i].to_seconds && *c.up[i].to_seconds <= c.up[i].from_seconds)
      mistakes.push_back(
          {interval, "is " + between(c.up[i].from_seconds, *c.up[i].to_seconds) + "; allowed: an end after the start"});
    if (i > 0 && !c.up[i - 1].to_seconds)
      mistakes.push_back({interval, "comes after an interval without an end"});
    else if (i > 0 && c.up[i].from_seconds <= *c.up[i - 1].to_seconds)
      mistakes.push_back({interval, "begins at " + number_text(c.up[i].from_seconds) +
                                        " s, but the one before ends at " + number_text(*c.up[i - 1].to_seconds) +
                                        " s; allowed: intervals in order that do not touch"});
  }
}

void validate_workers(const RunConfig& run, std::vector<Mistake>& mistakes) {
  std::optional<Json> together;  // failures of those that fail so
  for (size_t i = 0; i < run.workers.size(); ++i) {
    const WorkerConfig& worker = run.workers[i];
    const std::string place = "/workers/" + std::to_string(i);
    for (size_t j = 0; worker.name && j < i; ++j)
      if (run.workers[j].name == worker.name)
        mistakes.push_back({place + "/name", "is " + text_of(*worker.name) + ", which names /workers/" +
                                                 std::to_string(j) + " already"});
    if (!worker.speed && !worker.profile)
      mistakes.push_back({place, "has neither \"speed\" nor \"profile\"; one of them is needed"});
    if (worker.jitter && worker.speed && std::holds_alternative<ReplaySpeedConfig>(*worker.speed))
      mistakes.push_back({place + "/jitter", "stands beside a replay, whose steps have their own times; allowed: one"});
    if (const auto* scheduled = std::get_if<ScheduledAvailability>(&worker.availability))
      validate_schedule(*scheduled, place + "/availability", mistakes);
    if (run.availability_trace && !std::holds_alternative<AlwaysUp>(worker.availability))
      mistakes.push_back({place + "/availability",
                          "stands beside the run's availability_trace; allowed: one of them for the whole cluster"});
    if (!worker.failures || !worker.failures->together) continue;
    sim::FailuresSpec own = *worker.failures;
    const Json failures = JsonWriter::write(own);
    if (together && *together != failures)
      mistakes.push_back({place + "/failures",
                          "differ from those of other workers that fail together; allowed: the same values for all "
                          "with together true"});
    together = failures;
  }
  if (run.worker_count() > 10'000'000)
    mistakes.push_back(
        {"/workers", "are " + std::to_string(run.worker_count()) + " together; allowed: at most 10000000"});
}

/// Of workers that train on while their messages travel.
void validate_overlap(const RunConfig& run, std::vector<Mistake>& mistakes) {
  const int64_t count = run.fragment_count();
  const auto* equal = std::get_if<sim::EqualStepsConfig>(&run.local_steps);
  const bool pulled = std::holds_alternative<sim::PullConfig>(run.policy);
  if (count > 1 && !pulled && (!equal || equal->steps % count != 0))
    mistakes.push_back({"/fragments/count", "is " + std::to_string(count) + ", but " +
                                                (equal ? "a round has " + std::to_string(equal->steps) + " local steps"
                                                       : "the workers' rounds differ in their local steps") +
                                                "; allowed: with local_steps of kind equal, a divisor of their steps"});
  if (!run.trains_on()) return;
  const std::string place = run.overlap ? "/overlap" : pulled ? "/policy" : "/fragments";
  const auto refuse = [&](bool wrong, const std::string& what) {
    if (wrong) mistakes.push_back({place, what});
  };
  refuse(run.region_servers.has_value(), "stands beside region_servers; allowed: one of them");
  refuse(std::holds_alternative<sim::TimedStepsConfig>(run.local_steps),
         "stands beside rounds of fixed time; allowed: with local_steps of kind equal or dynamic");
  refuse(std::holds_alternative<models::PlainGradientConfig>(run.local.optimizer),
         "needs workers with an optimizer of their own; /local/optimizer is a plain gradient");
  refuse(!run.local.keep_state || run.local.first_step_at_peak,
         "lets rounds run into one another, so that none begins anew; allowed: with /local/keep_state true and "
         "/local/first_step_at_peak false");
  const auto* window = std::get_if<GraceWindowConfig>(&run.policy);
  refuse(window && window->mode == sim::GraceMode::lookahead,
         "makes arrivals depend on answers; allowed with /policy/mode wait");
  if (run.fragments && run.fragments->by_layer && pulled)
    mistakes.push_back({"/fragments/by_layer",
                        "is true, but with policy pull workers take over whatever comes, between two steps; "
                        "allowed: false"});
  refuse(pulled && run.overlap,
         "stands beside policy pull, with which workers take over whatever comes; allowed: null");
  if (!run.overlap) return;
  if (equal && run.overlap->steps && *run.overlap->steps >= equal->steps / count)
    mistakes.push_back({"/overlap/steps", "is " + std::to_string(*run.overlap->steps) + ", but after " +
                                              std::to_string(equal->steps / count) +
                                              " local steps the next fragment leaves; allowed: fewer, or null for a "
                                              "whole round"});
  if (!run.own_step()) return;
  const auto own = [&](bool wrong, const std::string& needs) {
    if (wrong) mistakes.push_back({"/overlap/landing/kind", "is \"own-step\", which needs " + needs});
  };
  own(run.overlap->steps.has_value(), "a whole round for the mean to arrive; allowed: with /overlap/steps null");
  own(!std::holds_alternative<BarrierConfig>(run.policy), "the mean of all; allowed: with policy barrier");
  own(!std::holds_alternative<models::MeanConfig>(run.reduce), "the plain mean; allowed: with reduce mean");
  own(!run.corrections.empty() || run.update_weight_value() != 1.0,
      "pseudo-gradients as they are; allowed: without corrections, with update_weight 1");
  own(std::holds_alternative<models::DelayedNesterovConfig>(run.outer) ||
          std::holds_alternative<models::BufferedConfig>(run.outer) ||
          std::holds_alternative<models::HelocoConfig>(run.outer) ||
          std::holds_alternative<models::ScheduleFreeConfig>(run.outer),
      "a rule that updates each time and sends out what it evaluates; not for it: delayed-nesterov, buffered, heloco, "
      "schedule-free");
}

void validate_payload(const models::PayloadConfig& payload, std::vector<Mistake>& mistakes) {
  if (payload.top_k && payload.top_k->kept > payload.top_k->chunk)
    mistakes.push_back({"/payload/top_k/kept", "is " + std::to_string(payload.top_k->kept) + " of a chunk of " +
                                                   std::to_string(payload.top_k->chunk) +
                                                   "; allowed: from 1 to the chunk"});
  if (payload.error_decay != 1.0 && !payload.error_feedback)
    mistakes.push_back({"/payload/error_decay", "is " + number_text(payload.error_decay) +
                                                    " without error_feedback, so that nothing decays; allowed: 1, or "
                                                    "error_feedback"});
}

/// The rule at this place, of a server that so many nodes send to.
void validate_rule(const OuterConfig& rule, int64_t senders, const std::string& place, std::vector<Mistake>& mistakes) {
  if (const auto* server = std::get_if<models::ServerOptimizerConfig>(&rule))
    validate_schedule(server->learning_rate, place + "/learning_rate", mistakes);
  if (const auto* delayed = std::get_if<models::DelayedNesterovConfig>(&rule)) {
    const int64_t period = delayed->period.value_or(senders);
    if (delayed->spread * static_cast<double>(period) > 1.0 + 1e-9)
      mistakes.push_back({place + "/spread", "is " + number_text(delayed->spread) + " with a period of " +
                                                 std::to_string(period) + "; allowed: from 0 to 1/period"});
  }
}

/// With region_servers the policy is that of each region's server, whose workers are those of its region.
void validate_servers(const RunConfig& run, std::vector<Mistake>& mistakes) {
  int64_t fewest = run.worker_count(), most = run.worker_count(), senders = run.worker_count();
  if (const auto regions = regions_of(run); run.region_servers && !regions.empty()) {
    const auto by_workers = [](const InhabitedRegion& a, const InhabitedRegion& b) { return a.workers < b.workers; };
    const auto [smallest, largest] = std::minmax_element(regions.begin(), regions.end(), by_workers);
    fewest = smallest->workers;
    most = largest->workers;
    senders = static_cast<int64_t>(regions.size());
  }
  const auto limit = [&](int64_t quorum, const std::string& place) {
    if (quorum > fewest)
      mistakes.push_back({place, "is " + std::to_string(quorum) + ", but " +
                                     (run.region_servers ? "a region has" : "there are") + " only " +
                                     std::to_string(fewest) + " workers; allowed: from 1 to all"});
  };
  if (const auto* quorum = std::get_if<QuorumConfig>(&run.policy)) limit(quorum->workers, "/policy/workers");
  if (const auto* pull = std::get_if<sim::PullConfig>(&run.policy)) limit(pull->quorum, "/policy/quorum");
  validate_rule(run.outer, senders, "/outer", mistakes);
  if (run.region_servers) validate_rule(run.region_servers->outer, most, "/region_servers/outer", mistakes);
}

}  // namespace

void validate_run(const RunConfig& run, std::vector<Mistake>& mistakes) {
  validate_model(run, mistakes);
  validate_limits(run, mistakes);
  validate_data_parallel(run, mistakes);
  validate_schedule(run.local.learning_rate, "/local/learning_rate", mistakes);
  if (const auto* pretrain = std::get_if<PretrainedStart>(&run.start))
    validate_schedule(pretrain->learning_rate, "/start/learning_rate", mistakes);
  validate_workers(run, mistakes);
  validate_network(run, mistakes);
  validate_overlap(run, mistakes);
  validate_payload(run.payload, mistakes);
  if (!std::holds_alternative<models::MeanConfig>(run.reduce) && std::holds_alternative<GraceWindowConfig>(run.policy))
    mistakes.push_back({"/reduce/kind",
                        "weighs pseudo-gradients that are applied together, but a grace window applies "
                        "them one by one; kinds there: mean; policies for it: barrier, quorum, pull"});
  validate_servers(run, mistakes);
}

void validate_comparison(const ExperimentConfig& experiment, std::vector<Mistake>& mistakes) {
  const auto allowed = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '_' ||
           c == '.';
  };
  if (!std::all_of(experiment.name.begin(), experiment.name.end(), allowed) || experiment.name[0] == '.' ||
      experiment.name.size() > 100)
    mistakes.push_back(
        {"/name",
         text_of(experiment.name) +
             " cannot name a directory; allowed: up to 100 letters, digits, '-', '_', '.', not starting with '.'"});
  std::set<std::string> names, directories;
  for (size_t i = 0; i < experiment.methods.size(); ++i) {
    const std::string& name = experiment.methods[i].name;
    const std::string place = "/methods/" + std::to_string(i) + "/name";
    names.insert(name);
    const bool control =
        std::any_of(name.begin(), name.end(), [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; });
    if (slug(name).empty() || name.size() > 100 || control)
      mistakes.push_back({place, text_of(name) + " cannot be a name; allowed: at most 100 characters, none of them a "
                                                 "control character, with a letter or digit among them"});
    else if (slug(name) == "charts")
      mistakes.push_back(
          {place, text_of(name) + " would share the directory \"charts\" with the charts; allowed: another name"});
    else if (!directories.insert(slug(name)).second)
      mistakes.push_back({place, text_of(name) + " would share the directory \"" + slug(name) +
                                     "\" with another method; allowed: names that differ in letters or digits"});
  }
  if (experiment.baseline && !names.contains(*experiment.baseline)) {
    const std::vector<std::string_view> known(names.begin(), names.end());
    mistakes.push_back({"/baseline", unknown_value(*experiment.baseline, "methods", known)});
  }
  if (!experiment.baseline && experiment.target == kBaselineTarget)
    mistakes.push_back({"/target",
                        "is \"baseline\", and the experiment names no baseline; allowed: common, a number "
                        "above 0, or a \"baseline\""});
  std::set<uint64_t> seeds;
  for (size_t i = 0; i < experiment.seeds.size(); ++i)
    if (!seeds.insert(experiment.seeds[i]).second)
      mistakes.push_back({"/seeds/" + std::to_string(i),
                          "is " + std::to_string(experiment.seeds[i]) + ", which stands there already"});
}

}  // namespace experiments
