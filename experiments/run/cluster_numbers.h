#pragma once
#include <cstdint>
#include <optional>
#include <string>

#include "sim/clock/clock_log.h"

namespace experiments {

struct RunConfig;

/// Numbers without unit that tell clusters apart: where they are equal, clusters behave alike. Empty where a run has
/// none.
struct ClusterNumbers {
  std::optional<double> rho_c;          ///< time of a worker's messages / its computing
  std::optional<double> rho_s;          ///< slowest / mean seconds of a step, over workers
  std::optional<double> asynchronous;   ///< local steps without any waiting / those in lock step
  std::optional<double> rho_f;          ///< interruptions in a round: of all workers where it is theirs together
  std::optional<double> rho_o;          ///< computing beside which a message and its answer may travel / their time
  std::optional<double> rho_b;          ///< what the busiest link would carry if nobody ever waited / what it can carry
  std::string busiest;                  ///< that link: "ingress", "upload of workers 0–3"
  int64_t workers = 0;                  ///< k
  std::optional<double> staleness;      ///< updates, mean of the arrivals applied
  std::optional<int64_t> staleness_95;  ///< 95 % of them are at or below it
  std::optional<double> bytes_per_token;  ///< up and down
  std::optional<double> lost_work;        ///< share of local steps that were dropped or lost in a crash
};

/// A pure function of both. Without the clock's records ρ_b is not told.
ClusterNumbers cluster_numbers(const RunConfig&, const sim::ClockLog&);

}  // namespace experiments
