#include "sim/workers/traced_speed.h"

#include <cmath>

#include "sim/network/capacity_trace.h"
#include "sim/trace_file.h"
#include "sim/workers/availability.h"
#include "tests/support/catch.h"
#include "tests/support/error_message.h"
#include "tests/support/temp_directory.h"
#include "tests/support/times.h"

using Catch::Matchers::Contains;
using namespace sim;
using tests::at;
using namespace std::chrono_literals;

namespace {

SpeedTrace trace_of(const std::string& csv, TraceEnd end) {
  const TempDirectory directory;
  return read_speed_trace(directory.write("t.csv", csv), end);
}

TracedSpeed speed_of(const std::string& csv, TraceEnd end, double scale = 1.0) {
  return {std::make_shared<SpeedTrace>(trace_of(csv, end)), scale};
}

std::string refusal(const std::string& csv, TraceEnd end = TraceEnd::hold) {
  return error_message<TraceError>([&] { trace_of(csv, end); });
}

const std::string kDay = "# measured\r\ntime, steps_per_second\r\n0,2\r\n\r\n10, 0\r\n14,0.5\r\n20,8\r\n";

}  // namespace

TEST_CASE("a trace that holds keeps its last value for ever") {
  const TracedSpeed worker = speed_of(kDay, TraceEnd::hold);
  CHECK(finish_time(worker, kTimeZero, 20) == at(10s));
  CHECK(finish_time(worker, kTimeZero, 23) == at(20s));  // 20, a standstill, 3
  CHECK(finish_time(worker, kTimeZero, 31) == at(21s));
  CHECK(finish_time(worker, at(1000s), 8) == at(1001s));
  CHECK(worker.at(at(10s)).end == at(14s));
  CHECK(worker.at(at(10s) - 1ns).steps_per_second == 2.0);
  CHECK(worker.at(at(20s)).end == Time::max());
}

TEST_CASE("a trace that repeats begins anew at its last row's time, whose value is not used") {
  const TracedSpeed worker = speed_of(kDay, TraceEnd::repeat);
  CHECK(finish_time(worker, kTimeZero, 23) == at(20s));
  for (int64_t periods : {1, 7, 1000}) {
    CHECK(finish_time(worker, at(periods * 20s), 23) == at((periods + 1) * 20s));
    CHECK(finish_time(worker, kTimeZero, 23.0 * static_cast<double>(periods) + 2.0) == at(periods * 20s + 1s));
  }
  CHECK(worker.at(at(31s)).end == at(34s));
  CHECK(worker.at(Time::max() - 1ns).end == Time::max());
}

TEST_CASE("the mean speed of a trace is its mean over time") {
  CHECK(speed_of(kDay, TraceEnd::repeat).mean_steps_per_second() == Approx((10 * 2.0 + 6 * 0.5) / 20));
  CHECK(speed_of(kDay, TraceEnd::hold).mean_steps_per_second() == Approx((10 * 2.0 + 6 * 0.5) / 20));
  CHECK(speed_of("time,factor\n0,3\n", TraceEnd::hold, 2.0).mean_steps_per_second() == 6.0);
  CHECK(speed_of("time,factor\n0,0\n5,3\n", TraceEnd::hold, 2.0).mean_steps_per_second() == 6.0);
}

TEST_CASE("factors scale a speed") {
  CHECK(trace_of("time,factor\n0,1\n", TraceEnd::hold).factors);
  CHECK_FALSE(trace_of(kDay, TraceEnd::hold).factors);
  const TracedSpeed worker = speed_of("time,factor\n0,1\n10,0.25\n", TraceEnd::hold, 4.0);
  CHECK(finish_time(worker, kTimeZero, 41) == at(11s));
}

TEST_CASE("a bad speed trace is refused by file, line, what was found and what is allowed") {
  CHECK_THAT(refusal("time,factor\n0,1\n5,1\n4,1\n"), Contains("t.csv:4: time 4 comes after 5; allowed: times that"));
  CHECK_THAT(refusal("time,factor\n0,1\n5,1\n5,2\n"), Contains("t.csv:4: time 5 stands there already"));
  CHECK_THAT(refusal("time,factor\n0,1\n5,-1\n"), Contains("t.csv:3: -1 is negative"));
  CHECK_THAT(refusal("time,factor\n-1,1\n"), Contains("t.csv:2: -1 is negative"));
  CHECK_THAT(refusal("time,factor\n0,fast\n"), Contains("t.csv:2: \"fast\" is not a number"));
  CHECK_THAT(refusal("time,factor\n0,1 2\n"), Contains("t.csv:2: \"1 2\" is not a number"));
  CHECK_THAT(refusal("time,factor\n0,\n"), Contains("t.csv:2: \"\" is not a number"));
  CHECK_THAT(refusal("time,factor\n0,nan\n"), Contains("t.csv:2: \"nan\" is not a number"));
  CHECK_THAT(refusal("time,factor\n0,inf\n"), Contains("t.csv:2: \"inf\" is not a number"));
  CHECK_THAT(refusal("time,factor\n0\n"), Contains("t.csv:2: 1 cells; allowed: 2, time,factor"));
  CHECK_THAT(refusal("time,factor\n0,1,2\n"), Contains("t.csv:2: 3 cells"));
  CHECK_THAT(refusal("time,factor\n3,1\n"), Contains("t.csv:2: the trace begins at 3 s; allowed: 0"));
  CHECK_THAT(refusal("time,factor\n0,1\n1e12,1\n"), Contains("t.csv:3: 1e12 s is past the end"));
  CHECK_THAT(refusal("time,factor\n0,1e10\n"), Contains("t.csv:2: 1e10 is too fast"));
  CHECK_THAT(refusal("seconds,speed\n0,1\n"),
             Contains("t.csv:1: \"seconds,speed\" is no header") && Contains("time,steps_per_second or time,factor"));
  CHECK_THAT(refusal("time,factor\n"), Contains("t.csv: holds no rows"));
  CHECK_THAT(refusal(""), Contains("t.csv: holds no rows"));
  CHECK_THAT(error_message<TraceError>([] { read_speed_trace("/nowhere/t.csv", TraceEnd::hold); }),
             Contains("/nowhere/t.csv: cannot be read"));
  CHECK_THAT(error_message<TraceError>([] { read_speed_trace("/", TraceEnd::hold); }), Contains("is a directory"));
  CHECK_THAT(error_message<TraceError>([] { read_speed_trace("/dev/null", TraceEnd::hold); }),
             Contains("is not a regular file"));
  CHECK_THAT(error_message<TraceError>([] { read_speed_trace(std::string(5000, 'x'), TraceEnd::hold); }),
             Contains("cannot be read"));
}

TEST_CASE("a trace that stands still for ever is refused") {
  CHECK_THAT(refusal("time,factor\n0,1\n5,0\n"), Contains("t.csv:3: the worker stands still for ever from here on"));
  CHECK_THAT(refusal("time,factor\n0,0\n5,0\n9,1\n", TraceEnd::repeat), Contains("t.csv:4: the worker stands still"));
  CHECK_THAT(refusal("time,factor\n0,1\n", TraceEnd::repeat), Contains("t.csv:2: one row cannot repeat"));
  // A period of a nanosecond would make the clock walk through 10^9 of them a second.
  CHECK_THAT(refusal("time,factor\n0,1\n0.000000001,1\n", TraceEnd::repeat),
             Contains("t.csv:3: the trace repeats after 0.000000001 s; allowed: at least 0.001"));
  CHECK(refusal("time,factor\n0,0\n5,1\n") == "");
  CHECK(refusal("time,factor\n0,1\n5,0\n", TraceEnd::repeat) == "");
}

TEST_CASE("a trace reads the same with a byte order mark, other line ends and quoted cells, whatever it is of") {
  const SpeedTrace plain = trace_of("time,factor\n0,1\n5,0.25\n", TraceEnd::hold);
  for (const std::string csv :
       {"\xEF\xBB\xBFtime,factor\n0,1\n5,0.25\n", "\xEF\xBB\xBF# measured\r\ntime,factor\r\n0,1\r\n5,0.25",
        "\"time\",\"factor\"\n\"0\",\"1\"\n\"5\",\"0.25\"\n",
        "\xEF\xBB\xBF\"time\", \"factor\"\r\n0 , \" 1\" \r\n \"5\" ,0.25\r\n"}) {
    INFO(csv);
    const SpeedTrace trace = trace_of(csv, TraceEnd::hold);
    CHECK(trace.begin == plain.begin);
    CHECK(trace.value == plain.value);
    CHECK(trace.factors);
  }
  const TempDirectory directory;
  const auto workers = read_availability_trace(
      directory.write("up.csv", "\xEF\xBB\xBF\"time\",\"worker\",\"state\"\r\n\"3\",\"1\",\"down\"\r\n"), 2);
  REQUIRE(workers.at(1));
  CHECK_FALSE(workers[1]->at(at(3s)).up);
  CHECK(read_capacity_trace(directory.write("c.csv", "\xEF\xBB\xBF\"time\",\"bytes_per_second\"\r\n0,\"7\"\r\n"),
                            TraceEnd::hold)
            .at(at(1s))
            .bytes_per_second == 7.0);
}

TEST_CASE("what quotation marks do not make right is refused by its line as before") {
  CHECK_THAT(refusal("time,factor\n0,\"fast\"\n"), Contains("t.csv:2: \"fast\" is not a number"));
  CHECK_THAT(refusal("time,factor\n\"0\",\"1\",\"2\"\n"), Contains("t.csv:2: 3 cells; allowed: 2"));
  CHECK_THAT(refusal("time,factor\n\"0,1\"\n"), Contains("t.csv:2: 1 cells; allowed: 2"));
  CHECK_THAT(refusal("time,factor\n0,\"1\n\"\n"),
             Contains("t.csv:2: \"\"1\" begins a quoted cell that does not end; allowed: \"…\" on one line"));
  CHECK_THAT(refusal("time,factor\n\"0\"5,1\n"),
             Contains("t.csv:2: \"5,1\" stands behind a quoted cell; allowed: a comma or the end of the line"));
  CHECK_THAT(refusal("time,factor\n0,\"1\"\"\"\n"), Contains("t.csv:2: \"1\"\" is not a number"));
  CHECK_THAT(refusal("time,factor\n0,1\"\n"), Contains("t.csv:2: \"1\"\" is not a number"));
  CHECK_THAT(refusal("time,factor\n\xEF\xBB\xBF"
                     "0,1\n"),
             Contains("t.csv:2: \"???0\" is not a number"));
}
