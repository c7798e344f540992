#include "models/train/schedule.h"
#include "tests/support/catch.h"

using namespace models;

TEST_CASE("warm-up rises linearly to the peak and the cosine falls to the final rate, where it stays") {
  const Schedule schedule{.peak = 1.0, .final = 0.1, .warmup_steps = 4, .total_steps = 104};
  CHECK(learning_rate(schedule, 0) == Approx(0.25));
  CHECK(learning_rate(schedule, 3) == Approx(1.0));
  CHECK(learning_rate(schedule, 4) == Approx(1.0));
  CHECK(learning_rate(schedule, 54) == Approx(0.55));  // half-way: the mean of peak and final
  CHECK(learning_rate(schedule, 104) == Approx(0.1));
  CHECK(learning_rate(schedule, 100000) == Approx(0.1));
}

TEST_CASE("a schedule no longer than its warm-up does not divide by zero") {
  const Schedule schedule{.peak = 1.0, .final = 0.5, .warmup_steps = 10, .total_steps = 10};
  CHECK(learning_rate(schedule, 9) == Approx(1.0));
  CHECK(learning_rate(schedule, 10) == Approx(1.0));
  CHECK(learning_rate(schedule, 11) == Approx(0.5));
}
