#include "sim/network/capacity_trace.h"

#include "tests/support/catch.h"
#include "tests/support/error_message.h"
#include "tests/support/temp_directory.h"
#include "tests/support/times.h"

using namespace sim;
using tests::at;
using namespace std::chrono_literals;

namespace {
CapacityTrace trace_of(const std::string& csv, TraceEnd end) {
  const TempDirectory directory;
  return read_capacity_trace(directory.write("t.csv", csv), end);
}

/// What is said of rows below the heading, whose line is the first.
std::string refusal(const std::string& rows, TraceEnd end = TraceEnd::hold) {
  return error_message<TraceError>([&] { trace_of("time,bytes_per_second\n" + rows, end); });
}
}  // namespace

TEST_CASE("a capacity trace holds each value from its time until the next one's") {
  const CapacityTrace trace = trace_of("# a link\ntime,bytes_per_second\n0,5\n\n1.5, 0\r\n4,1e6", TraceEnd::hold);
  CHECK(trace.at(at(0s)).bytes_per_second == 5.0);
  CHECK(trace.at(at(0s)).end == at(1500ms));
  CHECK(trace.at(at(1500ms) - 1ns).bytes_per_second == 5.0);
  CHECK(trace.at(at(1500ms)).bytes_per_second == 0.0);
  CHECK(trace.at(at(1500ms)).end == at(4s));
  CHECK(trace.at(at(4s)).bytes_per_second == 1e6);
  CHECK(trace.at(at(4s)).end == Time::max());
}

TEST_CASE("a trace that repeats is the same in every period") {
  const CapacityTrace trace = trace_of("time,bytes_per_second\n0,5\n1,7\n3,5\n", TraceEnd::repeat);
  for (const Duration shift : {0s, 3s, 3'000'000s}) {
    CHECK(trace.at(at(shift)).bytes_per_second == 5.0);
    CHECK(trace.at(at(shift)).end == at(shift + 1s));
    CHECK(trace.at(at(shift + 1s)).bytes_per_second == 7.0);
    CHECK(trace.at(at(shift + 2s)).end == at(shift + 3s));
  }
}

TEST_CASE("a bad capacity trace is refused with its line") {
  using Catch::Matchers::Contains;
  CHECK_THAT(refusal(""), Contains("t.csv: holds no rows"));
  CHECK_THAT(refusal("1,5\n"), Contains("t.csv:2: the first time is not 0"));
  CHECK_THAT(refusal("0,5\n2,6\n2,7\n"), Contains("t.csv:4: the time 2"));
  CHECK_THAT(refusal("0,5\n2,6\n1,7\n"), Contains("t.csv:4: time 1 comes after 2"));
  CHECK_THAT(refusal("0,5\n1,-6\n2,1\n"), Contains("t.csv:3: -6 is negative"));
  CHECK_THAT(refusal("0,5\n1,nan\n"), Contains("t.csv:3: \"nan\" is not a number"));
  CHECK_THAT(refusal("0,5\n1\n"), Contains("t.csv:3: 1 cells"));
  CHECK_THAT(refusal("0,5\n1,6,7\n"), Contains("t.csv:3: 3 cells"));
  CHECK_THAT(refusal("0,5\n1e12,6\n"), Contains("t.csv:3: 1e12 s is past the end"));
  CHECK_THAT(refusal("0,5\n1,0\n"), Contains("t.csv:3: the last capacity is 0"));
  CHECK_THAT(refusal("0,5\n1,0\n", TraceEnd::repeat), Contains("t.csv:3: the last point closes the period"));
  CHECK_THAT(refusal("0,0\n1,0\n", TraceEnd::repeat), Contains("t.csv:3: no capacity is above 0"));
  CHECK_THAT(refusal("0,5\n", TraceEnd::repeat), Contains("at least two points"));
}

TEST_CASE("bytes take as long as the bandwidths of their moments say, over any number of periods") {
  const CapacityTrace hold({{at(0s), 1e6}, {at(2s), 0.0}, {at(5s), 4e6}}, TraceEnd::hold);
  CHECK(hold.seconds_for(6e6, at(0s)) == 6.0);   // 2 s, nothing for 3 s, 1 s
  CHECK(hold.seconds_for(2e6, at(0s)) == 2.0);   // not after the outage
  CHECK(hold.seconds_for(1e6, at(3s)) == 2.25);  // begins within it
  CHECK(hold.seconds_for(0.0, at(3s)) == 0.0);
  CHECK(hold.seconds_for(4e6, at(100s)) == 1.0);
  const CapacityTrace repeat({{at(0s), 1e6}, {at(1s), 3e6}, {at(2s), 1e6}}, TraceEnd::repeat);
  CHECK(repeat.seconds_for(4e6, at(0s)) == 2.0);
  CHECK(repeat.seconds_for(4e6 * 1e6 + 0.5e6, at(1s)) == Approx(2e6 + 0.5 / 3).epsilon(1e-15));
  CHECK(repeat.seconds_for(4e6 * 1e6 + 3.5e6, at(1s)) == Approx(2e6 + 1.5).epsilon(1e-15));
  CHECK(repeat.seconds_for(1e18, at(0s)) > kMaxSeconds);
}
