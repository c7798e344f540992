#include "sim/network/all_gather.h"

#include <limits>
#include <stdexcept>

#include "tests/support/catch.h"
#include "tests/support/times.h"
#include "tests/support/transfers.h"

using namespace sim;
using tests::at;
using tests::kDown;
using tests::kUp;
using tests::link;
using tests::route;
using tests::transfer;
using namespace std::chrono_literals;

TEST_CASE("an all-gather's message goes up once, and the others' come down, over each worker's own link") {
  AllGather network(PerWorker<PrivateLink>({link(1e6, 4e6, 1s, 2s), link(2e6, 0), link(0, 1e6)}), 3);
  CHECK(network.wire_bytes(route(0, kUp), 1'000'000) == 1'000'000);
  CHECK(network.wire_bytes(route(0, kDown), 1'000'000) == 2'000'000);
  network.start(transfer(0, kDown), 1'000'000, at(0s));  // the start: nothing to gather
  REQUIRE(network.next_end() == at(2s));
  REQUIRE(network.finish(at(2s)).size() == 1);
  network.start(transfer(0, kUp), 1'000'000, at(2s));
  REQUIRE(network.next_end() == at(4s));
  network.finish(at(4s));
  network.start(transfer(0, kDown), 1'000'000, at(4s));
  CHECK(network.next_end() == at(6500ms));
  CHECK(network.fixed_duration(route(0, kDown), 1'000'000) == 2500ms);
  network.cancel(transfer(0, kDown), at(5s));
  CHECK(network.next_end() == Time::max());
  for (int round = 0; round < 2; ++round) network.start(transfer(1, round ? kUp : kDown), 1'000'000, at(5s));
  CHECK(network.next_end() == at(5s));
}

TEST_CASE("an all-gather of one worker takes nothing down, and one of nobody is refused") {
  const PerWorker<PrivateLink> links({link(1e6, 1e6)});
  CHECK(AllGather(links, 1).wire_bytes(route(0, kDown), 1000) == 0);
  CHECK_THROWS_AS(AllGather(links, 0), std::invalid_argument);
  CHECK_THROWS_AS(AllGather(PerWorker<PrivateLink>({link(-1, 0)}), 2), std::invalid_argument);
  const uint64_t most = std::numeric_limits<uint64_t>::max();
  CHECK(AllGather(links, 10'000'000).wire_bytes(route(0, kDown), most / 1000) == most);
}
