#include <cmath>

#include "experiments/report/files.h"
#include "experiments/report/format.h"
#include "experiments/report/writers.h"

namespace experiments {
namespace {

/// RFC 4180: quoted where a comma, a quote or a line break asks for it.
std::string csv_field(const std::string& text) {
  if (text.find_first_of(",\"\r\n") == std::string::npos) return text;
  std::string quoted = "\"";
  for (char c : text) quoted += c == '"' ? std::string("\"\"") : std::string(1, c);
  return quoted + "\"";
}

/// The shortest digits that read back as the same number; empty when missing.
std::string csv_number(const std::optional<double>& value) {
  return value && std::isfinite(*value) ? json_text(number(value)) : "";
}

std::string summary_csv(const ComparisonSummary& summary) {
  std::string text = "method,seeds,target_loss";
  for (const char* name : {"final_loss", "perplexity", "bits_per_byte", "server_updates", "local_steps", "tokens", "simulated_seconds",
                           "time_to_target_seconds", "speed_up", "loss_difference", "utilisation", "staleness_updates"})
    text += std::string(",") + name + "," + name + "_ci95";
  text += "\n";
  const std::string target = csv_number(estimate(summary.target_loss).mean);
  for (const MethodSummary& m : summary.methods) {
    text += csv_field(m.method) + "," + std::to_string(m.seeds) + "," + target;
    for (const std::optional<Estimate>& e :
         std::initializer_list<std::optional<Estimate>>{m.loss, m.perplexity, m.bits_per_byte, m.server_updates, m.local_steps, m.tokens,
                                                        m.simulated_seconds, m.time_to_target, m.speed_up, m.loss_difference,
                                                        m.utilisation, m.staleness})
      text += "," + csv_number(e ? std::optional(e->mean) : std::nullopt) + "," + csv_number(e ? e->half_width : std::nullopt);
    text += "\n";
  }
  return text;
}

/// Text that Markdown shows as it is.
std::string md(const std::string& text) {
  std::string result;
  for (char c : text) {
    if (c == '<') result += "&lt;";
    else if (c == '>') result += "&gt;";
    else if (c == '&') result += "&amp;";
    else if (c == '\n' || c == '\r') result += ' ';
    else if (std::string_view("\\`*_[]|#").find(c) != std::string_view::npos) (result += '\\') += c;
    else result += c;
  }
  return result;
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
  std::string text = "# " + md(summary.name) + "\n\n";
  text += "| method | final loss | difference to baseline | perplexity | bits/byte | server updates | local steps | tokens | simulated time "
          "| time to target | speed-up | utilisation % | staleness |\n| --- ";
  for (int column = 0; column < 12; ++column) text += "| ---: ";
  text += "|\n";
  for (const MethodSummary& m : summary.methods) {
    text += "| " + md(m.method);
    for (const std::string& cell :
         {with_interval(m.loss, 4), with_interval(m.loss_difference, 4), with_interval(m.perplexity, 2), with_interval(m.bits_per_byte, 3),
          count_text(m.server_updates), count_text(m.local_steps), count_text(m.tokens), duration_estimate(m.simulated_seconds),
          duration_estimate(m.time_to_target), with_interval(m.speed_up, 2), percent(m.utilisation), with_interval(m.staleness, 2)})
      text += " | " + cell;
    text += " |\n";
  }
  const Estimate target = estimate(summary.target_loss);
  text += "\n" + std::to_string(summary.seeds.size()) + (summary.seeds.size() == 1 ? " seed." : " seeds: mean ± 95 % Student-t interval.");
  text += " Target: loss " + with_interval(target, 4) + ", the lowest that every method reached";
  text += summary.baseline.empty() ? ". No baseline is named.\n"
                                   : ". Speed-up and difference are to " + md(summary.baseline) + ", paired by seed.\n";
  return text;
}

}  // namespace

void write_summary(const std::filesystem::path& directory, const ComparisonSummary& summary) {
  write_file(directory / "summary.csv", summary_csv(summary));
  write_file(directory / "summary.md", summary_md(summary));
}

}  // namespace experiments
