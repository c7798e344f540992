#include "experiments/config/experiment_config.h"
#include "experiments/config/invalid_config.h"
#include "experiments/config/parse.h"
#include "experiments/run/build.h"
#include "experiments/run/build_network.h"
#include "tests/support/catch.h"
#include "tests/support/error_message.h"
#include "tests/support/temp_directory.h"
#include "tests/support/tiny_experiment.h"

using namespace experiments;
using Catch::Matchers::Contains;
using tiny::with;

namespace {

std::string refusal(const std::vector<std::pair<std::string, std::string>>& settings) {
  return error_message<InvalidConfig>([&] { tiny::parse(with(tiny::document(), settings)); });
}

CapacityConfig traced(const std::string& file) {
  CapacityConfig config;
  config.trace = file;
  return config;
}

}  // namespace

TEST_CASE(
    "a file that says nothing of network, server or payload has private links, a server that takes no time, "
    "and float32") {
  const RunConfig run = tiny::parse(tiny::document()).methods.at(0).run;
  CHECK(std::holds_alternative<PrivateNetworkConfig>(run.network));
  const sim::ClockParts parts = build_clock(run, 1);
  CHECK(parts.servers.back().service == sim::Duration{0});
  CHECK(parts.fragments.front().upload == parts.fragments.front().model);
  CHECK(parts.fragments.front().model == 4 * static_cast<uint64_t>(parameter_count(run)));
}

TEST_CASE("mistakes in a network are named with their place and what is allowed") {
  const std::string regions = R"({"kind": "shared", "regions": [{"name": "eu"}, {"name": "us"}]})";
  CHECK_THAT(refusal({{"/network", R"({"kind": "shard"})"}}),
             Contains("/network/kind \"shard\" is unknown; kinds: private, shared, ring, all-gather"));
  CHECK_THAT(refusal({{"/network", R"({"kind": "shared", "ingress": {"bytes_per_second": 0}})"}}),
             Contains("/network/ingress/bytes_per_second is the number 0; allowed: a number above 0"));
  CHECK_THAT(refusal({{"/network", R"({"kind": "shared", "egress": {"bytes_per_second": 1, "trace": "t.csv"}})"}}),
             Contains("/network/egress has both bytes_per_second and a trace"));
  CHECK_THAT(refusal({{"/network", R"({"kind": "shared", "half_duplex": true, "egress": {"bytes_per_second": 1}})"}}),
             Contains("/network/egress gives a capacity of its own with half_duplex"));
  CHECK_THAT(refusal({{"/network", R"({"kind": "shared", "regions": [{"name": "eu"}, {"name": "eu"}]})"}}),
             Contains("/network/regions/1/name is \"eu\", which names another region already"));
  CHECK_THAT(refusal({{"/network", R"({"kind": "shared", "regions": [{"name": "eu", "half_duplex": true,
                                       "down": {"bytes_per_second": 1}}]})"}}),
             Contains("/network/regions/0/down gives a capacity of its own"));
  const std::string rates =
      R"({"rates": [{"bytes": 1e3, "bytes_per_second": 1e5}, {"bytes": 1e4, "bytes_per_second": 2e5}]})";
  CHECK_THAT(refusal({{"/network", R"({"kind": "shared", "ingress": )" + rates + "}"}}),
             Contains("/network/ingress/rates give each size of message a rate of its own") &&
                 Contains("allowed: on a worker's own upload and download"));
  CHECK_THAT(refusal({{"/workers/0/upload", with(Json::parse(rates), {{"/bytes_per_second", "1"}}).dump()}}),
             Contains("/workers/0/upload has rates beside bytes_per_second or a trace"));
  CHECK_THAT(refusal({{"/workers/0/upload", with(Json::parse(rates), {{"/rates/1/bytes_per_second", "2e6"}}).dump()}}),
             Contains("/workers/0/upload/rates point 2 of the rates: such a message would take"));
  CHECK_THAT(
      refusal({{"/network", R"({"kind": "shared"})"}, {"/workers/0/upload", rates}, {"/fragments", R"({"count": 2})"}}),
      Contains("/workers/0/upload/rates depend on a message's size, and fragments have several sizes"));
  CHECK_THAT(refusal({{"/network", regions}, {"/workers/2/region", "\"uss\""}}),
             Contains("/workers/2/region \"uss\" is unknown; regions: eu, us; did you mean us?"));
  CHECK_THAT(refusal({{"/workers/2/region", "\"us\""}}),
             Contains("/workers/2/region is \"us\", but only a network of kind shared, or one with paths, has"));
  CHECK_THAT(refusal({{"/server", R"({"seconds_per_update": -1})"}}),
             Contains("/server/seconds_per_update is the number -1; allowed: a number from 0 to 1000000"));
  CHECK_THAT(refusal({{"/payload", R"({"kind": "int4"})"}}),
             Contains("/payload/kind \"int4\" is unknown; values: float32, bfloat16, int8, e3m0, two-bit, sign"));
  CHECK_THAT(refusal({{"/payload", R"({"kind": "int8", "block": 0})"}}), Contains("/payload/block is the number 0"));
  CHECK_THAT(refusal({{"/payload", R"({"top_k": {"chunk": 16, "kept": 17}})"}}),
             Contains("/payload/top_k/kept is 17 of a chunk of 16; allowed: from 1 to the chunk"));
  CHECK_THAT(refusal({{"/payload", R"({"kind": "sign", "error_feedback": false, "error_decay": 0.9})"}}),
             Contains("/payload/error_decay is 0.9 without error_feedback"));
  CHECK_THAT(refusal({{"/network", R"({"kind": "ring"})"}, {"/payload", R"({"top_k": {}})"}}),
             Contains("/payload/top_k chooses each worker's own coordinates"));
  const auto sharing = [&](const char* server, const char* region, const char* servers = "[]") {
    const Json network = {{"kind", "shared"},
                          {"sharing", server},
                          {"regions", {{{"name", "eu"}, {"sharing", region}}}},
                          {"servers", Json::parse(servers)}};
    return network.dump();
  };
  const std::string far = R"([{"count": 4, "speed": {"seconds_per_step": 1}, "download": {"latency_seconds": 0.1}}])";
  CHECK_THAT(refusal({{"/network", R"({"kind": "shared", "sharing": "lifo"})"}}),
             Contains("/network/sharing \"lifo\" is unknown; values: fair, rtt-weighted, fifo"));
  CHECK_THAT(refusal({{"/network", sharing("fifo", "fifo")}}),
             Contains("/network/regions/0/sharing is \"fifo\" as the server's link is; allowed: one of the two"));
  CHECK_THAT(refusal({{"/network", sharing("rtt-weighted", "fair")}, {"/workers", far}}),
             Contains("/network/regions/0/sharing is \"fair\" beside \"rtt-weighted\", but a message has one weight"));
  CHECK_THAT(refusal({{"/network", sharing("fifo", "rtt-weighted")}}),
             Contains("/workers/0 has no latency, so its share by round-trip time would be infinite"));
  CHECK(refusal({{"/network", sharing("fifo", "rtt-weighted")}, {"/workers", far}}).empty());
  CHECK(refusal({{"/network", sharing("rtt-weighted", "fifo")}, {"/workers", far}}).empty());
  CHECK_THAT(
      refusal(
          {{"/network", sharing("rtt-weighted", "rtt-weighted")},
           {"/workers",
            R"([{"count": 4, "speed": {"seconds_per_step": 1}, "region": "eu", "upload": {"latency_seconds": 1}}])"},
           {"/region_servers", R"({"updates": 2, "outer": {"kind": "nesterov", "rate": 0.7}})"}}),
      Contains("/region_servers have no latency of their own"));
  CHECK_THAT(refusal({{"/network", sharing("fifo", "fair", "[{}, {}]")}}),
             Contains("/network/sharing is \"fifo\", but with servers each message is in parts"));
  CHECK_THAT(refusal({{"/network", sharing("fair", "fifo", "[{}, {}]")}}),
             Contains("/network/regions/0/sharing is \"fifo\", but with servers each message is in parts"));
  CHECK_THAT(refusal({{"/network", R"({"kind": "shared", "ingress": {"bytes_per_second": 1}, "servers": [{}]})"}}),
             Contains("/network/servers stand beside ingress, egress or half_duplex of one server"));
  CHECK_THAT(refusal({{"/network", R"({"kind": "shared", "servers": [{"count": 0}]})"}}),
             Contains("/network/servers/0/count is the number 0; allowed: a whole number from 1 to 10000"));
  CHECK_THAT(refusal({{"/network", R"({"kind": "shared", "servers": [{"half_duplex": true,
                                       "egress": {"bytes_per_second": 1}}]})"}}),
             Contains("/network/servers/0/egress gives a capacity of its own with half_duplex"));
  const std::string traced_link = R"({"trace": "catalog/traces/none.csv"})";
  CHECK_THAT(refusal({{"/workers/1/upload", R"({"bytes_per_second": 1, "trace": "t.csv"})"}}),
             Contains("/workers/1/upload has both bytes_per_second and a trace"));
  CHECK_THAT(refusal({{"/workers/1/upload", traced_link}, {"/network", R"({"kind": "ring"})"}}),
             Contains("/workers/1/upload/trace changes a bandwidth, but a ring counts the slowest one"));
  CHECK_THAT(
      refusal({{"/workers/1/download", traced_link}, {"/policy", R"({"kind": "grace-window", "mode": "lookahead"})"}}),
      Contains("/policy/mode is \"lookahead\", which needs arrivals known in advance"));
  for (const char* kind : {"ring", "all-gather"}) {
    const std::string network = Json{{"kind", kind}}.dump();
    CHECK_THAT(refusal({{"/network", network}, {"/policy", R"({"kind": "grace-window"})"}}),
               Contains("/network/kind is \"" + std::string(kind) +
                        "\", which needs every worker in every round; allowed: with policy barrier only"));
    CHECK_THAT(refusal({{"/network", network}, {"/workers/0/availability", R"({"kind": "random"})"}}),
               Contains("/network/kind is \"" + std::string(kind) + "\", which breaks when a worker leaves"));
  }
  for (const char* kind : {"by-tokens", "contributors", "edit"}) {
    const std::string reduce = Json{{"kind", kind}}.dump();
    CHECK_THAT(refusal({{"/reduce", reduce}, {"/policy", R"({"kind": "grace-window"})"}}),
               Contains("/reduce/kind weighs pseudo-gradients that are applied together"));
    CHECK(refusal({{"/reduce", reduce}, {"/policy", R"({"kind": "quorum", "workers": 2, "seconds": 1})"}}).empty());
  }
  CHECK(refusal({{"/network", regions}, {"/workers/2/region", "\"us\""}}).empty());
}

TEST_CASE("a capacity trace's mistakes are named with file and line, and its path is relative to the experiment's") {
  const TempDirectory directory;
  const auto good = directory.write("good.csv", "time,bytes_per_second\n0,1e6\n5,2e6\n");
  const auto bad = directory.write("bad.csv", "time,bytes_per_second\n0,1e6\n5,oops\n");
  const sim::SharedCapacity read = build_capacity(traced(good.string()));
  REQUIRE(read.trace.has_value());
  CHECK(read.trace->at(sim::kTimeZero + std::chrono::seconds(6)).bytes_per_second == 2e6);
  CHECK_THAT(error_message<sim::TraceError>([&] { build_capacity(traced(bad.string())); }),
             Contains(bad.string() + ":3: \"oops\" is not a number"));
  CHECK_THAT(error_message<sim::TraceError>([&] { build_capacity(traced("/no/such.csv")); }),
             Contains("/no/such.csv: cannot be read"));

  const Json json = with(tiny::document(), {{"/network", R"({"kind": "shared", "ingress": {"trace": "good.csv"}})"}});
  auto run = parse_experiment(json, directory.path() / "e.json").methods.at(0).run;
  CHECK(std::get<SharedNetworkConfig>(run.network).ingress.trace == good.string());
  const Json own = with(tiny::document(), {{"/workers/1/upload", R"({"trace": "good.csv", "after": "hold"})"}});
  run = parse_experiment(own, directory.path() / "e.json").methods.at(0).run;
  CHECK(run.workers[1].upload.capacity.trace == good.string());
}
