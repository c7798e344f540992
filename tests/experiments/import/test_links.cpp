#include "experiments/config/experiment_config.h"
#include "experiments/run/build_workers.h"
#include "sim/network/capacity_trace.h"
#include "tests/experiments/import/imported.h"
#include "tests/support/catch.h"
#include "tests/support/error_message.h"

using Catch::Matchers::Contains;
using namespace experiments;
using tests::all_notes;
using tests::imported;
using tests::refused;

namespace {

std::string iperf(const std::string& host, int reverse, const std::string& rate, const std::string& rtt) {
  return R"({"start": {"connected": [{"socket": 5, "local_host": ")" + host + R"(", "remote_host": "10.0.0.1"}],
    "version": "iperf 3.9", "test_start": {"protocol": "TCP", "reverse": )" +
         std::to_string(reverse) + R"(}}, "intervals": [], "end": {"streams": [{"sender": {)" +
         (rtt.empty() ? "" : "\"mean_rtt\": " + rtt) + R"(}}], "sum_sent": {"bits_per_second": 1e9},
    "sum_received": {"bits_per_second": )" +
         rate + "}}}";
}

const std::string kLinks = "from,to,gbps,ms\nserver,a,1,20\na,server,0.5,25\nb,server,0.1,90\na,b,10,1\n";
const std::string kPlatform = R"(<?xml version='1.0'?>
<!DOCTYPE platform SYSTEM "https://simgrid.org/simgrid.dtd">
<platform version="4.1">
  <zone id="z" routing="Full">
    <host id="Tremblay" speed="98.095Mf"/>
    <host id="Jupiter" speed="1Gf" core="4"/>
    <host id="Fafard" speed="76.296Mf,50Mf"/>
    <link id="6" bandwidth="41.279125MBps" latency="59.904us"/>
    <link id="3" bandwidth="10Gbps" latency="1.5ms" sharing_policy="FATPIPE"/>
    <route src="Tremblay" dst="Tremblay"><link_ctn id="3"/></route>
    <route src="Jupiter" dst="Tremblay"><link_ctn id="6"/><link_ctn id="3"/></route>
    <route src="Fafard" dst="Tremblay" symmetrical="NO"><link_ctn id="3"/></route>
    <router id="r"/>
  </zone>
</platform>)";

const LinkConfig& upload_of(const RunConfig& run, size_t entry) { return run.workers.at(entry).upload; }
const LinkConfig& download_of(const RunConfig& run, size_t entry) { return run.workers.at(entry).download; }

}  // namespace

TEST_CASE("measurements of iperf3 become the workers' links, half a round trip one way") {
  const Imported made = imported("iperf3", {iperf("10.0.0.2", 0, "8e8", "20500"), iperf("10.0.0.2", 1, "4e8", ""),
                                            iperf("10.0.0.3", 0, "1.6e8", "90000")});
  const TempDirectory directory;
  const RunConfig run = tests::run_with(made, directory);
  REQUIRE(run.workers.size() == 2);
  CHECK(*upload_of(run, 0).capacity.bytes_per_second == Approx(1e8));
  CHECK(upload_of(run, 0).latency_seconds == Approx(0.01025));
  CHECK(*download_of(run, 0).capacity.bytes_per_second == Approx(5e7));
  CHECK(download_of(run, 0).latency_seconds == 0);
  CHECK(*download_of(run, 1).capacity.bytes_per_second == Approx(2e7));
  CHECK_THAT(all_notes(made), Contains("in0: 10.0.0.2 to server, 800.0 Mbit/s, 20.50 ms there and back") &&
                                  Contains("in1: server to 10.0.0.2, 400.0 Mbit/s, no round-trip time: latency 0") &&
                                  Contains("1 worker with one direction only"));
  const Imported udp = imported("iperf3", {R"({"start": {"connected": [{"local_host": "h"}], "test_start":
    {"protocol": "UDP", "reverse": 0}}, "end": {"streams": [{}], "sum": {"bits_per_second": 1e6}}})"});
  CHECK_THAT(all_notes(udp), Contains("1.0 Mbit/s sent (what arrived is not told)"));
}

TEST_CASE("a table of links becomes links to the server, the reverse where one is missing") {
  const Imported made = imported("links", {kLinks});
  const TempDirectory directory;
  const RunConfig run = tests::run_with(made, directory);
  CHECK(*upload_of(run, 0).capacity.bytes_per_second == Approx(0.5e9 / 8));
  CHECK(download_of(run, 0).latency_seconds == Approx(0.02));
  CHECK(*download_of(run, 1).capacity.bytes_per_second == Approx(0.1e9 / 8));
  CHECK_THAT(all_notes(made), Contains("4 links of 3 nodes; units assumed: Gbit/s, ms one way") &&
                                  Contains("left out: 1 link between workers"));
  CHECK(run.workers[1].name == "b");
  ImportOptions other;
  other.server = "a";
  CHECK_THAT(all_notes(imported("links", {kLinks}, other)), Contains("server: a\n"));
}

TEST_CASE("a platform of SimGrid becomes hosts with speeds and routes to the server") {
  const Imported made = imported("simgrid", {kPlatform});
  const TempDirectory directory;
  const RunConfig run = tests::run_with(made, directory);
  REQUIRE(run.workers.size() == 2);
  CHECK(std::get<HardwareSpeedConfig>(*run.workers[0].speed).flops_per_second == Approx(4e9));
  CHECK(std::get<HardwareSpeedConfig>(*run.workers[1].speed).flops_per_second == Approx(76.296e6));
  CHECK(*upload_of(run, 0).capacity.bytes_per_second == Approx(41.279125e6));
  CHECK(upload_of(run, 0).latency_seconds == Approx(59.904e-6 + 1.5e-3));
  CHECK(*download_of(run, 1).capacity.bytes_per_second == Approx(1.25e9));
  CHECK_THAT(all_notes(made), Contains("3 hosts, 3 directions of routes") && Contains("left out: 1 element <router>") &&
                                  Contains("server: Tremblay, as --server was not given") &&
                                  Contains("1 worker with one direction only") && Contains("nobody shares them"));
}

TEST_CASE("links come back the same from the plain form") {
  ImportOptions server;
  server.server = "server";
  for (const Imported& once : {imported("iperf3", {iperf("h", 0, "123456789", "777"), iperf("h", 1, "4e8", "801")}),
                               imported("links", {kLinks})}) {
    const Imported twice = imported("links", {once.files.at("links.csv")}, server);
    CHECK(twice.files == once.files);
    CHECK(twice.cluster == once.cluster);
  }
}

TEST_CASE("packets of Mahimahi become a capacity that carries as many bytes") {
  std::string trace;
  int packets = 0;
  for (int ms = 1; ms <= 3500; ms += 1 + ms % 3, ++packets) trace += std::to_string(ms) + "\n";
  trace += "3500\n";
  ++packets;
  ImportOptions options;
  options.after = "repeat";
  const Imported made = imported("mahimahi", {trace}, options);
  const TempDirectory directory;
  const RunConfig run = tests::run_with(made, directory);
  const auto capacity = sim::read_capacity_trace(*upload_of(run, 0).capacity.trace, upload_of(run, 0).capacity.after);
  CHECK(capacity.seconds_for(packets * 1504.0, sim::kTimeZero) == Approx(3.5));
  CHECK(capacity.seconds_for(10 * packets * 1504.0, sim::kTimeZero) == Approx(35));
  CHECK_THAT(all_notes(made), Contains("packets of 1504 bytes; unit assumed: milliseconds; windows of 1 s"));
  options.window = 0.7;  // five windows, and no sliver behind them that rounding made
  CHECK(tests::imported("mahimahi", {trace}, options).files.at("link_0.csv").starts_with("time,bytes_per_second\n0,"));
  CHECK_THAT(all_notes(imported("mahimahi", {trace}, options)), Contains("5 points over 3.5 s"));
  CHECK_THAT(all_notes(imported("mahimahi", {"1\n"}, options)), Contains("1 point over 0.001 s, 12.032 to 12.032"));
}

TEST_CASE("a bandwidth trace keeps its bits, of both links or of one") {
  const Imported made = imported("bandwidth", {"100 8\n110\t2.5\n120, 16\n"});
  CHECK(made.files.at("link_0.csv") == "time,bytes_per_second\n0,1000000\n10,312500\n20,2000000\n");
  CHECK_THAT(all_notes(made), Contains("units assumed: seconds, Mbit/s; begins at 100, which is taken as 0") &&
                                  Contains("mean 8.833") && Contains("past its end: hold, as --after was not given"));
  ImportOptions options;
  options.after = "repeat";
  options.link = "upload";
  const Imported repeated = imported("bandwidth", {"0 8\n10 2.5\n"}, options);
  CHECK(repeated.files.at("link_0.csv") == "time,bytes_per_second\n0,1000000\n10,312500\n20,1000000\n");
  CHECK_FALSE(repeated.cluster["workers"][0].contains("download"));
  const TempDirectory directory;
  CHECK(worker_mistakes(tests::run_with(repeated, directory)).empty());
  for (const auto& [once, same] : {std::pair{made, ImportOptions{}}, std::pair{repeated, options}}) {
    const Imported twice = imported("bandwidth", {once.files.at("link_0.csv")}, same);
    CHECK(twice.files == once.files);
    CHECK(twice.cluster == once.cluster);
  }
}

TEST_CASE("wrong links are refused with their place") {
  CHECK_THAT(refused("iperf3", R"({"error": "unable to connect"})"), Contains("/error says \"unable to connect\""));
  CHECK_THAT(refused("iperf3", "{}"), Contains("/start/connected/0/local_host is not there"));
  CHECK_THAT(refused("iperf3", iperf("h", 0, "0", "1")), Contains("/end tells a rate of 0"));
  CHECK_THAT(refused("iperf3", iperf("h", 0, "1", "-1")), Contains("/end/streams/0/sender/mean_rtt is the number -1"));
  CHECK_THAT(error_message<InvalidConfig>([] {
               imported("iperf3", {iperf("h", 0, "1", "1"), iperf("h", 0, "2", "1")});
             }),
             Contains("in1: is a second measurement from h to server"));
  const std::string header = "from,to,gbps,ms\n";
  CHECK_THAT(refused("links", header + "a,b,0,1\n"), Contains("in0:2: 0 Gbit/s is nothing"));
  CHECK_THAT(refused("links", header + "a,b,1,-1\n"), Contains("in0:2: -1 is negative"));
  CHECK_THAT(refused("links", header + "a,b,1,1\na,b,1,1\n"), Contains("in0:3: the same link stands in line 2"));
  CHECK_THAT(refused("links", header + "a,a,1,1\n"), Contains("in0:2: allowed: two nodes"));
  CHECK_THAT(refused("links", header + "a,b,1,1\nc,b,1,1\n"), Contains("has no link between c and the server a"));
  ImportOptions nobody;
  nobody.server = "z";
  CHECK_THAT(refused("links", header + "a,b,1,1\n", nobody), Contains("\"z\" is unknown; nodes: a, b"));
  const auto changed = [](const std::string& from, const std::string& to) {
    std::string text = kPlatform;
    return text.replace(text.find(from), from.size(), to);
  };
  CHECK_THAT(refused("simgrid", changed("41.279125MBps", "41.279125MB")),
             Contains("in0:8: bandwidth is \"41.279125MB\"; allowed: a number of at least 0 with a unit of SimGrid's"));
  CHECK_THAT(refused("simgrid", changed("59.904us", "-1us")), Contains("in0:8: latency is \"-1us\""));
  CHECK_THAT(refused("simgrid", changed("version=\"4.1\"", "version=\"3\"")), Contains("is no platform of SimGrid 4"));
  CHECK_THAT(refused("simgrid", changed("<link_ctn id=\"6\"/>", "<link_ctn id=\"9\"/>")),
             Contains("in0:11: there is no link 9"));
  CHECK_THAT(refused("simgrid", changed("</zone>", "")), Contains("in0:"));
  CHECK_THAT(refused("mahimahi", "5\n4\n"), Contains("in0:2: 4 ms comes after 5"));
  CHECK_THAT(refused("mahimahi", "0\n"), Contains("in0:1: the trace takes no time"));
  CHECK_THAT(refused("mahimahi", "1.5\n"), Contains("in0:1: \"1.5\" is not a whole number"));
  CHECK_THAT(refused("bandwidth", "0 1\n0 2\n"), Contains("in0:2: time 0 does not rise"));
  CHECK_THAT(refused("bandwidth", "0 1\n5 -2\n"), Contains("in0:2: -2 is negative"));
  CHECK_THAT(refused("bandwidth", "0 1\n5 0\n"), Contains("in0:2: the last rate is 0"));
  CHECK_THAT(refused("bandwidth", "0 1 2\n"), Contains("in0:1: \"1 2\" is not a number"));
}
