#include <zlib.h>

#include <cstdlib>
#include <map>
#include <nlohmann/json.hpp>
#include <set>

#include "experiments/report/files.h"
#include "experiments/report/tensorboard.h"
#include "experiments/report/timeline_trace.h"
#include "experiments/report/writers.h"
#include "tests/experiments/report/synthetic_runs.h"
#include "tests/support/catch.h"
#include "tests/support/gzip.h"
#include "tests/support/temp_directory.h"
#include "tests/support/tiny_experiment.h"

using namespace experiments;
using nlohmann::json;

namespace {

std::vector<const RunLog*> pointers(const std::vector<RunLog>& runs) {
  std::vector<const RunLog*> all;
  for (const RunLog& run : runs) all.push_back(&run);
  return all;
}

/// Two methods on the real clock, with links that take time or none.
std::vector<RunLog> clock_runs(bool links) {
  const std::string link = links ? R"({"latency_seconds": 0.25, "bytes_per_second": 1e5})" : "{}";
  std::vector<RunLog> runs;
  for (const char* policy : {R"({"kind": "barrier"})", R"({"kind": "grace-window", "seconds": 0})"}) {
    auto document = tiny::with(tiny::document(), {{"/policy", policy}});
    for (auto& worker : document["workers"]) worker["upload"] = worker["download"] = json::parse(link);
    runs.push_back(tiny::clock(document));
    runs.back().method = policy;
    runs.back().seed = 3;
  }
  return runs;
}

}  // namespace

TEST_CASE("a trace has every span of every worker, gapless, and an arrow for every applied pseudo-gradient") {
  const bool links = GENERATE(false, true);
  const std::vector<RunLog> runs = clock_runs(links);
  const json trace = json::parse(timeline_trace(pointers(runs), 1000000).json);
  CHECK(trace["otherData"]["cut"].is_null());
  std::map<std::pair<int, int>, std::vector<std::pair<int64_t, int64_t>>> slices;  // by process and thread
  std::map<std::string, std::pair<json, json>> arrows;
  std::map<std::string, int> names;
  int64_t last = 0;
  for (const json& e : trace["traceEvents"]) {
    if (e["ph"] == "M") continue;
    CHECK(e["ts"].get<int64_t>() >= last);
    last = e["ts"];
    if (e["ph"] == "X") {
      slices[{e["pid"], e["tid"]}].push_back({e["ts"], e["ts"].get<int64_t>() + e["dur"].get<int64_t>()});
      ++names[e["name"]];
    }
    if (e["ph"] == "s") arrows[e["id"]].first = e;
    if (e["ph"] == "f") arrows[e["id"]].second = e;
  }
  CHECK(names["compute"] > 20);
  CHECK(names["worker 3 compute"] == 8);  // the slowest, in each round of the barrier
  CHECK((names["upload"] > 20) == links);
  size_t applied = 0;
  for (size_t r = 0; r < runs.size(); ++r) {
    applied += runs[r].updates.size();
    for (size_t w = 0; w <= runs[r].workers.size(); ++w) {  // behind the workers: the critical path
      const auto& of = slices.at({static_cast<int>(r) + 1, static_cast<int>(w) + 1});
      CHECK(of.front().first == 0);
      for (size_t i = 1; i < of.size(); ++i) CHECK(of[i].first == of[i - 1].second);
      CHECK(of.back().second == std::llround(sim::to_seconds(runs[r].final.time) * 1e6));
    }
  }
  CHECK(arrows.size() == applied);
  for (const auto& [id, arrow] : arrows) {
    const auto& [push, apply] = arrow;
    REQUIRE((push.is_object() && apply.is_object()));
    CHECK(push["ts"].get<int64_t>() <= apply["ts"].get<int64_t>());
    CHECK(apply["tid"] == 0);
    const auto inside = [&](const json& e) {
      for (const auto& [begin, end] : slices.at({e["pid"], e["tid"]}))
        if (begin <= e["ts"].get<int64_t>() && e["ts"].get<int64_t>() < end) return true;
      return false;
    };
    CHECK(inside(push));
    CHECK(inside(apply));
  }
}

TEST_CASE("with links that take time an arrow begins where the upload does, one transfer before its arrival") {
  const std::vector<RunLog> runs = clock_runs(true);
  const json trace = json::parse(timeline_trace({&runs[1]}, 1000000).json);
  std::map<std::string, int64_t> pushed, applied;
  for (const json& e : trace["traceEvents"]) {
    if (e["ph"] == "s") pushed[e["id"]] = e["ts"];
    if (e["ph"] == "f") applied[e["id"]] = e["ts"];
  }
  // Without a window the server acts at once, so between push and apply lies one upload: latency + model / bandwidth.
  int64_t upload = 0;
  for (const Span& span : runs[1].spans)
    if (span.activity == Activity::upload) upload = std::max(upload, (span.end - span.begin).count() / 1000);
  CHECK(upload > 250000);
  for (const auto& [id, at] : pushed) CHECK(applied.at(id) - at == Approx(upload).margin(1));
}

TEST_CASE("a trace over its limit is cut at one instant for all, says so, and stays whole before it") {
  const std::vector<RunLog> runs = clock_runs(true);
  const TimelineTrace whole = timeline_trace(pointers(runs), 1000000), cut = timeline_trace(pointers(runs), 100);
  CHECK(whole.cut.empty());
  CHECK_THAT(cut.cut, Catch::Contains("is cut at"));
  const json all = json::parse(whole.json)["traceEvents"], part = json::parse(cut.json)["traceEvents"];
  CHECK(json::parse(cut.json)["otherData"]["cut"] == cut.cut);
  size_t counted = 0;
  for (size_t i = 0; i < part.size(); ++i) {
    CHECK(part[i] == all[i]);
    counted += part[i]["ph"] != "M";
  }
  CHECK(counted <= 100);
  CHECK(counted > 80);
  CHECK(all[part.size()]["ts"].get<int64_t>() > part.back()["ts"].get<int64_t>());
}

TEST_CASE("a compressed trace is the same trace") {
  const std::string text = timeline_trace(pointers(clock_runs(false)), 1000000).json, packed = gzipped(text);
  CHECK(packed.size() < text.size() / 5);
  CHECK(packed == gzipped(text));
  z_stream stream{};
  REQUIRE(inflateInit2(&stream, 15 + 16) == Z_OK);
  std::string back(text.size(), '\0');
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(packed.data()));
  stream.avail_in = static_cast<uInt>(packed.size());
  stream.next_out = reinterpret_cast<Bytef*>(back.data());
  stream.avail_out = static_cast<uInt>(back.size());
  CHECK(inflate(&stream, Z_FINISH) == Z_STREAM_END);
  inflateEnd(&stream);
  CHECK(back == text);
}

TEST_CASE("CRC-32C gives RFC 3720's examples") {
  // B.4: 32 bytes of zeros, of ones, rising, falling.
  std::string rising, falling;
  for (int i = 0; i < 32; ++i) {
    rising += static_cast<char>(i);
    falling += static_cast<char>(31 - i);
  }
  CHECK(crc32c(std::string(32, '\0')) == 0x8A9136AAu);
  CHECK(crc32c(std::string(32, '\xFF')) == 0x62A8AB43u);
  CHECK(crc32c(rising) == 0x46DD794Eu);
  CHECK(crc32c(falling) == 0x113FDB5Cu);
  CHECK(crc32c("123456789") == 0xE3069283u);
}

TEST_CASE("an event file is whole records, each with its length, and the same every time") {
  const RunLog run = tests::synthetic_runs({})[4];
  const std::string file = tensorboard_events(run);
  CHECK(file == tensorboard_events(run));
  size_t at = 0, events = 0;
  for (; at < file.size(); ++events) {
    REQUIRE(at + 16 <= file.size());
    uint64_t length = 0;
    for (size_t i = 8; i-- > 0;) length = length << 8 | static_cast<unsigned char>(file[at + i]);
    at += 16 + length;
  }
  CHECK(at == file.size());
  size_t applied = 0;
  for (const UpdateRecord& u : run.updates) applied += !u.dropped;
  CHECK(events == 1 + run.evaluations.size() + applied);  // the version first
}

// For speedscope_check.mjs and tensorboard_check.py: not a test of its own, so hidden.
TEST_CASE("sample files are written for other programs to read", "[.sample_files]") {
  const char* folder = std::getenv("STRAGGLE_SAMPLE_FILES");
  REQUIRE(folder != nullptr);
  const std::filesystem::path root = folder;
  const std::vector<RunLog> runs = tests::synthetic_runs({});
  write_file(root / "timeline.json", timeline_trace({&runs[0], &runs[4]}, 1000000).json);
  write_file(root / "events.out.tfevents.0000000000.straggle", tensorboard_events(runs[4]));
  write_run(root, runs[4]);
}
