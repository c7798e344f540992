#include "sim/network/rates.h"

#include <cmath>
#include <limits>
#include <vector>

#include "sim/network/private_links.h"
#include "tests/support/catch.h"
#include "tests/support/hash_random.h"
#include "tests/support/transfers.h"

using namespace sim;
using Catch::Contains;
using tests::kUp;
using tests::route;
using namespace std::chrono_literals;

namespace {

const std::vector<RatePoint> kTable = {{1e6, 2e8}, {1e7, 8e8}, {1e8, 2e9}, {1e9, 2.5e9}};

Duration duration(const LinkSpec& link, uint64_t bytes) { return link_duration(link, bytes, 0); }

}  // namespace

TEST_CASE("a table of one point is that constant rate, to the nanosecond, for every size") {
  for (const double rate : {1e3, 123456.789, 1.7e9}) {
    const LinkSpec constant{3ms, rate}, table{3ms, 0, {{5e5, rate}}};
    for (uint64_t bytes = 1; bytes < 1'000'000'000'000; bytes = bytes * 7 + 3)
      CHECK(duration(table, bytes) == duration(constant, bytes));
  }
}

TEST_CASE("a rate is exact at the points, a straight line of logarithms between, and holds outside") {
  for (const RatePoint& point : kTable) CHECK(rate_at(kTable, point.bytes) == point.bytes_per_second);
  CHECK(rate_at(kTable, 1) == 2e8);
  CHECK(rate_at(kTable, 1e15) == 2.5e9);
  // Half-way in the logarithm of the size is the geometric mean of the rates.
  CHECK(rate_at(kTable, std::sqrt(1e6 * 1e7)) == Approx(std::sqrt(2e8 * 8e8)));
  CHECK(rate_at({{1, 1}, {16, 4}}, 4) == Approx(2));  // a power of one half
  // 1 MB takes 5 ms, 10 MB 12.5 ms.
  const LinkSpec link{10ms, 0, kTable};
  CHECK(duration(link, 1'000'000) == 15ms);
  CHECK(duration(link, 10'000'000) == 10ms + 12500us);
  PrivateLinks links({{.download = {}, .upload = link}});
  CHECK(links.fixed_duration(route(0, kUp), 100'000'000) == Duration{60ms});
}

TEST_CASE("a larger message never takes less time, whatever the table that is taken") {
  int taken = 0;
  for (uint64_t seed = 0; seed < 400; ++seed) {
    std::vector<RatePoint> table;
    double bytes = 10, rate = 100;
    const HashRandom random(seed);
    for (uint64_t i = 0; i < 5; ++i) {
      bytes *= 1.1 + 9 * random.uniform(0, i);
      rate *= 0.5 + 4 * random.uniform(1, i);
      table.push_back({bytes, rate});
    }
    if (!mistake_in(table).empty()) continue;
    ++taken;
    double before = 0;
    for (double size = 1; size < 1e8; size *= 1.07) {
      const double seconds = size / rate_at(table, size);
      REQUIRE(seconds >= before * (1 - 1e-12));
      before = seconds;
    }
  }
  CHECK(taken > 20);
}

TEST_CASE("tables that no link can have are refused with their point") {
  CHECK_THAT(mistake_in({{10, 1}, {10, 2}}), Contains("point 2 of the rates: its size is not above the one before"));
  CHECK_THAT(
      mistake_in({{10, 1}, {20, 3}}),
      Contains("point 2 of the rates: such a message would take 6.666667 s, less than the smaller one of the point "
               "before, 10.000000 s"));
  CHECK_THAT(mistake_in({{10, 0}}), Contains("above 0"));
  CHECK_THAT(mistake_in({{10, std::numeric_limits<double>::infinity()}}), Contains("finite"));
  CHECK(mistake_in({{10, 1}, {20, 2}}).empty());  // as long as each other
  CHECK_THROWS_WITH(check_link({.download = {}, .upload = {0ms, 1e6, kTable}}, "worker 0"),
                    Contains("upload link of worker 0: has rates beside a bandwidth"));
  CHECK_THROWS_WITH(check_link({.download = {0ms, 0, {{2, 1}, {1, 1}}}, .upload = {}}, "worker 0"),
                    Contains("download link of worker 0: point 2"));
}
