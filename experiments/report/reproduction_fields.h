#pragma once
#include <array>

#include "experiments/config/fields.h"
#include "experiments/report/reproduction_plan.h"
#include "sim/units.h"

/// The keys of a reproduction plan. Units and meanings are in docs/pictures.md.
namespace experiments {

constexpr auto names_of(Quantity) {
  return std::array{std::pair{Quantity::perplexity, "perplexity"}, std::pair{Quantity::loss, "loss"},
                    std::pair{Quantity::simulated_seconds, "simulated-seconds"}};
}
constexpr auto names_of(CounterKind) {
  return std::array{std::pair{CounterKind::time, "time"}, std::pair{CounterKind::updates, "updates"},
                    std::pair{CounterKind::steps, "steps"}, std::pair{CounterKind::tokens, "tokens"},
                    std::pair{CounterKind::bytes, "bytes"}};
}
constexpr auto names_of(Measure) {
  return std::array{std::pair{Measure::loss, "loss"}, std::pair{Measure::perplexity, "perplexity"},
                    std::pair{Measure::bits_per_byte, "bits-per-byte"}, std::pair{Measure::staleness, "staleness"}};
}

inline constexpr Limits kName = {.required = true, .min_items = 1};

template <class V>
void head_fields(V& v, ClaimHead& c) {
  v.field("says", c.says, kName, "", "");
  v.field("experiments", c.experiments, not_empty(), "", "");
}
template <class V, class C>
void pair_fields(V& v, C& c) {
  head_fields(v, c);
  v.field("method", c.method, kName, "", "");
  v.field("than", c.than, kName, "", "");
}

template <class V>
void fields(V& v, BelowClaim& c) {
  pair_fields(v, c);
  v.field("than_experiment", c.than_experiment, not_empty(), "", "");
}
template <class V>
void fields(V& v, BestClaim& c) {
  head_fields(v, c);
  v.field("method", c.method, kName, "", "");
}
template <class V>
void fields(V& v, WithinClaim& c) {
  pair_fields(v, c);
  v.field("than_experiment", c.than_experiment, not_empty(), "", "");
  v.field("margin", c.margin, at_least(0).needed(), "nats", "");
}
template <class V>
void fields(V& v, NotAboveClaim& c) {
  pair_fields(v, c);
  v.field("than_experiment", c.than_experiment, not_empty(), "", "");
  v.field("margin", c.margin, at_least(0).needed(), "nats", "");
}
template <class V>
void fields(V& v, ClosesGapClaim& c) {
  head_fields(v, c);
  v.field("method", c.method, kName, "", "");
  v.field("from", c.from, kName, "", "");
  v.field("to", c.to, kName, "", "");
  v.field("at_most", c.at_most, any(), "share", "");
  v.field("at_least", c.at_least, any(), "share", "");
}
template <class V>
void fields(V& v, FasterClaim& c) {
  pair_fields(v, c);
  v.field("at_least", c.at_least, above(0), "", "");
}
template <class V>
void fields(V& v, SpeedUpGrowsClaim& c) {
  pair_fields(v, c);
}
template <class V>
void fields(V& v, TimeClaim& c) {
  head_fields(v, c);
  v.field("method", c.method, kName, "", "");
  v.field("seconds", c.seconds, between(0, sim::kMaxSeconds).needed(), "s", "");
}
template <class V>
void fields(V& v, FinalLossNearClaim& c) {
  head_fields(v, c);
  v.field("method", c.method, kName, "", "");
  v.field("loss", c.loss, above(0).needed(), "nats", "");
  v.field("share", c.share, above(0), "", "");
}
template <class V>
void fields(V& v, PublishedColumn& c) {
  v.field("head", c.head, any().needed(), "", "");
  v.field("experiment", c.experiment, not_empty(), "", "");
  v.field("ours", c.quantity, any(), "", "");
}
template <class V>
void fields(V& v, PublishedRow& c) {
  v.field("head", c.head, any().needed(), "", "");
  v.field("method", c.method, not_empty(), "", "");
  v.field("start", c.start, any(), "", "");
  v.field("values", c.values, any().needed(), "", "");
}
template <class V>
void fields(V& v, Published& c) {
  v.field("columns", c.columns, not_empty().needed(), "", "");
  v.field("rows", c.rows, not_empty().needed(), "", "");
  v.field("reference", c.reference, not_empty(), "", "");
}
template <class V>
void fields(V& v, PlannedChart& c) {
  v.field("x", c.x, any(), "", "");
  v.field("y", c.y, any(), "", "");
}
template <class V>
void fields(V& v, PlannedSection& c) {
  v.field("title", c.title, kName, "", "");
  v.field("source", c.source, kName, "", "");
  v.field("experiments", c.experiment_files, kName, "", "");
  v.field("published", c.published, any().needed(), "", "");
  v.field("claims", c.claims, kName, "", "");
  v.field("charts", c.charts, any(), "", "");
  v.field("note", c.note, any(), "", "");
}
template <class V>
void fields(V& v, ReproductionPlan& c) {
  v.field("title", c.title, not_empty(), "", "");
  v.field("introduction", c.introduction, any(), "", "");
  v.field("sections", c.sections, kName, "", "");
}

}  // namespace experiments
