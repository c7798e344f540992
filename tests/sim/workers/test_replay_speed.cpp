#include "sim/workers/replay_speed.h"

#include <stdexcept>

#include "sim/trace_file.h"
#include "tests/support/catch.h"
#include "tests/support/error_message.h"
#include "tests/support/temp_directory.h"

using Catch::Matchers::Contains;
using namespace sim;

namespace {

StepRecord record_of(const std::string& csv) {
  const TempDirectory directory;
  return read_step_record(directory.write("s.csv", csv));
}

std::string refusal(const std::string& csv) {
  return error_message<TraceError>([&] { record_of(csv); });
}

}  // namespace

TEST_CASE("a record of steps has each rank's seconds in the order of its steps, wherever they begin") {
  const StepRecord record = record_of("step,rank,seconds\n7,0,0.5\n8,0,0.25\n8,5,2\n9,0,1\n");
  CHECK(record == StepRecord{{0, {0.5, 0.25, 1}}, {5, {2}}});
}

TEST_CASE("a bad record is refused by line, and the first gap is named") {
  const std::string header = "step,rank,seconds\n";
  CHECK_THAT(refusal(header + "0,0,1\n1,0,1\n1,1,1\n3,0,1\n5,0,1\n"),
             Contains("s.csv:5: step 2 of rank 0 is missing, the first gap"));
  CHECK_THAT(refusal(header + "0,0,1\n0,0,1\n"), Contains("s.csv:3: step 0 of rank 0 stands there already"));
  CHECK_THAT(refusal(header + "1,0,1\n0,1,1\n"), Contains("s.csv:3: step 0 comes after 1; allowed: steps that do not"));
  CHECK_THAT(refusal(header + "0,0,0\n"), Contains("s.csv:2: 0 s is no time of a step; allowed: from 1e-09"));
  CHECK_THAT(refusal(header + "0,0,1e7\n"), Contains("s.csv:2: 1e7 s is no time"));
  CHECK_THAT(refusal(header + "0,0,-1\n"), Contains("s.csv:2: -1 is negative"));
  CHECK_THAT(refusal(header + "0,0,nan\n"), Contains("s.csv:2: \"nan\" is not a number"));
  CHECK_THAT(refusal(header + "0.5,0,1\n"), Contains("s.csv:2: \"0.5\" is not a whole number"));
  CHECK_THAT(refusal("time,factor\n0,1\n"), Contains("s.csv:1: \"time,factor\" is no header"));
}

TEST_CASE("steps are replayed by their number, and those past the end as the user chose") {
  const ReplayedSteps repeated({1, 2, 6}, ReplayEnd::repeat, "it");
  CHECK(repeated.mean_seconds() == 3.0);
  CHECK(repeated.work(9, 0, 3) == Approx(3.0));
  CHECK(repeated.work(0, 1, 1) * 3.0 == Approx(2.0));
  CHECK(repeated.work(0, 2, 3) * 3.0 == Approx(6 + 1 + 2));
  CHECK(repeated.work(0, 3'000'000'002, 1) * 3.0 == Approx(6));
  const ReplayedSteps refused({1, 2, 6}, ReplayEnd::refuse, "rank 4 in x.csv");
  CHECK(refused.work(0, 1, 2) * 3.0 == Approx(8));
  CHECK_THAT(error_message<std::overflow_error>([&] { refused.work(0, 2, 2); }),
             Contains("the record of rank 4 in x.csv has 3 steps, and the run begins more"));
}

TEST_CASE("equal steps are one step's work each, to the bit") {
  for (const double seconds : {0.1, 1.0 / 3.0, 3.33, 1e-9, 1e6}) {
    const ReplayedSteps steps(std::vector<double>(1001, seconds), ReplayEnd::refuse, "it");
    CHECK(steps.mean_seconds() == seconds);
    CHECK(steps.work(0, 0, 1001) == 1001.0);
  }
}
