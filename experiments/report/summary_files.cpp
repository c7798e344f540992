#include <cmath>

#include "experiments/report/csv.h"
#include "experiments/report/files.h"
#include "experiments/report/format.h"
#include "experiments/report/markdown.h"
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
      ",loss_difference_p,time_to_target_seconds,time_to_target_seconds_ci95,speed_up,speed_up_low,speed_up_high,speed_"
      "up_p,diverged,out_of_workers\n";
  const std::string target = csv_number(estimate(summary.target_loss).mean);
  for (const MethodSummary& m : summary.methods) {
    text += csv_field(m.method) + "," + std::to_string(m.seeds) + "," + target;
    for (const std::optional<Estimate>& e : std::initializer_list<std::optional<Estimate>>{
             m.loss, m.perplexity, m.bits_per_byte, m.server_updates, m.local_steps, m.tokens, m.simulated_seconds,
             m.utilisation, m.staleness, m.loss_difference})
      text += "," + csv_estimate(e);
    const Ratio none{NAN, std::nullopt, std::nullopt, 0}, speed_up = m.speed_up.value_or(none);
    text += "," + csv_number(m.loss_difference_p) + "," + csv_estimate(m.time_to_target);
    for (const std::optional<double>& number :
         {std::optional(speed_up.mean), speed_up.low, speed_up.high, m.speed_up_p})
      text += "," + csv_number(number);
    text += "," + std::to_string(m.diverged) + "," + std::to_string(m.out_of_workers) + "\n";
  }
  return text;
}

std::string duration_estimate(const std::optional<Estimate>& e) {
  if (!e) return "-";
  return duration_text(e->mean) + (spreads(*e) ? " ±" + duration_text(e->half_width) : "");
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
         {m.diverged ? divergence_text(m) : with_interval(m.loss, 4), with_interval(m.loss_difference, 4),
          p_text(m.loss_difference_p), with_interval(m.perplexity, 2), with_interval(m.bits_per_byte, 3),
          count_text(m.server_updates), count_text(m.local_steps), count_text(m.tokens),
          duration_estimate(m.simulated_seconds), duration_estimate(m.time_to_target), with_interval(m.speed_up, 2),
          p_text(m.speed_up_p), percent(m.utilisation), with_interval(m.staleness, 2)})
      text += " | " + cell;
    text += " |\n";
  }
  const Estimate target = estimate(summary.target_loss);
  text += "\n" + std::to_string(summary.seeds.size()) +
          (summary.seeds.size() == 1
               ? " seed."
               : std::string(" seeds: mean ± 95 % Student-t interval") +
                     (summary.seeds.size() < 5 ? "; so few seeds make wide intervals and weak tests." : "."));
  text += " Target: loss " + with_interval(target, 4) + ", the lowest that every method reached";
  text += summary.baseline.empty()
              ? ". No baseline is named.\n"
              : ". Speed-up and difference are to " + markdown_text(summary.baseline) + ", paired by seed" +
                    (summary.seeds.size() > 1
                         ? "; p: paired t test of no difference; the speed-up's interval is Fieller's.\n"
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
