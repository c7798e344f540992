#pragma once
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "experiments/report/curves.h"

namespace experiments {

/// What a picture's x axis counts.
enum class CounterKind { time, updates, steps, tokens, bytes, usd, kwh };
inline constexpr std::string_view kCounterNames[] = {"time", "updates", "steps", "tokens", "bytes", "usd", "kwh"};

/// What its y axis tells. The last three are not told along a run: speed_up and time_to_target are one number per run,
/// and with time_to_loss and of single results speed_up a function of the loss that is to be reached.
enum class Measure { loss, perplexity, bits_per_byte, staleness, utilisation, speed_up, time_to_target, time_to_loss };
inline constexpr std::string_view kMeasureNames[] = {"loss",        "perplexity", "bits-per-byte",  "staleness",
                                                     "utilisation", "speed-up",   "time-to-target", "time-to-loss"};

/// A counter in a unit that keeps its numbers short up to `largest`: "simulated wall-clock time (hours)".
struct CounterAxis {
  std::string label;
  Axis value;
};
CounterAxis counter_axis(CounterKind, double largest);
/// In the counter's own unit: seconds, bytes (up and down together), dollars, kWh, or a count. Not finite where there
/// are no prices.
double counter_value(CounterKind, const Counters&);

std::string measure_label(Measure);

/// The measure along a run, at its evaluations: the losses as evaluated; staleness (mean over the arrivals applied) and
/// utilisation (share of all workers' time spent computing, in percent; needs spans) of the stretch since the
/// evaluation before. Precondition: along(measure).
std::vector<Sample> samples_of(const RunLog&, Measure);
/// Whether the measure is told along a run.
bool along(Measure);
/// The measure of the whole run: the final losses, mean staleness, utilisation in percent, seconds to `target`. Empty
/// where there is none.
std::optional<double> value_of(const RunLog&, Measure, const std::optional<double>& target);

/// A loss in the measure's unit; empty where the measure is no loss.
std::optional<double> from_loss(Measure, double loss, double bytes_per_token);

}  // namespace experiments
