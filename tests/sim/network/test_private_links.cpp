#include <stdexcept>
#include <string>

#include "sim/network/private_links.h"
#include "tests/support/catch.h"
#include "tests/support/times.h"
#include "tests/support/transfers.h"

using namespace sim;
using tests::at;
using tests::kDown;
using tests::kUp;
using tests::route;
using tests::transfer;
using namespace std::chrono_literals;

namespace {

std::vector<NodeId> workers_of(std::span<const MessageId> messages) { return {messages.begin(), messages.end()}; }

}  // namespace

TEST_CASE("a transfer takes latency plus bytes over bandwidth, in each direction its own") {
  PrivateLinks links({{.download = {.latency = 20ms, .bytes_per_second = 1e6},
                       .upload = {.latency = 5ms, .bytes_per_second = 250e3}}});
  CHECK(links.fixed_duration(route(0, kDown), 3'000'000) == Duration{3s + 20ms});
  CHECK(links.fixed_duration(route(0, kUp), 3'000'000) == Duration{12s + 5ms});
  CHECK(links.fixed_duration(route(0, kDown), 0) == Duration{20ms});
  CHECK(links.fixed_duration(route(0, kDown), 1) == Duration{20ms + 1us});

  links.start(transfer(0, kUp), 1'000'000, at(7s));
  CHECK(links.next_end() == at(7s + 4s + 5ms));
  const auto ended = links.finish(links.next_end());
  REQUIRE(ended.size() == 1);
  CHECK(ended[0] == 0);
}

TEST_CASE("a default link takes no time at all, and an unlimited one its latency, whatever the bytes") {
  const PrivateLinks links({{}, {.download = {.latency = 3ms}, .upload = {}}});
  const uint64_t all = ~uint64_t{0};
  CHECK(links.fixed_duration(route(0, kDown), all) == 0ns);
  CHECK(links.fixed_duration(route(0, kUp), all) == 0ns);
  CHECK(links.fixed_duration(route(1, kDown), all) == 3ms);
}

TEST_CASE("transfers on private links end in time order, together in worker order, and never meet") {
  const PrivateLink link{.download = {.latency = 1ms, .bytes_per_second = 1e3}, .upload = {.bytes_per_second = 1e3}};
  PrivateLinks links({link, link, link, link});
  CHECK(links.next_end() == Time::max());
  links.start(transfer(3, kDown), 1000, at(0s));
  links.start(transfer(1, kUp), 1001, at(0s));  // 1 ms more to send, no latency: ends with worker 3's
  links.start(transfer(2, kUp), 2000, at(0s));
  links.start(transfer(0, kDown), 900, at(100ms));
  CHECK(links.next_end() == at(1001ms));
  CHECK(links.finish(at(1000ms)).empty());
  CHECK(workers_of(links.finish(at(1001ms))) == std::vector<NodeId>{0, 1, 3});
  CHECK(links.next_end() == at(2s));
  links.start(transfer(1, kUp), 500, at(1500ms));
  CHECK(workers_of(links.finish(at(2s))) == std::vector<NodeId>{1, 2});
  CHECK(links.next_end() == Time::max());
}

TEST_CASE("a link that cannot be is refused by name") {
  const auto message = [](PrivateLink link) {
    try {
      PrivateLinks(std::vector<PrivateLink>{{}, link});
    } catch (const std::invalid_argument& e) {
      return std::string(e.what());
    }
    return std::string("accepted");
  };
  CHECK_THAT(message({.download = {.bytes_per_second = -2.0}, .upload = {}}),
             Catch::Matchers::Contains("download link of worker 1"));
  CHECK_THAT(message({.download = {}, .upload = {.latency = -1s}}),
             Catch::Matchers::Contains("upload link of worker 1"));
  CHECK(message({}) == "accepted");
}

TEST_CASE("a transfer that would take centuries is an error, not an overflow") {
  PrivateLinks links(std::vector<PrivateLink>{{.download = {.bytes_per_second = 1e-3}, .upload = {}}});
  CHECK_THROWS_AS(links.start(transfer(0, kDown), 1'000'000'000, kTimeZero), std::overflow_error);
  CHECK_THROWS_AS(links.start(transfer(0, kDown), 1'000, Time::max() - 1s), std::overflow_error);
}

TEST_CASE("a cancelled transfer never ends, and its worker may start another") {
  const PrivateLink link{.download = {.bytes_per_second = 1e3}, .upload = {.bytes_per_second = 1e3}};
  PrivateLinks links{PerWorker<PrivateLink>({link})};
  for (NodeId w = 0; w < 300; ++w) links.start(transfer(w, kDown), 1000 + 10 * static_cast<uint64_t>(w % 7), at(0s));
  for (NodeId w = 0; w < 300; ++w)
    if (w % 7 != 3) links.cancel(transfer(w, kDown), at(500ms));
  CHECK(links.next_end() == at(1030ms));
  links.start(transfer(0, kUp), 100, at(500ms));
  links.cancel(transfer(3, kDown), at(500ms));
  links.start(transfer(3, kDown), 1000, at(500ms));
  CHECK(workers_of(links.finish(at(600ms))) == std::vector<NodeId>{0});
  std::vector<NodeId> rest;
  for (NodeId w = 10; w < 300; w += 7) rest.push_back(w);
  CHECK(workers_of(links.finish(at(1030ms))) == rest);
  CHECK(workers_of(links.finish(at(1500ms))) == std::vector<NodeId>{3});
  CHECK(links.next_end() == Time::max());
}

TEST_CASE("links described by kind are the links described one by one") {
  const PrivateLink slow{.download = {1ms, 1e3}, .upload = {2ms, 3e3}}, fast{.download = {0s, 1e6}, .upload = {}};
  PrivateLinks kinds{PerWorker<PrivateLink>({slow, fast}, {1, 0, 0, 1})};
  PrivateLinks each{std::vector<PrivateLink>{fast, slow, slow, fast}};
  for (NodeId w = 0; w < 4; ++w)
    for (const Direction d : {kDown, kUp})
      CHECK(kinds.fixed_duration(route(w, d), 777) == each.fixed_duration(route(w, d), 777));
}

TEST_CASE("where every worker has a kind of its own, kinds are workers, for messages too") {
  const PerWorker<int> own({7, 8}, {0, 1}), swapped({7, 8}, {1, 0});
  CHECK(own[1] == 8);
  CHECK(own.name(1) == "worker 1");
  CHECK(swapped[1] == 7);
  CHECK(swapped.name(1) == "worker kind 1");
}

TEST_CASE("messages of one route pass one after another, those of different routes never meet") {
  const PrivateLink link{.download = {.latency = 1s, .bytes_per_second = 1e3},
                         .upload = {.latency = 1s, .bytes_per_second = 1e3}};
  PrivateLinks links{PerWorker<PrivateLink>({link}), {3}, 2};
  const auto of = [](NodeId worker, Direction direction, FragmentId fragment) {
    return transfer(worker, direction, fragment, {3});
  };
  links.start(of(0, kUp, 2), 2000, at(0s));    // to 3 s
  links.start(of(0, kUp, 0), 1000, at(1s));    // its latency is over at 2 s, the link is free at 3 s: to 4 s
  links.start(of(0, kUp, 1), 1000, at(10s));   // alone: to 12 s
  links.start(of(0, kDown, 0), 1000, at(0s));  // the other way: to 2 s
  links.start(of(1, kUp, 0), 500, at(0s));     // another link: to 1.5 s
  std::vector<std::pair<Time, MessageId>> ends;
  for (Time now = links.next_end(); now != Time::max(); now = links.next_end())
    for (const MessageId message : links.finish(now)) ends.emplace_back(now, message);
  CHECK(ends ==
        std::vector<std::pair<Time, MessageId>>{{at(1500ms), 3}, {at(2s), 0}, {at(3s), 2}, {at(4s), 0}, {at(12s), 1}});

  // A message that is cancelled while it has the link lets the next one begin; one that waits is simply gone.
  for (FragmentId fragment = 0; fragment < 3; ++fragment) links.start(of(1, kUp, fragment), 4000, at(20s));
  links.cancel(of(1, kUp, 1), at(22s));
  links.cancel(of(1, kUp, 0), at(23s));
  CHECK(links.next_end() == at(27s));
  CHECK(workers_of(links.finish(at(27s))) == std::vector<MessageId>{5});
  CHECK(links.next_end() == Time::max());
}

TEST_CASE("on a link with a trace bytes flow, after the latency, at the bandwidth of each moment") {
  PrivateLink traced{.download = {}, .upload = {.latency = 1s}};
  traced.upload_trace = std::make_shared<const CapacityTrace>(
      std::vector<CapacityTrace::Point>{{at(0s), 4e6}, {at(2s), 0.0}, {at(5s), 1e6}}, TraceEnd::hold);
  PrivateLinks links(PerWorker<PrivateLink>({traced}), {2}, 2);
  const auto of = [](NodeId worker, FragmentId fragment) { return transfer(worker, kUp, fragment, {2}); };
  CHECK_FALSE(links.fixed_duration(route(0, kUp), 1).has_value());
  CHECK(links.fixed_duration(route(0, kDown), 1) == Duration{0});
  links.start(of(0, 0), 5'000'000, at(0s));  // 4 MB from 1 to 2 s, 1 MB from 5 to 6 s
  links.start(of(1, 0), 1'000'000, at(0s));  // 1 to 1.25 s: the same bytes later take another time
  links.start(of(0, 1), 1'000'000, at(0s));  // after the first of its route: 6 to 7 s
  CHECK(links.next_end() == at(1250ms));
  CHECK(links.finish(at(1250ms)).size() == 1);
  links.start(of(1, 1), 1'000'000, at(1250ms));  // nothing until 5 s
  CHECK(links.next_end() == at(6s));
  const auto ended = links.finish(at(6s));
  CHECK(std::vector<MessageId>(ended.begin(), ended.end()) == std::vector<MessageId>{0, 3});
  CHECK(links.next_end() == at(7s));

  traced.upload.bytes_per_second = 1e6;
  CHECK_THROWS_WITH(PrivateLinks({traced}),
                    Catch::Matchers::Contains("upload link of worker 0: has both a bandwidth and a trace"));
}

TEST_CASE("a transfer on a link with a trace that takes centuries is an error") {
  PrivateLink traced;
  traced.upload_trace = std::make_shared<const CapacityTrace>(
      std::vector<CapacityTrace::Point>{{at(0s), 1e-6}, {at(2s), 1e-6}}, TraceEnd::repeat);
  PrivateLinks links({traced});
  CHECK_THROWS_AS(links.start(transfer(0, kUp), 1'000'000, at(0s)), std::overflow_error);
}
