#include <algorithm>
#include <cmath>
#include <optional>
#include <set>

#include "experiments/config/format_text.h"
#include "experiments/config/parse.h"
#include "sim/random.h"
#include "tests/support/catch.h"
#include "tests/support/kinds.h"

// What holds for every kind of every list, whatever it does.

using namespace experiments;

namespace {

template <class Config>
std::string label(const Config& config) {
  if constexpr (requires { config.name; })
    return std::string(config.name);
  else
    return std::string(config.kind);
}

/// Calls f(config) with the defaults of every kind of a list.
template <class List, class F>
void for_each_kind(F&& f) {
  for_each_alternative<List>([&](size_t, auto type) {
    const typename decltype(type)::type config{};
    INFO(label(config));
    f(config);
  });
}

}  // namespace

TEST_CASE("every kind of every list is valid at its defaults, reads back what it writes, and stands in the manual") {
  const std::vector<tests::Kind> kinds = tests::KindCollector::all();
  std::set<std::string> lists;
  const std::string manual = format_text();
  for (const tests::Kind& kind : kinds) {
    INFO(kind.list << " " << kind.name);
    lists.insert(kind.list);
    const Json document = tests::with_kind(tiny::document(), kind);
    const Json written = to_json(tiny::parse(document));
    CHECK(to_json(tiny::parse(written)) == written);
    const Json::json_pointer pointer(kind.list);
    const Json& method = written.at("methods").at(0);
    const Json found = method.contains(pointer) ? method.at(pointer) : written.at(pointer);
    CHECK((found.is_object() ? found.at("kind") : found) == kind.name);
    CHECK(manual.find("`\"" + kind.name + "\"`") != std::string::npos);
  }
  CHECK(kinds.size() > 80);
  CHECK(lists.size() > 25);
}

TEST_CASE("every round policy settles each arrival once and sends each worker on once, in a random drive") {
  for_each_kind<sim::PolicyConfig>([](auto config) {
    constexpr int kWorkers = 7;
    const sim::RandomStream draw(11, "drive");
    uint64_t draws = 0;
    for (int trial = 0; trial < 40; ++trial) {
      if constexpr (requires { config.seconds; }) config.seconds = 0.25 * static_cast<double>(draw.below(12, draws++));
      if constexpr (requires { config.workers; })
        config.workers = 1 + static_cast<int64_t>(draw.below(kWorkers, draws++));
      if constexpr (requires { config.quorum; })
        config.quorum = 1 + static_cast<int64_t>(draw.below(kWorkers, draws++));
      if constexpr (requires { config.mode; })
        config.mode = draw.below(2, draws++) ? sim::GraceMode::wait : sim::GraceMode::lookahead;
      const auto policy = make(config, kWorkers);
      struct Worker {
        enum { flying, arrived, settled } stage = flying;
        sim::Time dispatched{}, arrival{};
        int rounds = 0;
      };
      std::vector<Worker> workers(kWorkers);
      const auto send = [&](Worker& worker, sim::Time now) {
        worker.stage = Worker::flying;
        worker.dispatched = now;
        worker.arrival = now + sim::from_seconds(0.25 * static_cast<double>(1 + draw.below(12, draws++)));
        ++worker.rounds;
      };
      for (Worker& worker : workers) send(worker, sim::kTimeZero);
      const auto next_arrival = [&] {
        sim::Time next = sim::Time::max();
        for (const Worker& worker : workers)
          if (worker.stage == Worker::flying) next = std::min(next, worker.arrival);
        return next;
      };
      sim::Time last = sim::Time::min();
      int again = 0;
      for (int instant = 0; instant < 200; ++instant) {
        const sim::Time now = std::min(next_arrival(), policy->deadline().value_or(sim::Time::max()));
        REQUIRE(now != sim::Time::max());  // somebody is under way, or the policy waits for a time
        REQUIRE(now >= last);
        again = now == last ? again + 1 : 0;
        REQUIRE(again < 2);  // a time that it was told of it may name once more
        last = now;
        std::vector<sim::Arrival> arrived;
        std::vector<sim::Pushed> pushed;
        for (size_t w = 0; w < workers.size(); ++w)
          if (workers[w].stage == Worker::flying && workers[w].arrival == now) {
            workers[w].stage = Worker::arrived;
            arrived.push_back(
                {.message = static_cast<sim::MessageId>(w), .fragment = 0, .dispatched = workers[w].dispatched});
            pushed.push_back({.sent = workers[w].dispatched, .step = now - workers[w].dispatched});
          }
        sim::RoundView view{.in_flight = 0, .next_arrival = next_arrival(), .gone = 0, .pushed = pushed};
        for (const Worker& worker : workers) view.in_flight += worker.stage == Worker::flying;
        const sim::RoundDecision decision = policy->on_instant(now, arrived, view);
        for (const auto& settled : {decision.apply.members(), decision.discard})
          for (const sim::MessageId w : settled) {
            REQUIRE(workers.at(static_cast<size_t>(w)).stage == Worker::arrived);
            workers[static_cast<size_t>(w)].stage = Worker::settled;
          }
        REQUIRE(std::is_sorted(decision.reply.begin(), decision.reply.end()));
        for (const sim::MessageId w : decision.reply) {
          REQUIRE(workers.at(static_cast<size_t>(w)).stage == Worker::settled);
          send(workers[static_cast<size_t>(w)], now);
        }
      }
      for (const Worker& worker : workers) CHECK(worker.rounds > 10);  // nobody is forgotten
    }
  });
}

TEST_CASE("every plan gives every worker a step at least and its H at most, whatever it has seen") {
  for_each_kind<sim::SyncPlanConfig>([](auto config) {
    for (const auto speeds : {sim::SpeedKnowledge::known, sim::SpeedKnowledge::measured}) {
      if constexpr (requires { config.speeds; }) config.speeds = speeds;
      const sim::RandomStream draw(12, "rounds");
      const auto plan = make(config, {3, [] { return std::vector<double>{0.01, 1.0, 7.0}; }});
      for (uint64_t round = 0; round < 300; ++round) {
        const auto worker = static_cast<sim::NodeId>(draw.below(3, 2 * round));
        const int64_t steps = plan->next(worker).progress;
        REQUIRE(steps >= 1);
        if constexpr (requires { config.steps; }) REQUIRE(steps <= config.steps);
        plan->observe(worker, steps, sim::from_seconds(static_cast<double>(draw.below(1000, 2 * round + 1))));
      }
    }
  });
}

TEST_CASE("every shard choice stays among the shards, comes to all, and is the same again") {
  for_each_kind<sim::ShardChoiceKind>([](auto kind) {
    const sim::ShardChoiceContext context{{100, 200, 300}, 13};
    const auto choice = make(kind, context), again = make(kind, context);
    std::set<int> chosen;
    for (int64_t round = 0; round < 50; ++round)
      for (sim::NodeId worker = 0; worker < 4; ++worker) {
        const int shard = choice->choose(worker, round);
        REQUIRE(again->choose(worker, round) == shard);
        chosen.insert(shard);
        choice->assigned(shard, 10);
        again->assigned(shard, 10);
      }
    CHECK(chosen == std::set<int>{0, 1, 2});
  });
}

TEST_CASE("every jitter has the mean that it states, and draws the same in any order") {
  for_each_kind<sim::JitterSpec>([](auto config) {
    for (const auto per : {sim::JitterPer::step, sim::JitterPer::round}) {
      config.per = per;
      const auto jitter = make_step_jitter(config, sim::RandomStream(14, "jitter"));
      std::vector<double> costs;
      for (int64_t round = 0; round < 20'000; ++round) costs.push_back(jitter->work(round, 3 * round, 3));
      double sum = 0, squares = 0;
      for (size_t round = costs.size(); round-- > 0;) {
        REQUIRE(jitter->work(static_cast<int64_t>(round), static_cast<int64_t>(3 * round), 3) == costs[round]);
        sum += costs[round] / 3;
        squares += costs[round] * costs[round] / 9;
      }
      const double n = static_cast<double>(costs.size()), mean = sum / n, variance = squares / n - mean * mean;
      CHECK(std::abs(mean - sim::mean_of(config)) < 5 * std::sqrt(variance / n));
    }
  });
}

TEST_CASE("every profile and availability is a pure function") {
  for_each_kind<sim::Profile>([](const auto& profile) {
    for (int64_t i = 0; i < 16; ++i) {
      const double factor = sim::seconds_factor(profile, i, 16);
      CHECK(factor > 0);
      CHECK(sim::seconds_factor(profile, i, 16) == factor);
    }
  });
  for_each_kind<sim::AvailabilityConfig>([](const auto& config) {
    const auto one = make(config, sim::RandomStream(15, "availability")),
               other = make(config, sim::RandomStream(15, "availability"));
    REQUIRE((one == nullptr) == (other == nullptr));
    std::vector<sim::Availability::Period> periods;
    for (sim::Time t{}; one && t != sim::Time::max() && periods.size() < 30; t = periods.back().end)
      periods.push_back(one->at(t));
    for (size_t i = periods.size(); i-- > 1;) {  // backwards
      const sim::Availability::Period period = other->at(periods[i - 1].end);
      CHECK(period.end == periods[i].end);
      CHECK(period.up == periods[i].up);
      CHECK(period.up != periods[i - 1].up);
    }
  });
}

TEST_CASE("every correction leaves a fresh pseudo-gradient as it is, to the bit") {
  for_each_kind<models::CorrectionConfig>([](const auto& config) {
    const auto correction = models::make(config);
    if (!correction) return;  // the clock's
    const models::Params theta{1.0f, -2.0f, 0.5f}, fresh{0.3f, -0.0f, 1e-30f};
    models::Params gradient = fresh;
    correction->correct(gradient, {.staleness = 0, .now = theta, .dispatched = theta});
    CHECK(gradient == fresh);
  });
}

TEST_CASE("every payload's bytes depend on the layout alone, and what is sent and what is kept add up") {
  for_each_kind<models::PayloadCode>([](auto code) {
    for (const bool largest : {false, true}) {
      models::PayloadConfig config{.kind = code, .top_k = {}, .error_feedback = true, .block = 16};
      if (largest) config.top_k = {.chunk = 8, .kept = 5};
      const sim::RandomStream draw(16, "values");
      uint64_t last = 0;
      for (int64_t n = 1; n < 200; ++n) {
        models::ParamLayout layout;
        layout.add("t", {n}, models::TensorRole::hidden);
        const uint64_t bytes = models::payload_bytes(config, layout);
        CHECK(bytes >= static_cast<uint64_t>(n) / 8);
        CHECK(bytes <= 4 * static_cast<uint64_t>(n) + 16);
        CHECK(bytes >= last);
        last = bytes;
      }
      models::ParamLayout layout;
      layout.add("matrix", {7, 9}, models::TensorRole::hidden);
      layout.add("bias", {13}, models::TensorRole::bias);
      models::Params residual;
      for (uint64_t message = 0; message < 20; ++message) {
        models::Params values(layout.size());
        for (const models::TensorSpec& tensor : layout.tensors())
          for (size_t i = tensor.offset; i < tensor.offset + tensor.size; ++i)
            values[i] = static_cast<float>(std::exp(8 * draw.uniform(message * 77 + i)) * (i % 2 ? 1 : -1));
        models::Params given = values;  // what is to be sent: the values and what was kept of the message before
        if (!residual.empty())
          for (size_t i = 0; i < given.size(); ++i) given[i] += residual[i];
        models::compress(config, layout, values, residual);
        for (size_t i = 0; i < values.size(); ++i) {
          const float kept = residual.empty() ? 0.0f : residual[i];
          REQUIRE(std::abs(values[i] + kept - given[i]) <= 0x1p-23f * (std::abs(kept) + std::abs(values[i])));
        }
        REQUIRE(values[63] == 0.0f);  // the gap between the tensors
      }
      CHECK(residual.empty() == config.exact());
    }
  });
}
