#include "sim/workers/availability.h"

#include <cmath>

#include "sim/trace_file.h"
#include "tests/support/catch.h"
#include "tests/support/error_message.h"
#include "tests/support/temp_directory.h"
#include "tests/support/times.h"

using Catch::Matchers::Contains;
using namespace sim;
using tests::at;
using namespace std::chrono_literals;

namespace {

std::vector<std::unique_ptr<Availability>> trace_of(const std::string& csv, int64_t workers = 4) {
  const TempDirectory directory;
  return read_availability_trace(directory.write("a.csv", csv), workers);
}
std::string refusal(const std::string& csv) {
  return error_message<TraceError>([&] { trace_of("time,worker,state\n" + csv); });
}

bool same(const Availability::Period& period, bool up, Time end) { return period.up == up && period.end == end; }

}  // namespace

TEST_CASE("a scheduled worker is up in its intervals only, each with its beginning and without its end") {
  const auto worker = make_scheduled_availability({{at(5s), at(9s)}, {at(12s), Time::max()}});
  CHECK(same(worker->at(kTimeZero), false, at(5s)));
  CHECK(same(worker->at(at(5s) - 1ns), false, at(5s)));
  CHECK(same(worker->at(at(5s)), true, at(9s)));
  CHECK(same(worker->at(at(9s)), false, at(12s)));
  CHECK(same(worker->at(at(12s)), true, Time::max()));
  CHECK(same(make_scheduled_availability({{kTimeZero, at(3s)}})->at(at(3s)), false, Time::max()));
  CHECK(same(make_scheduled_availability({{kTimeZero, Time::max()}})->at(at(3s)), true, Time::max()));
}

TEST_CASE("a random worker is up the share of the time that the two means say") {
  const auto worker = make_random_availability({90.0, 2.0}, {30.0, 0.8}, RandomStream(2, "availability", 0));
  double up = 0.0, all = 0.0;
  bool expected = true;
  Time now{};
  for (int i = 0; i < 40'000; ++i) {
    const Availability::Period period = worker->at(now);
    REQUIRE(period.up == expected);
    expected = !expected;
    up += period.up ? to_seconds(period.end - now) : 0.0;
    all += to_seconds(period.end - now);
    now = period.end;
  }
  CHECK(up / all == Approx(0.75).epsilon(0.015));  // 20,000 cycles: a standard error of about 0.25 %
}

TEST_CASE("a trace says who goes and comes when, several at once") {
  const auto workers = trace_of("time,worker,state\n0,2,down\n10,0,down\n10,1,down\n15,2,up\n20,0,up\n");
  REQUIRE(workers.size() == 4);
  CHECK(same(workers[0]->at(kTimeZero), true, at(10s)));
  CHECK(same(workers[0]->at(at(10s)), false, at(20s)));
  CHECK(same(workers[0]->at(at(20s)), true, Time::max()));
  CHECK(same(workers[1]->at(at(9s)), true, at(10s)));
  CHECK(same(workers[1]->at(at(10s)), false, Time::max()));
  CHECK(same(workers[2]->at(kTimeZero), false, at(15s)));
  CHECK(workers[3] == nullptr);
}

TEST_CASE("a worker whose first line brings it up was down before: it joins late") {
  const auto workers = trace_of("time,worker,state\n7,1,up\n");
  CHECK(same(workers[1]->at(kTimeZero), false, at(7s)));
  CHECK(same(workers[1]->at(at(7s)), true, Time::max()));
}

TEST_CASE("contradictory and impossible availability traces are refused by file and line") {
  CHECK_THAT(refusal("1,0,down\n2,0,down\n"), Contains("a.csv:3: worker 0 is down already"));
  CHECK_THAT(refusal("0,0,up\n2,0,up\n"), Contains("a.csv:3: worker 0 is up already"));
  CHECK_THAT(refusal("1,0,down\n1,0,up\n"), Contains("a.csv:3: worker 0 has two lines at 1 s; allowed: one"));
  CHECK_THAT(refusal("1,4,down\n"), Contains("a.csv:2: worker 4 is none of the run's") && Contains("0 to 3"));
  CHECK_THAT(refusal("1,0.5,down\n"), Contains("a.csv:2: worker 0.5 is none"));
  CHECK_THAT(refusal("1,-1,down\n"), Contains("a.csv:2: -1 is negative"));
  CHECK_THAT(refusal("1,0,gone\n"), Contains("a.csv:2: \"gone\" is no state; allowed: up, down"));
  CHECK_THAT(refusal("3,0,down\n2,1,down\n"), Contains("a.csv:3: time 2 comes after 3"));
  CHECK_THAT(refusal("3,0\n"), Contains("a.csv:2: 2 cells; allowed: 3"));
  CHECK_THAT(refusal(""), Contains("a.csv: holds no rows"));
}
