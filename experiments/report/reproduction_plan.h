#pragma once
#include <filesystem>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "experiments/config/experiment_config.h"
#include "experiments/config/json_reader.h"
#include "experiments/report/measures.h"

namespace experiments {

/// What a page of reproduction shows and checks, as a file describes it: docs/pictures.md has its keys.

/// One shape that is expected of final losses, in nats over paired seeds, or of times. `experiments` are names of the
/// section's experiments; empty: all of them, one after the other.
struct ClaimHead {
  std::string says;
  std::vector<std::string> experiments;
};
/// `method` ends below `than`: the 95 % interval of the paired difference lies below 0. With `than_experiment` the
/// latter is a method of that experiment.
struct BelowClaim : ClaimHead {
  static constexpr std::string_view kind = "below";
  std::string method, than;
  std::optional<std::string> than_experiment;
};
/// `method` ends below every other one of its experiment.
struct BestClaim : ClaimHead {
  static constexpr std::string_view kind = "best";
  std::string method;
};
/// The two end at the same loss: the interval of the difference lies within ± `margin`, or includes 0.
struct WithinClaim : ClaimHead {
  static constexpr std::string_view kind = "within";
  std::string method, than;
  std::optional<std::string> than_experiment;
  double margin = 0;  ///< nats
};
/// `method` ends no higher than `than`, but for noise: within, or below.
struct NotAboveClaim : ClaimHead {
  static constexpr std::string_view kind = "not-above";
  std::string method, than;
  std::optional<std::string> than_experiment;
  double margin = 0;  ///< nats
};
/// Of the way from `from`'s final loss down to `to`'s, `method` goes at most, or at least, this share.
struct ClosesGapClaim : ClaimHead {
  static constexpr std::string_view kind = "closes-gap";
  std::string method, from, to;
  std::optional<double> at_most, at_least;
};
/// `method` gets more than `at_least` times as fast as `than` to the best loss that both reach, in simulated time.
struct FasterClaim : ClaimHead {
  static constexpr std::string_view kind = "faster";
  std::string method, than;
  double at_least = 1;
};
/// That speed-up grows from each of the experiments to the next.
struct SpeedUpGrowsClaim : ClaimHead {
  static constexpr std::string_view kind = "speed-up-grows";
  std::string method, than;
};
/// `method`'s simulated time at its end is this, to the nanosecond.
struct TimeClaim : ClaimHead {
  static constexpr std::string_view kind = "time";
  std::string method;
  double seconds = 0;
};
/// `method`'s final loss is the published one but for this share of it.
struct FinalLossNearClaim : ClaimHead {
  static constexpr std::string_view kind = "final-loss-near";
  std::string method;
  double loss = 0, share = 0.3;
};
using Claim = std::variant<BelowClaim, BestClaim, WithinClaim, NotAboveClaim, ClosesGapClaim, FasterClaim,
                           SpeedUpGrowsClaim, TimeClaim, FinalLossNearClaim>;

/// What of ours stands beside a published number.
enum class Quantity { perplexity, loss, simulated_seconds };

/// A published table. A column that names an experiment and a row that names a method get our number beside theirs.
struct PublishedColumn {
  std::string head;
  std::optional<std::string> experiment;
  Quantity quantity = Quantity::perplexity;
};
struct PublishedRow {
  std::string head;
  std::optional<std::string> method;
  bool start = false;        ///< ours is what all methods start from
  std::vector<Json> values;  ///< numbers, texts or null, one a column
};
struct Published {
  std::vector<PublishedColumn> columns;
  std::vector<PublishedRow> rows;
  std::optional<std::string> reference;  ///< the method that percentages compare to
};

struct PlannedChart {
  CounterKind x = CounterKind::time;
  Measure y = Measure::loss;
};

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

struct ReproductionPlan {
  std::string title = "Reproduction", introduction;  ///< the latter is Markdown
  std::vector<PlannedSection> sections;
};

}  // namespace experiments
