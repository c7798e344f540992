#include "experiments/import/presence.h"

#include "experiments/config/experiment_config.h"
#include "experiments/run/build_workers.h"
#include "sim/trace_file.h"
#include "sim/workers/availability.h"
#include "tests/experiments/import/imported.h"
#include "tests/support/catch.h"
#include "tests/support/error_message.h"

using Catch::Matchers::Contains;
using namespace experiments;
using tests::all_notes;
using tests::imported;
using tests::refused;

namespace {

const std::string kZone = R"({"metadata": {"gap_seconds": 300}, "data": [4, 4, 4, 2, 2, 0, 0, 1, 3, 4]})";
// The first nodes of a run, one that is replaced and two that share an instant.
const std::string kEvents =
    "0,add,node1\n0,add,node2\n0,add,node3\n60000,add,node4\n120000,remove,node1\n180000,add,node5\n"
    "240000,remove,node2\n300000,remove,node3\n300000,add,node6\n360000,remove,node4\n";
const std::string kCounts =
    "timestamp,count\n2021-07-26T18:42:00Z,8\n2021-07-26T18:45:00Z,11\n2021-07-26T18:47:00Z,10\n"
    "2021-07-26T18:48:00Z,10\n";
const std::string kPlain = "t,worker,up|down\n0,0,up\n0,1,down\n10,1,up\n25.5,0,down\n40,0,up\n";

/// Worker times up of what the simulator reads, walked through to the span's end.
PresenceNumbers simulated(const Imported& made, double span) {
  const TempDirectory directory;
  const RunConfig run = tests::run_with(made, directory);
  PresenceNumbers n;
  double up = 0, periods = 0;
  for (const auto& worker : sim::read_availability_trace(*run.availability_trace, run.worker_count())) {
    sim::Time now = sim::kTimeZero;
    const sim::Time end = sim::kTimeZero + sim::from_seconds(span);
    while (now < end) {
      const auto period = worker ? worker->at(now) : sim::Availability::Period{true, sim::Time::max()};
      const sim::Time until = std::min(period.end, end);
      if (period.up) up += sim::to_seconds(until - now);
      periods += period.up;
      n.drops += period.up && until < end;
      now = until;
    }
  }
  n.up_share = up / (span * static_cast<double>(run.worker_count()));
  n.mean_up_seconds = up / periods;
  return n;
}

}  // namespace

TEST_CASE("a spot trace's up-share and mean time up are those of its file, as the simulator sees it") {
  // By hand: 24 of 40 node-ticks; times up of 5, 5, 3, 3 and 3, 2, 2, 1 ticks.
  const Imported made = imported("skypilot", {kZone});
  const PresenceNumbers n = simulated(made, 3000);
  CHECK(n.up_share == Approx(24.0 / 40));
  CHECK(n.mean_up_seconds == Approx(24 * 300.0 / 8));
  CHECK(n.drops == 4);
  CHECK_THAT(all_notes(made), Contains("10 ticks of 300 s, at most 4 nodes") &&
                                  Contains("4 workers over 3000 s (50m 00s): up-share 0.600, mean time up 15m 00s") &&
                                  Contains("4 drops") && Contains("past its end: hold, as --after was not given"));
  const Imported two = imported("skypilot", {kZone, R"({"metadata": {"gap_seconds": 60}, "data": [1, 0]})"});
  CHECK(two.cluster["workers"][0]["name"] == "in0");
  CHECK(two.cluster["workers"][1]["count"] == 1);
  CHECK_THAT(all_notes(two), Contains("files of different spans"));
}

TEST_CASE("a node of Bamboo's takes the place of one that has gone") {
  const Imported made = imported("bamboo", {kEvents});
  CHECK(made.files.at("availability.csv") ==
        "time,worker,state\n0,0,up\n0,1,up\n0,2,up\n0,3,down\n60,3,up\n120,0,down\n180,0,up\n240,1,down\n"
        "300,1,up\n300,2,down\n360,3,down\n");
  CHECK_THAT(all_notes(made), Contains("6 nodes in the places of 4 workers; unit assumed: milliseconds"));
  // (360 - 60) + (240 + 60) + 300 + 300 worker-seconds
  CHECK(simulated(made, 360).up_share == Approx(1200.0 / (4 * 360)));
  // Nobody else's place is free in that instant, so the replacement is seen as no absence, and that is said.
  const Imported swapped = imported("bamboo", {"0,add,a\n5,remove,a\n5,add,b\n9,remove,b\n"});
  CHECK(swapped.files.at("availability.csv") == "time,worker,state\n0,0,up\n0.009,0,down\n");
  CHECK_THAT(all_notes(swapped), Contains("1 node replaced within its millisecond"));
}

TEST_CASE("Bamboo's series of counts are read with and without dates") {
  const Imported made = imported("bamboo", {kCounts});
  CHECK(made.cluster["workers"][0]["count"] == 11);
  CHECK(simulated(made, 360).up_share == Approx((8 * 180 + 11 * 120 + 10 * 60) / (11 * 360.0)));
  CHECK(imported("bamboo", {"time,count\n2021-09-17 04:00:00,0.0\n2021-09-17 04:01:00,64.0\n"})
            .cluster["workers"][0]["count"] == 64);
  const Imported bare = imported("bamboo", {"0,10\n41093,10\n41093,9\n41885,9\n41885,10\n"});
  CHECK(simulated(bare, 41885).up_share == Approx(1 - (41885 - 41093) / (10 * 41885.0)));
}

TEST_CASE("plain availability is read as the simulator reads it, and repeats where asked") {
  const Imported made = imported("availability", {kPlain});
  const PresenceNumbers n = simulated(made, 40);
  CHECK(n.up_share == Approx((25.5 + 30) / 80));
  CHECK(n.mean_up_seconds == Approx((25.5 + 30) / 2));
  ImportOptions again;
  again.after = "repeat";
  again.until = 100.0;
  const Imported repeated = imported("availability", {kPlain}, again);
  CHECK(simulated(repeated, 80).up_share == Approx((25.5 + 30) / 80));
  CHECK(simulated(repeated, 100).up_share == Approx((2 * 55.5 + 20 + 10) / 200));
  again.until.reset();
  CHECK_THAT(error_message<InvalidConfig>([&] { imported("availability", {kPlain}, again); }), Contains("--until"));
  again.after = "stay";
  CHECK_THAT(error_message<InvalidConfig>([&] { imported("availability", {kPlain}, again); }),
             Contains("--after: \"stay\" is unknown; values: hold, repeat"));
}

TEST_CASE("availability comes back the same from the plain form") {
  for (const auto& [format, content] :
       std::map<std::string, std::string>{{"skypilot", kZone}, {"bamboo", kEvents}, {"availability", kPlain}}) {
    INFO(format);
    const Imported once = imported(format, {content});
    const Imported twice = imported("availability", {once.files.at("availability.csv")});
    CHECK(twice.files == once.files);
    CHECK(twice.cluster == once.cluster);
  }
}

TEST_CASE("wrong availability is refused with its place") {
  CHECK_THAT(refused("skypilot", R"({"metadata": {"gap_seconds": 0}, "data": [1]})"), Contains("is no spot trace"));
  CHECK_THAT(refused("skypilot", R"({"metadata": {"gap_seconds": 9}, "data": [1, -1]})"),
             Contains("in0: /data/1 is the number -1; allowed: a number of at least 0"));
  CHECK_THAT(refused("skypilot", R"({"metadata": {"gap_seconds": 9}, "data": [1, 0.5]})"),
             Contains("/data/1 is no number of nodes"));
  CHECK_THAT(refused("skypilot", R"({"data": [1]})"), Contains("/metadata/gap_seconds is not there"));
  CHECK_THAT(refused("skypilot", R"({"metadata": {"gap_seconds": 9}, "data": [0]})"), Contains("nobody is ever there"));
  CHECK_THAT(refused("bamboo", "0,add,a\n5,add,a\n"), Contains("in0:2: a is there already"));
  CHECK_THAT(refused("bamboo", "0,add,a\n5,remove,b\n"), Contains("in0:2: b is removed, but is not there"));
  CHECK_THAT(refused("bamboo", "5,add,a\n4,remove,a\n"), Contains("in0:2: time 4 comes after a later one"));
  CHECK_THAT(refused("bamboo", "0,enter,a\n"), Contains("in0:1: allowed: milliseconds,add|remove,node"));
  CHECK_THAT(refused("bamboo", "0,3\n1,2.5\n"), Contains("in0:2: \"2.5\" is not a whole number"));
  CHECK_THAT(refused("bamboo", "0,8\n"), Contains("takes no time"));
  CHECK_THAT(refused("bamboo", "timestamp,count\n"), Contains("holds no rows"));
  const std::string header = "t,worker,up|down\n";
  CHECK_THAT(refused("availability", header + "5,0,up\n4,0,down\n"), Contains("in0:3: t 4 comes after 5"));
  CHECK_THAT(refused("availability", header + "5,0,up\n6,0,up\n"), Contains("in0:3: worker 0 is up already"));
  CHECK_THAT(refused("availability", header + "5,0,up\n5,0,down\n"), Contains("in0:3: worker 0 has two rows at 5 s"));
  CHECK_THAT(refused("availability", header + "-5,0,up\n"), Contains("in0:2: -5 is negative"));
  CHECK_THAT(refused("availability", header + "inf,0,up\n"), Contains("in0:2: \"inf\" is not a number"));
  CHECK_THAT(refused("availability", header + "5,0,away\n"), Contains("in0:2: \"away\" is no state"));
  CHECK_THAT(error_message<sim::TraceError>([] {
               imported("availability", {kPlain, kPlain});
             }),
             Contains("is one file too many"));
}
