#include <cmath>

#include "experiments/report/csv.h"
#include "experiments/report/files.h"
#include "experiments/report/format.h"
#include "experiments/report/markdown.h"
#include "experiments/report/verdict.h"
#include "experiments/report/writers.h"

namespace experiments {
namespace {

std::string csv_estimate(const std::optional<Estimate>& e) {
  return csv_number(e ? std::optional(e->mean) : std::nullopt) + "," + csv_number(e ? e->half_width : std::nullopt);
}

std::string summary_csv(const ComparisonSummary& summary) {
  std::string text = "method,seeds,target_loss";
  for (const char* name : {"final_loss", "perplexity", "bits_per_byte", "server_updates", "local_steps", "tokens",
                           "simulated_seconds", "utilisation", "staleness_updates", "loss_difference"})
    text += std::string(",") + name + "," + name + "_ci95";
  text +=
      ",loss_difference_p,seeds_at_target,time_to_target_seconds,time_to_target_seconds_ci95,speed_up,speed_up_low,"
      "speed_up_high,speed_up_p,diverged,worse_than_guessing,worse_than_start,out_of_workers\n";
  const std::string target = csv_number(estimate(summary.target_loss).mean);
  for (const MethodSummary& m : summary.methods) {
    text += csv_field(m.method) + "," + std::to_string(m.seeds) + "," + target;
    for (const std::optional<Estimate>& e : std::initializer_list<std::optional<Estimate>>{
             m.loss, m.perplexity, m.bits_per_byte, m.server_updates, m.local_steps, m.tokens, m.simulated_seconds,
             m.utilisation, m.staleness, m.loss_difference})
      text += "," + csv_estimate(e);
    text +=
        "," + csv_number(m.loss_difference_p) + "," + std::to_string(m.reached) + "," + csv_estimate(m.time_to_target);
    for (const auto& [name, value] : numbers_of(m.speed_up)) text += "," + csv_number(value);
    for (const int seeds : {m.diverged, m.above_guessing, m.above_start, m.out_of_workers})
      text += "," + std::to_string(seeds);
    text += "\n";
  }
  return text;
}

std::string duration_estimate(const Estimate& e) {
  return duration_text(e.mean) + (spreads(e) ? " ±" + duration_text(e.half_width) : "");
}

std::string percent(Estimate e) {
  e.mean *= 100;
  if (e.half_width) *e.half_width *= 100;
  return with_interval(e, 1);
}

std::string summary_md(const ComparisonSummary& summary) {
  std::string text = "# " + markdown_text(summary.name) + "\n\n";
  text +=
      "| method | final loss | difference to baseline | p | perplexity | bits/byte | server updates | local steps | "
      "tokens | simulated time "
      "| time to target | speed-up | p | utilisation % | staleness |\n| --- ";
  for (int column = 0; column < 14; ++column) text += "| ---: ";
  text += "|\n";
  for (const MethodSummary& m : summary.methods) {
    text += "| " + markdown_text(m.method);
    for (const std::string& cell :
         {m.diverged ? ending_text(m) : with_interval(m.loss, 4), with_interval(m.loss_difference, 4),
          p_text(m.loss_difference_p), with_interval(m.perplexity, 2), with_interval(m.bits_per_byte, 3),
          count_text(m.server_updates), count_text(m.local_steps), count_text(m.tokens),
          duration_estimate(m.simulated_seconds),
          m.time_to_target ? duration_estimate(*m.time_to_target) : time_to_target_text(summary, m),
          with_interval(m.speed_up, 2), p_text(m.speed_up ? m.speed_up->p : std::nullopt), percent(m.utilisation),
          with_interval(m.staleness, 2)})
      text += " | " + cell;
    text += " |\n";
  }
  text += "\n" + markdown_text(verdict(summary)) + "\n\n" + std::to_string(summary.seeds.size()) +
          (summary.seeds.size() == 1
               ? " seed."
               : std::string(" seeds: mean ± 95 % Student-t interval") +
                     (summary.seeds.size() < 5 ? "; so few seeds make wide intervals and weak tests." : "."));
  text += " Target: " + markdown_text(target_text(summary));
  text += summary.baseline.empty()
              ? ". No baseline is named.\n"
              : ". Speed-up and difference are to " + markdown_text(summary.baseline) + ", paired by seed" +
                    (summary.seeds.size() > 1
                         ? "; a speed-up is the geometric mean of the seeds' ratios; p: paired t test of no difference "
                           "(of the ratios' logarithms).\n"
                         : ".\n");
  for (const std::string& note : summary.notes) text += "\nNote: " + markdown_text(note) + ".\n";
  return text;
}

}  // namespace

void write_summary(const std::filesystem::path& directory, const ComparisonSummary& summary) {
  write_file(directory / "summary.csv", summary_csv(summary));
  write_file(directory / "summary.md", summary_md(summary));
}

}  // namespace experiments
