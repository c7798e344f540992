#pragma once
#include "experiments/config/experiment_config.h"
#include "experiments/config/fields.h"
#include "sim/units.h"

/// The experiment file's keys of the simulated cluster: workers, network, server, messages.
namespace experiments {

// --- workers ---
template <class V>
void fields(V& v, SteadySpeedConfig& c) {
  v.field("seconds_per_step", c.seconds_per_step, Limits{.min = 1e-9, .max = 1e6}.needed(), "s",
          "Simulated time of one inner step");
}
template <class V>
void fields(V& v, HardwareSpeedConfig& c) {
  v.field("flops_per_second", c.flops_per_second, Limits{.min = 1, .max = 1e21}.needed(), "FLOP/s",
          "The device's peak. A step takes 6 · parameters · tokens / (peak · utilisation)");
  v.field("utilisation", c.utilisation, Limits{.min = 0, .max = 1, .above_min = true}, "",
          "Share of the peak that training reaches");
}
template <class V>
void fields(V& v, TracedSpeedConfig& c) {
  v.field("file", c.file, not_empty().needed(), "path",
          "CSV of `time,steps_per_second` or `time,factor` (seconds; times the speed), relative to this file");
  v.field("end", c.end, any(), "",
          "After the last row: hold its value, or repeat from the start (the last time is the period)");
  v.field("seconds_per_step", c.seconds_per_step, between(1e-9, 1e6), "s",
          "Time of a step at factor 1 (a trace of factors)");
}
template <class V>
void fields(V&, sim::NoneProfile&) {}
template <class V>
void fields(V&, sim::SlightProfile&) {}
template <class V>
void fields(V&, sim::ModerateProfile&) {}
template <class V>
void fields(V&, sim::VeryProfile&) {}
template <class V>
void fields(V& v, sim::OneSlowProfile& c) {
  v.field("factor", c.factor, between(1e-3, 1e6), "", "How many times as long a step takes on the last worker");
}
template <class V>
void fields(V& v, sim::LinearProfile& c) {
  v.field("ratio", c.ratio, between(1e-3, 1e6), "",
          "How many times as long a step takes on the last worker; the others stand evenly between");
}
template <class V>
void fields(V& v, sim::LognormalProfile& c) {
  v.field("sigma", c.sigma, Limits{.min = 0, .max = 5, .above_min = true}, "", "σ of the logarithm; mean 1");
  v.field("seed", c.seed, any(), "", "Another seed is another cluster; the run's seeds do not change it");
}
template <class V>
void fields(V& v, sim::ParetoProfile& c) {
  v.field("alpha", c.alpha, Limits{.min = 1, .max = 1e6, .above_min = true}, "",
          "Exponent α of the tail: small is heavy; mean 1");
  v.field("seed", c.seed, any(), "", "Another seed is another cluster; the run's seeds do not change it");
}
template <class V>
void fields(V&, sim::HalosProfile&) {}
inline constexpr const char* kJitterPer = "A draw for each step, or one for all steps of a round";
template <class V>
void fields(V& v, sim::NormalJitter& c) {
  v.field("deviation", c.deviation, Limits{.min = 0, .max = 10, .above_min = true}, "",
          "Standard deviation before the cut at 0 and 2; mean 1");
  v.field("per", c.per, any(), "", kJitterPer);
}
template <class V>
void fields(V& v, sim::LognormalJitter& c) {
  v.field("sigma", c.sigma, Limits{.min = 0, .max = 5, .above_min = true}, "", "σ of the logarithm; mean 1");
  v.field("per", c.per, any(), "", kJitterPer);
}
template <class V>
void fields(V& v, sim::ExponentialJitter& c) {
  v.field("per", c.per, any(), "", kJitterPer);
}
template <class V>
void fields(V& v, sim::ShiftedExponentialJitter& c) {
  v.field("random_share", c.random_share, Limits{.min = 0, .max = 1, .above_min = true}, "",
          "Share of a mean step's time that is exponential; the rest is fixed; mean 1");
  v.field("per", c.per, any(), "", kJitterPer);
}
template <class V>
void fields(V& v, sim::ParetoJitter& c) {
  v.field("alpha", c.alpha, Limits{.min = 1, .max = 1e6, .above_min = true}, "",
          "Exponent α of the tail: small is heavy; mean 1");
  v.field("per", c.per, any(), "", kJitterPer);
}
template <class V>
void fields(V& v, sim::BimodalJitter& c) {
  v.field("probability", c.probability, between(0, 1), "", "Of a slow one");
  v.field("factor", c.factor, between(0, 1e6), "", "How many times as long a slow one takes; the others take 1");
  v.field("per", c.per, any(), "", kJitterPer);
}
template <class V>
void fields(V& v, sim::SlowSpellsSpec& c) {
  v.field("mean_seconds_between", c.mean_seconds_between, between(1e-3, 1e9), "s",
          "Mean time without a spell, exponential");
  v.field("mean_seconds", c.mean_seconds, between(1e-3, 1e9), "s", "Mean length of a spell, exponential");
  v.field("factor", c.factor, Limits{.min = 1, .max = 1e6, .above_min = true}, "",
          "How many times as long a step takes in a spell; null: the worker stands still");
}
template <class V>
void fields(V&, AlwaysUp&) {}
template <class V>
void fields(V& v, UpIntervalConfig& c) {
  v.field("from_seconds", c.from_seconds, Limits{.min = 0, .max = sim::kMaxSeconds}.needed(), "s", "It comes");
  v.field("to_seconds", c.to_seconds, Limits{.min = 0, .max = sim::kMaxSeconds, .above_min = true}, "s",
          "It goes; null: never");
}
template <class V>
void fields(V& v, ScheduledAvailability& c) {
  v.field("join_at_seconds", c.join_at_seconds, between(0, sim::kMaxSeconds), "s", "It comes");
  v.field("leave_at_seconds", c.leave_at_seconds, Limits{.min = 0, .max = sim::kMaxSeconds, .above_min = true}, "s",
          "It goes; null: never");
  v.field("up", c.up, any(), "", "Instead of the two: the intervals in which it is there");
}
template <class V>
void fields(V& v, RandomAvailability& c) {
  v.field("mean_up_seconds", c.mean_up_seconds, between(1e-3, 1e9), "s", "Mean time until it goes");
  v.field("mean_down_seconds", c.mean_down_seconds, between(1e-3, 1e9), "s", "Mean time until it is back");
  v.field("up_shape", c.up_shape, between(0.1, 100), "", "Weibull shape of the time until it goes; 1: exponential");
  v.field("down_shape", c.down_shape, between(0.1, 100), "",
          "Weibull shape of the time until it is back; 1: exponential");
}
template <class V>
void fields(V& v, StandInConfig& c) {
  v.field("parameters", c.parameters, Limits{.min = 1, .max = 1e15}.needed(), "", "N of a hardware speed");
  v.field("tokens_per_step", c.tokens_per_step, between(1, 1e15), "tokens",
          "Of a worker's step, for a hardware speed; null: the trained model's");
  v.field("bytes", c.bytes, between(1, 1e18), "B", "Of a model or pseudo-gradient on a link; null: 4 a parameter");
}
template <class V>
void fields(V& v, LinkConfig& c) {
  v.field("latency_seconds", c.latency_seconds, between(0, 1e6), "s", "Delay of a transfer, whatever its size");
  v.field("bytes_per_second", c.bytes_per_second, above(0), "B/s", "Bandwidth; null: unlimited");
}
template <class V>
void fields(V& v, WorkerConfig& c) {
  v.field("count", c.count, between(1, 1e7), "workers", "How many such workers");
  v.field("profile", c.profile, any(), "",
          "A named cluster: how many times as long as `speed` says a step takes on each of the `count` workers");
  v.field("speed", c.speed, any(), "", "How fast it computes; needed, but with a profile null is steady, 1 s a step");
  v.field("jitter", c.jitter, any(), "", "Random factors on the steps' times; null: none");
  v.field("slow_spells", c.slow_spells, any(), "", "Times in which it is slow; null: none");
  v.field("download", c.download, any(), "", "Its link from the server");
  v.field("upload", c.upload, any(), "", "Its link to the server");
  v.field("region", c.region, not_empty(), "",
          "The region of a shared network that it lives in; null: straight to the server");
  v.field("dropout", c.dropout, between(0, 0.99), "",
          "Probability that a round's pseudo-gradient is lost: the worker spends its time, the server learns at its "
          "arrival that it has nothing to apply");
  v.field("availability", c.availability, any(), "", "When it is there");
}

// --- network ---
template <class V>
void fields(V&, PrivateNetworkConfig&) {}
template <class V>
void fields(V& v, CapacityConfig& c) {
  v.field("bytes_per_second", c.bytes_per_second, above(0), "B/s",
          "Constant capacity; null, without a trace: unlimited");
  v.field("trace", c.trace, not_empty(), "path",
          "Capacity over time instead, relative to this file: CSV lines \"time,bytes_per_second\", seconds from 0 "
          "rising, each holding until the next");
  v.field(
      "after", c.after, any(), "",
      "Past the trace's last line: its value holds, or all repeats from there (the last line then equals the first)");
}
template <class V>
void fields(V& v, RegionConfig& c) {
  v.field("name", c.name, not_empty().needed(), "", "What workers name as their region");
  v.field("up", c.up, any(), "", "What all uploads of the region share");
  v.field("down", c.down, any(), "", "What all its downloads share");
  v.field("half_duplex", c.half_duplex, any(), "", "Both directions share the capacity of up; down is then left out");
}
template <class V>
void fields(V& v, SharedNetworkConfig& c) {
  v.field("ingress", c.ingress, any(), "", "What all uploads share at the server");
  v.field("egress", c.egress, any(), "", "What all downloads share at the server");
  v.field("half_duplex", c.half_duplex, any(), "",
          "Both directions share the capacity of ingress; egress is then left out");
  v.field("regions", c.regions, any(), "", "Links that groups of workers share, between theirs and the server's");
}
template <class V>
void fields(V&, RingNetworkConfig&) {}
template <class V>
void fields(V& v, ServerConfig& c) {
  v.field("seconds_per_update", c.seconds_per_update, between(0, 1e6), "s",
          "Time the server takes to apply an update; updates wait their turn");
  v.field("exponential", c.exponential, any(), "", "That time is drawn from an exponential distribution, as its mean");
}
template <class V>
void fields(V& v, models::PayloadConfig& c) {
  v.field("kind", c.kind, any(), "", "How the numbers of a pseudo-gradient travel: 4, 2 or about 1 bytes each");
  v.field("error_feedback", c.error_feedback, any(), "",
          "A worker adds what compression lost to its next pseudo-gradient (bfloat16, int8)");
  v.field("block", c.block, between(1, 1 << 30), "values", "Values that share a scale of 4 bytes (int8)");
}

}  // namespace experiments
