#include "experiments/cli/understood.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <functional>
#include <stdexcept>

#include "experiments/cli/interrupt.h"
#include "experiments/cli/options.h"
#include "experiments/config/experiment_config.h"
#include "experiments/report/format.h"
#include "experiments/report/process.h"
#include "experiments/report/text_table.h"
#include "experiments/run/build.h"

namespace experiments {
namespace {

/// More rows are not read.
constexpr size_t kMostRows = 48;

/// Of all methods' clocks together, when all should take no noticeable time.
constexpr int64_t kMostActions = 100'000;

std::string rounded(double value) {
  if (!std::isfinite(value)) return "-";
  char text[32];
  std::snprintf(text, sizeof text, "%.3g", value);
  return text;
}
std::string rounded(const std::optional<double>& value) { return rounded(value.value_or(NAN)); }
std::string seconds_text(double value) { return value < 60 ? rounded(value) + " s" : duration_text(value); }
std::string percent_text(double share) { return std::isfinite(share) ? fixed(100 * share, 1) + " %" : "-"; }

std::string between(double least, double most) {
  const std::string low = rounded(least), high = rounded(most);
  return low == high ? low : low + "–" + high;
}

/// A table's columns, filled row by row.
class Table {
 public:
  explicit Table(std::vector<TextColumn> columns) : columns_(std::move(columns)) {}
  void add(const std::vector<std::string>& cells) {
    for (size_t c = 0; c < columns_.size(); ++c) columns_[c].cells.push_back(cells[c]);
  }
  size_t rows() const { return columns_[0].cells.size(); }
  std::string text() const { return text_table(columns_, 0); }

 private:
  std::vector<TextColumn> columns_;
};

std::string facts_table(const RunConfig& run) {
  Table table({{.upper = "", .lower = "workers", .left = true},
               {.upper = "", .lower = "count"},
               {.upper = "seconds", .lower = "a step"},
               {.upper = "a message alone", .lower = "down"},
               {.upper = "", .lower = "up"}});
  const std::vector<WorkerKind> kinds = kinds_of(run);
  const std::vector<KindFacts> facts = facts_of(run);
  for (size_t k = 0; k < std::min(kinds.size(), kMostRows); ++k)
    table.add({kinds[k].label, std::to_string(kinds[k].count), between(facts[k].fastest, facts[k].slowest),
               seconds_text(facts[k].down_alone), seconds_text(facts[k].up_alone)});
  return table.text() + (kinds.size() > kMostRows
                             ? "and " + std::to_string(kinds.size() - kMostRows) + " more kinds of workers\n"
                             : "");
}

/// Each table once, with the methods that it holds for where it does not hold for all.
std::string facts_tables(const std::vector<Understood>& all) {
  std::vector<std::pair<std::string, std::string>> tables;  // methods, text
  for (const Understood& one : all) {
    const std::string text = facts_table(one.method->run);
    const auto same = std::find_if(tables.begin(), tables.end(), [&](const auto& t) { return t.second == text; });
    if (same == tables.end())
      tables.emplace_back(one.method->name, text);
    else
      same->first += ", " + one.method->name;
  }
  if (tables.size() == 1) return tables[0].second;
  std::string text;
  for (const auto& [methods, table] : tables) text += (text.empty() ? "" : "\n") + methods + "\n" + table;
  return text;
}

std::string uses_table(const std::vector<Understood>& all) {
  Table table({{.upper = "", .lower = "method", .left = true},
               {.upper = "", .lower = "workers", .left = true},
               {.upper = "local", .lower = "steps"},
               {.upper = "a", .lower = "round"},
               {.upper = "a message", .lower = "down"},
               {.upper = "", .lower = "up"},
               {.upper = "", .lower = "waited"},
               {.upper = "staleness", .lower = "mean"},
               {.upper = "", .lower = "95 %"}});
  for (const Understood& one : all) {
    const std::vector<WorkerKind> kinds = kinds_of(one.method->run);
    for (size_t k = 0; k < one.uses.size(); ++k) {
      const KindUse& use = one.uses[k];
      table.add({k ? "" : one.method->name, one.uses.size() == kinds.size() ? kinds[k].label : "all workers",
                 rounded(use.local_steps), seconds_text(use.round_seconds), seconds_text(use.down),
                 seconds_text(use.up), percent_text(use.waited), rounded(use.staleness),
                 use.staleness_95 ? std::to_string(*use.staleness_95) : "-"});
    }
  }
  std::string totals;
  for (const Understood& one : all)
    if (one.uses.empty() && one.tokens > 0) totals += (totals.empty() ? "" : ", ") + one.method->name;
  return (table.rows() ? "\n" + table.text() : "") +
         (totals.empty() ? "" : "\ntotals alone, of many workers or arrivals: " + totals + "\n");
}

std::string tokens_text(const std::vector<Understood>& all) {
  std::string text;
  for (const Understood& one : all) {
    const RunConfig& run = one.method->run;
    if (!run.stand_in) continue;
    const auto own = static_cast<double>(run.tokens_per_step());
    const double charged = static_cast<double>(run.stand_in->tokens_per_step.value_or(run.tokens_per_step()));
    text += one.method->name + ": trained on " + std::to_string(one.tokens) + " tokens, charged on the clock for " +
            std::to_string(std::llround(static_cast<double>(one.tokens) * charged / own)) + "\n";
  }
  return text.empty() ? "" : "\n" + text;
}

std::string numbers_table(const std::vector<Understood>& all) {
  Table table({{.upper = "", .lower = "method", .left = true},
               {.upper = "", .lower = "ρ_c"},
               {.upper = "", .lower = "ρ_s"},
               {.upper = "", .lower = "ρ_f"},
               {.upper = "", .lower = "ρ_o"},
               {.upper = "", .lower = "ρ_b"},
               {.upper = "", .lower = "k"},
               {.upper = "staleness", .lower = "mean"},
               {.upper = "", .lower = "95 %"},
               {.upper = "bytes/", .lower = "token"},
               {.upper = "lost", .lower = "work"}});
  for (const Understood& one : all) {
    const ClusterNumbers& n = one.numbers;
    table.add({one.method->name, rounded(n.rho_c), rounded(n.rho_s), rounded(n.rho_f), rounded(n.rho_o),
               rounded(n.rho_b), std::to_string(n.workers), rounded(n.staleness),
               n.staleness_95 ? std::to_string(*n.staleness_95) : "-", rounded(n.bytes_per_token),
               percent_text(n.lost_work.value_or(NAN))});
  }
  return "\n" + table.text();
}

/// The range of value(numbers) over the methods that have one; "" where none has.
std::string over(const std::vector<Understood>& all,
                 const std::function<std::optional<double>(const ClusterNumbers&)>& value) {
  double least = INFINITY, most = -INFINITY;
  for (const Understood& one : all)
    if (const auto v = value(one.numbers)) {
      least = std::min(least, *v);
      most = std::max(most, *v);
    }
  return least <= most ? between(least, most) : "";
}

std::string readings(const std::vector<Understood>& all) {
  using Numbers = const ClusterNumbers&;
  std::string text;
  const auto add = [&](const std::string& name, const std::string& reading) {
    text += left_in(name, 10) + "  " + reading + "\n";
  };
  if (const auto paid = over(all, [](Numbers n) { return n.rho_c ? 100 * *n.rho_c / (1 + *n.rho_c) : n.rho_c; });
      !paid.empty())
    add("ρ_c", "a worker's messages ÷ its computing: where nothing hides them they take " + paid + " % of both");
  add("ρ_s", "slowest ÷ mean step: lock step leaves " + over(all, [](Numbers n) { return 100 * (1 - 1 / *n.rho_s); }) +
                 " % of the computing unused; without waiting " + over(all, [](Numbers n) { return n.asynchronous; }) +
                 " times as many steps");
  if (const auto f = over(all, [](Numbers n) { return n.rho_f; }); !f.empty())
    add("ρ_f", f == "0" ? "nobody went down" : "workers went down " + f + " times in a round");
  const auto o = over(all, [](Numbers n) { return n.rho_o; });
  add("ρ_o", o.empty()
                 ? "no method says how long messages may travel beside computing"
                 : "a message and its answer have " + o + " times as long as they take; from 1 on they are hidden");
  if (std::any_of(all.begin(), all.end(), [](const Understood& one) { return !one.uses.empty(); })) {
    std::string links;
    for (const Understood& one : all)
      if (const std::string& link = one.numbers.busiest; !link.empty() && links.find(link) == std::string::npos)
        links += (links.empty() ? "" : ", ") + link;
    add("ρ_b", links.empty() ? "no link has a limit (but of a trace)"
                             : "if nobody ever waited, the busiest link (" + links + ") would carry " +
                                   over(all, [](Numbers n) { return n.rho_b; }) +
                                   " times what it can; above 1 it decides the pace");
  }
  add("k", "workers; with an update an arrival a message misses k − 1 updates in the mean");
  add("staleness", "updates that a message missed on its way; 95 % missed no more than that");
  add("bytes", "sent and received for a token that is trained on");
  add("lost", "share of local steps dropped on arrival, or lost when a worker went down");
  return text;
}

}  // namespace

Understood understand(const ExperimentConfig& experiment, const MethodConfig& method, const sim::ClockLog& log) {
  Understood understood{&method, {}, cluster_numbers(method.run, log), log.final.tokens};
  if (log.workers.empty()) return understood;
  std::vector<WorkerKind> kinds = kinds_of(method.run);
  if (kinds.size() * experiment.methods.size() > kMostRows) kinds = {{"", 0, 0, method.run.worker_count()}};
  for (const WorkerKind& kind : kinds) understood.uses.push_back(use_of(method.run, log, kind.first, kind.count));
  return understood;
}

std::string understood_text(const std::vector<Understood>& all, const std::string& file) try {
  return facts_tables(all) + uses_table(all) + tokens_text(all) + numbers_table(all) + readings(all);
} catch (const std::overflow_error& error) {
  throw InvalidConfig(file, {{"", error.what()}});
}

std::string understood_at_once(const ExperimentConfig& experiment, const std::string& file) {
  const auto methods = static_cast<int64_t>(experiment.methods.size());
  const int64_t most = std::max<int64_t>(kMostActions / methods, 1000);
  std::vector<Understood> all;
  std::string cut, left_out;
  for (const MethodConfig& method : experiment.methods) {
    sim::ClockLog log;
    if (method.run.worker_count() > most / 10) {
      left_out += (left_out.empty() ? "" : ", ") + method.name;
    } else {
      int64_t actions = 0;
      sim::ClockParts parts = build_clock(method.run, experiment.seeds.at(0));
      log = in_file(file, method, experiment.seeds.at(0), [&] {
        return sim::run_clock(parts, {.write = [&](sim::Action&&) { ++actions; }, .most_actions = most});
      });
      if (actions >= most)
        cut += (cut.empty() ? "" : ", ") + duration_text(sim::to_seconds(log.final.time)) + " of " + method.name;
    }
    all.push_back(understand(experiment, method, log));
  }
  const std::string whole = "; straggle run " + shell_word(file) + " --dry-run takes the whole run\n";
  return understood_text(all, file) + (cut.empty() ? "" : "measured in the beginning alone: " + cut + whole) +
         (left_out.empty() ? "" : "no clock was run of so many workers: " + left_out + whole);
}

}  // namespace experiments
