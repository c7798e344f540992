#pragma once
#include <array>
#include <filesystem>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "experiments/config/experiment_config.h"
#include "experiments/config/fields.h"
#include "experiments/config/json_reader.h"
#include "experiments/report/measures.h"
#include "sim/units.h"

namespace experiments {

/// What a page of reproduction shows and checks, as a file describes it, each struct with its keys: units and meanings
/// are in docs/pictures.md.

inline constexpr Limits kName = {.required = true, .min_items = 1};

/// One shape that is expected of `method`'s final losses, in nats over paired seeds, or of its times. `experiments` are
/// names of the section's experiments; empty: all of them, one after the other.
struct ClaimHead {
  std::string says;
  std::vector<std::string> experiments;
  std::string method;
};
template <class V>
void fields(V& v, ClaimHead& c) {
  v.field("says", c.says, kName, "", "");
  v.field("experiments", c.experiments, not_empty(), "", "");
  v.field("method", c.method, kName, "", "");
}
/// Two methods.
struct PairHead : ClaimHead {
  std::string than;
};
template <class V>
void fields(V& v, PairHead& c) {
  fields(v, static_cast<ClaimHead&>(c));
  v.field("than", c.than, kName, "", "");
}
/// Their final losses. With `than_experiment` the other is a method of that experiment.
struct LossPairHead : PairHead {
  std::optional<std::string> than_experiment;
};
template <class V>
void fields(V& v, LossPairHead& c) {
  fields(v, static_cast<PairHead&>(c));
  v.field("than_experiment", c.than_experiment, not_empty(), "", "");
}
/// `method` ends below `than`: the 95 % interval of the paired difference lies below 0.
struct BelowClaim : LossPairHead {
  static constexpr std::string_view kind = "below";
};
/// `method` ends below every other one of its experiment.
struct BestClaim : ClaimHead {
  static constexpr std::string_view kind = "best";
};
/// The two end at the same loss: the interval of the difference lies within ± `margin`, or includes 0.
struct WithinClaim : LossPairHead {
  static constexpr std::string_view kind = "within";
  double margin = 0;      ///< nats
  bool or_below = false;  ///< it holds too where `method` ends below `than`
};
template <class V>
void fields(V& v, WithinClaim& c) {
  fields(v, static_cast<LossPairHead&>(c));
  v.field("margin", c.margin, at_least(0).needed(), "nats", "");
  v.field("or_below", c.or_below, any(), "", "");
}
/// Of the way from `from`'s final loss down to `to`'s, `method` goes at most, or at least, this share.
struct ClosesGapClaim : ClaimHead {
  static constexpr std::string_view kind = "closes-gap";
  std::string from, to;
  std::optional<double> at_most, at_least;
};
template <class V>
void fields(V& v, ClosesGapClaim& c) {
  fields(v, static_cast<ClaimHead&>(c));
  v.field("from", c.from, kName, "", "");
  v.field("to", c.to, kName, "", "");
  v.field("at_most", c.at_most, any(), "share", "");
  v.field("at_least", c.at_least, any(), "share", "");
}
/// `method` gets more than `at_least` times as fast as `than` to the best loss that both reach, in simulated time.
struct FasterClaim : PairHead {
  static constexpr std::string_view kind = "faster";
  double at_least = 1;
};
template <class V>
void fields(V& v, FasterClaim& c) {
  fields(v, static_cast<PairHead&>(c));
  v.field("at_least", c.at_least, above(0), "", "");
}
/// That speed-up grows from each of the experiments to the next.
struct SpeedUpGrowsClaim : PairHead {
  static constexpr std::string_view kind = "speed-up-grows";
};
/// `method`'s simulated time at its end is this, to the nanosecond.
struct TimeClaim : ClaimHead {
  static constexpr std::string_view kind = "time";
  double seconds = 0;
};
template <class V>
void fields(V& v, TimeClaim& c) {
  fields(v, static_cast<ClaimHead&>(c));
  v.field("seconds", c.seconds, between(0, sim::kMaxSeconds).needed(), "s", "");
}
/// `method`'s final loss is the published one but for this share of it.
struct FinalLossNearClaim : ClaimHead {
  static constexpr std::string_view kind = "final-loss-near";
  double loss = 0, share = 0.3;
};
template <class V>
void fields(V& v, FinalLossNearClaim& c) {
  fields(v, static_cast<ClaimHead&>(c));
  v.field("loss", c.loss, above(0).needed(), "nats", "");
  v.field("share", c.share, above(0), "", "");
}
using Claim = std::variant<BelowClaim, BestClaim, WithinClaim, ClosesGapClaim, FasterClaim, SpeedUpGrowsClaim,
                           TimeClaim, FinalLossNearClaim>;

/// What of ours stands beside a published number.
enum class Quantity { perplexity, loss, simulated_seconds };
constexpr auto names_of(Quantity) {
  return std::array{std::pair{Quantity::perplexity, "perplexity"}, std::pair{Quantity::loss, "loss"},
                    std::pair{Quantity::simulated_seconds, "simulated-seconds"}};
}

/// A published table. A column that names an experiment and a row that names a method get our number beside theirs.
struct PublishedColumn {
  std::string head;
  std::optional<std::string> experiment;
  Quantity quantity = Quantity::perplexity;
};
template <class V>
void fields(V& v, PublishedColumn& c) {
  v.field("head", c.head, any().needed(), "", "");
  v.field("experiment", c.experiment, not_empty(), "", "");
  v.field("ours", c.quantity, any(), "", "");
}
struct PublishedRow {
  std::string head;
  std::optional<std::string> method;
  bool start = false;        ///< ours is what all methods start from
  std::vector<Json> values;  ///< numbers, texts or null, one a column
};
template <class V>
void fields(V& v, PublishedRow& c) {
  v.field("head", c.head, any().needed(), "", "");
  v.field("method", c.method, not_empty(), "", "");
  v.field("start", c.start, any(), "", "");
  v.field("values", c.values, any().needed(), "", "");
}
struct Published {
  std::vector<PublishedColumn> columns;
  std::vector<PublishedRow> rows;
  std::optional<std::string> reference;  ///< the method that percentages compare to
};
template <class V>
void fields(V& v, Published& c) {
  v.field("columns", c.columns, not_empty().needed(), "", "");
  v.field("rows", c.rows, not_empty().needed(), "", "");
  v.field("reference", c.reference, not_empty(), "", "");
}

constexpr auto names_of(CounterKind) {
  return std::array{std::pair{CounterKind::time, "time"},   std::pair{CounterKind::updates, "updates"},
                    std::pair{CounterKind::steps, "steps"}, std::pair{CounterKind::tokens, "tokens"},
                    std::pair{CounterKind::bytes, "bytes"}, std::pair{CounterKind::usd, "usd"},
                    std::pair{CounterKind::kwh, "kwh"}};
}
constexpr auto names_of(Measure) {
  return std::array{std::pair{Measure::loss, "loss"}, std::pair{Measure::perplexity, "perplexity"},
                    std::pair{Measure::bits_per_byte, "bits-per-byte"}, std::pair{Measure::staleness, "staleness"}};
}
struct PlannedChart {
  CounterKind x = CounterKind::time;
  Measure y = Measure::loss;
};
template <class V>
void fields(V& v, PlannedChart& c) {
  v.field("x", c.x, any(), "", "");
  v.field("y", c.y, any(), "", "");
}

/// An experiment file of a section. Its results are in the directory of its name.
struct PlannedExperiment {
  std::filesystem::path file;
  ExperimentConfig experiment;
};

/// One figure or table.
struct PlannedSection {
  std::string title, source;
  std::vector<std::string> experiment_files;  ///< as written, relative to the plan
  Published published;
  std::vector<Claim> claims;
  std::vector<PlannedChart> charts = {PlannedChart{}};
  std::string note;                            ///< Markdown
  std::vector<PlannedExperiment> experiments;  ///< what the files hold
};
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

struct ReproductionPlan {
  std::string title = "Reproduction", introduction;  ///< the latter is Markdown
  std::vector<PlannedSection> sections;
};
template <class V>
void fields(V& v, ReproductionPlan& c) {
  v.field("title", c.title, not_empty(), "", "");
  v.field("introduction", c.introduction, any(), "", "");
  v.field("sections", c.sections, kName, "", "");
}

}  // namespace experiments
