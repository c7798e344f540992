#pragma once
#include <optional>

#include "experiments/run/run_log.h"

/// What one run came to.
namespace experiments {

/// What a run costs beside time, and how that is written.
struct Currency {
  const char *key, *unit, *name;  ///< in files; there; for people
  double Counters::*spent;        ///< not finite where an experiment has no such prices
};
inline constexpr Currency kCurrencies[] = {{"usd", "$", "dollars", &Counters::usd},
                                           {"kwh", "kWh", "kWh", &Counters::kwh}};

/// The first evaluation after the start whose loss is at or below `target`; null if there is none, and for a run that
/// diverged: its model is lost.
const Evaluation* at_target(const RunLog&, double target);
/// Its simulated seconds.
std::optional<double> time_to_target(const RunLog&, double target);

/// What a run came to. A run that learned nothing ended above the loss of guessing, or else above that of its own
/// start.
enum class Ending { learned, above_start, above_guessing, diverged };
Ending ending_of(const RunLog&);

/// Perplexity exp(loss); bits per byte loss / ln 2 / bytes_per_token.
double perplexity(double loss);
double bits_per_byte(double loss, double bytes_per_token);
/// The last evaluation's loss; NaN without evaluations, and for a run that diverged.
double final_loss(const RunLog&);
/// Share of all workers' time spent computing; NaN for a run without time or workers.
double utilisation(const RunLog&);
/// Staleness in server updates of the arrivals that were applied; NaN and 0 without any.
double mean_staleness(const RunLog&);
int64_t max_staleness(const RunLog&);
/// The lowest loss after its start of a run that learned.
std::optional<double> lowest_loss(const RunLog&);

}  // namespace experiments
