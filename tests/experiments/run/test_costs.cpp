#include <cmath>
#include <string>

#include "experiments/config/experiment_config.h"
#include "experiments/report/writers.h"
#include "experiments/run/build.h"
#include "experiments/run/build_workers.h"
#include "tests/experiments/report/run_of.h"
#include "tests/support/catch.h"
#include "tests/support/temp_directory.h"
#include "tests/support/tiny_experiment.h"

using namespace experiments;
using Catch::Contains;
using tiny::uneven;

namespace {

using Settings = std::vector<std::pair<std::string, std::string>>;

/// Dollars of a gigabyte at which one message of the model costs a dollar.
std::string dollar_a_message() {
  return std::to_string(1e9 / static_cast<double>(transfer_bytes(tiny::run_of(uneven()))));
}

struct Paid {
  sim::ClockLog log;
  std::vector<Counters> evaluated;
};
Paid pay(const Json& json) {
  sim::ClockParts parts = build_clock(tiny::run_of(json), 3);
  Paid paid;
  paid.log = sim::run_clock(parts, {.write = [&](sim::Action&& action) {
                              if (auto* evaluate = std::get_if<sim::Evaluate>(&action))
                                paid.evaluated.push_back(evaluate->at);
                            }});
  return paid;
}
double dollars(const Json& json) { return pay(json).log.final.usd; }

}  // namespace

TEST_CASE("workers cost by the hour and by the watt, whether they compute or wait") {
  const Paid paid = pay(uneven({{"/workers/0/usd_per_hour", "3.6"},
                                {"/workers/1/usd_per_hour", "7.2"},
                                {"/workers/0/watts", "500"},
                                {"/evaluation/every", R"({"simulated_seconds": 130})"}}));
  CHECK(paid.log.final.usd == Approx(1000 * (3 * 0.001 + 0.002)));
  CHECK(paid.log.final.kwh == Approx(1000 * 3 * 500 / 3.6e6));
  // In the middle of whatever the workers do.
  REQUIRE(paid.evaluated.size() == 9);
  for (const Counters& at : paid.evaluated) {
    CHECK(at.usd == Approx(sim::to_seconds(at.time) * 0.005));
    CHECK(at.kwh == Approx(sim::to_seconds(at.time) * 1500 / 3.6e6));
  }
}

TEST_CASE("a worker that is down costs nothing, whether it left or starts again") {
  const std::string away =
      R"({"kind": "scheduled", "up": [{"from_seconds": 0, "to_seconds": 60}, {"from_seconds": 70, "to_seconds": 180}, {"from_seconds": 190}]})";
  const Paid left = pay(uneven({{"/workers/1/availability", away}, {"/workers/1/usd_per_hour", "3600"}}));
  CHECK(left.log.final.usd == Approx(sim::to_seconds(left.log.final.time) - 20));
  const Paid failed = pay(uneven({{"/workers/1/failures", R"({"mean_seconds_between": 100, "restart_seconds": 30})"},
                                  {"/workers/1/usd_per_hour", "3600"},
                                  {"/evaluation/every", R"({"simulated_seconds": 7})"}}));
  const double down = sim::to_seconds(failed.log.workers[3].down);
  REQUIRE(down > 100);
  CHECK(failed.log.final.usd == Approx(sim::to_seconds(failed.log.final.time) - down));
  CHECK(failed.evaluated.back().usd == Approx(failed.log.final.usd));
  for (size_t i = 1; i < failed.evaluated.size(); ++i)
    CHECK(failed.evaluated[i].usd >= failed.evaluated[i - 1].usd - 1e-9);
}

TEST_CASE("bytes cost on every link of their way") {
  const std::string price = R"({"usd_per_gb": )" + dollar_a_message() + "}";
  const double messages = 4 * 20;  // each way
  CHECK(dollars(uneven({{"/workers/1/upload", price}})) == Approx(20));
  CHECK(dollars(uneven({{"/workers/0/download", price}})) == Approx(60));
  // Each direction by its own price: a message up of one byte a value is a quarter of the model and a little.
  const Json small = uneven({{"/payload", R"({"kind": "int8"})"}});
  CHECK(dollars(tiny::with(small, {{"/workers/1/upload", price}})) == Approx(20 / 4.0).epsilon(0.05));
  CHECK(dollars(tiny::with(small, {{"/workers/1/download", price}})) == Approx(20));
  const auto shared = [&](const std::string& more) { return R"({"kind": "shared", )" + more + "}"; };
  CHECK(dollars(uneven({{"/network", shared(R"("ingress": )" + price)}})) == Approx(messages));
  CHECK(dollars(uneven({{"/network", shared(R"("half_duplex": true, "ingress": )" + price)}})) == Approx(2 * messages));
  const std::string region = R"("regions": [{"name": "eu", "down": )" + price + R"(, "up": )" + price + "}]";
  const Settings home = {{"/network", shared(R"("egress": )" + price + ", " + region)},
                         {"/workers/1/region", "\"eu\""}};
  CHECK(dollars(uneven(home)) == Approx(messages + 40));
  // Two servers, of which the second takes half of each message.
  CHECK(dollars(uneven({{"/network", shared(R"("servers": [{}, {"ingress": )" + price + "}]")}})) ==
        Approx(messages / 2));
  // On a ring everyone sends, and receives, 2 (n − 1) / n of a model.
  CHECK(dollars(uneven({{"/network", R"({"kind": "ring"})"}, {"/workers/1/upload", price}})) ==
        Approx(20 * 1.5).epsilon(1e-4));
}

TEST_CASE("behind regions' servers, what they send their root costs on shared links, and workers' messages do not") {
  const std::string price = R"({"usd_per_gb": )" + dollar_a_message() + "}";
  const Json regions = uneven({{"/network", R"({"kind": "shared", "ingress": )" + price +
                                                R"(, "regions": [{"name": "eu", "up": )" + price + "}]}"},
                               {"/workers/0/region", "\"eu\""},
                               {"/workers/1/region", "\"eu\""},
                               {"/policy", R"({"kind": "grace-window", "seconds": 0})"},
                               {"/region_servers", R"({"updates": 4, "outer": {"kind": "sgd", "rate": 1}})"}});
  const Paid paid = pay(regions);
  const double bytes = static_cast<double>(transfer_bytes(tiny::run_of(regions)));
  const double workers = static_cast<double>(paid.log.sent.count);
  // Uploads that are not workers' are the server's; workers' under way at the end are at most four.
  const double all = static_cast<double>(paid.log.final.bytes_up) / bytes;
  CHECK(paid.log.final.usd >= 2 * (all - workers - 4) - 1e-6);
  CHECK(paid.log.final.usd <= 2 * (all - workers) + 1e-6);
  CHECK(paid.log.final.usd > 0);
}

TEST_CASE("prices change nothing that happens, and without them nothing is told") {
  const Paid free = pay(uneven()), priced = pay(uneven({{"/workers/0/usd_per_hour", "1"}}));
  CHECK(free.log.fingerprint == priced.log.fingerprint);
  CHECK(std::isnan(free.log.final.usd));
  CHECK(std::isnan(priced.log.final.kwh));
  CHECK(dollars(uneven({{"/workers/0/usd_per_hour", "0"}})) == 0);
  CHECK_THROWS_WITH(tiny::parse(uneven({{"/workers/0/watts", "-1"}})),
                    Contains("/workers/0/watts is the number -1; allowed: a number of at least 0"));
  CHECK_THROWS_WITH(
      tiny::parse(uneven({{"/network", R"({"kind": "shared", "half_duplex": true, "egress": {"usd_per_gb": 1}})"}})),
      Contains("/network/egress gives a price of its own with half_duplex"));
}

TEST_CASE("a comparison tells costs to the end and to the target in every table, and none without prices") {
  const auto run = [](const char* method, uint64_t seed, double price) {
    RunLog log = tests::run_of(method, seed, {{0, 5}, {10, 3}, {20, 2}, {30, 1.5}});
    for (Evaluation& e : log.evaluations) e.at.usd = price * sim::to_seconds(e.at.time);
    log.final.usd = log.evaluations.back().at.usd;
    return log;
  };
  const std::vector<RunLog> runs = {run("dear", 1, 10), run("dear", 2, 12), run("cheap", 1, 0.5), run("cheap", 2, 0.5)};
  const ComparisonSummary summary = summarise("costs", "", runs, Target{.number = 2.0});
  REQUIRE(told_currencies(summary.methods) == std::vector<size_t>{0});
  CHECK(summary.methods[0].spending[0].whole.mean == Approx(330));
  CHECK(summary.methods[0].spending[0].to_target->mean == Approx(220));
  CHECK(summary.methods[1].spending[0].to_target->mean == Approx(10));
  const std::string table = terminal_table(summary, 0);
  CHECK_THAT(table, Contains("dollars") && Contains("330.00 ±") && Contains("10.00") && !Contains("kWh"));
  const TempDirectory folder;
  write_summary(folder.path(), summary);
  CHECK_THAT(folder.read("summary.csv"),
             Contains(",usd,usd_ci95,usd_to_target,usd_to_target_ci95,speed_up") && !Contains("kwh"));
  CHECK_THAT(folder.read("summary.md"),
             Contains("| staleness | dollars | dollars to target |") && Contains("| 15.00 | 10.00 |"));
  write_run(folder.path(), runs[0], 2.0);
  CHECK_THAT(folder.read("summary.json"),
             Contains("\"usd\": 300.0") && Contains("\"usd_to_target\": 200.0") && !Contains("kwh"));
  CHECK_THAT(folder.read("metrics.jsonl"), Contains("\"usd\":100.0"));
  write_run(folder.path(), runs[0], 1.0);
  CHECK_THAT(folder.read("summary.json"), Contains("\"usd_to_target\": null"));

  const ComparisonSummary without = summarise("free", "", {tests::run_of("a", 1, {{0, 5}, {10, 3}})});
  write_summary(folder.path(), without);
  CHECK_THAT(folder.read("summary.csv") + folder.read("summary.md") + terminal_table(without, 0),
             !Contains("usd") && !Contains("dollars") && !Contains("kWh") && !Contains("kwh"));
}
