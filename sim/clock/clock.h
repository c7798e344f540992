#pragma once
#include <algorithm>
#include <optional>
#include <span>
#include <utility>
#include <vector>

#include "sim/clock/arrival_forecast.h"
#include "sim/clock/clock_log.h"
#include "sim/clock/clock_options.h"
#include "sim/clock/clock_parts.h"
#include "sim/clock/course.h"
#include "sim/clock/evaluation_times.h"
#include "sim/clock/round.h"
#include "sim/clock/round_work.h"
#include "sim/clock/score.h"
#include "sim/clock/trajectory.h"
#include "sim/clock/worker_ledger.h"
#include "sim/event_queue.h"
#include "sim/huge_pages.h"

namespace sim {

/// One run of the clock. The life of a pseudo-gradient, top to bottom: send_model → compute → upload → arrive → apply →
/// redispatch. A worker that trains on while its messages travel goes its Course instead: land → go_on → train or
/// send_fragment.
class Clock {
 public:
  Clock(ClockParts&, const ClockOptions&);

  ClockLog run();

 private:
  enum EventKind : uint16_t { kComputed, kServed, kWentDown, kCameUp };
  /// What a server's policy decides on: messages about a fragment, or about all where it asks for them.
  struct Desk {
    std::vector<MessageId> arrived;  // at this instant
    int in_flight = 0;
    int gone = 0;                  // workers that have left for good with nothing of theirs here
    std::optional<Time> deadline;  // its policy's
  };
  /// A server's updates of a fragment.
  struct Lane {
    int64_t buffered = 0;  // applied since the last update
    int64_t updates = 0;   // done
    Time left{};           // when a message about it last left for the server
  };
  struct ServerState {
    ServerState(const ClockParts& all, Server& server)
        : parts(server),
          queue(server.service, server.service_times, all.seed),
          forecast(all, server),
          desks(server.policies.size()),
          lanes(all.fragments.size()) {
      for (size_t f = 0; f < desks.size(); ++f) desks[f].deadline = server.policies[f]->deadline();
      look_ahead();
    }
    Server& parts;
    ServiceQueue queue;
    ArrivalForecast forecast;
    std::vector<Desk> desks;          // one per policy
    std::vector<size_t> reached;      // desks at which something has arrived at this instant
    Time deadline{};                  // the first of theirs
    std::vector<Lane> lanes;          // one per fragment
    std::optional<FragmentId> asked;  // what it has asked for last
    int64_t next_send = -1;  // after how many updates it sends to its parent; −1: never, or no answer has come yet

    void look_ahead() {
      deadline = Time::max();
      for (const Desk& desk : desks) deadline = std::min(deadline, desk.deadline.value_or(Time::max()));
    }
    int64_t updates() const {
      int64_t sum = 0;
      for (const Lane& lane : lanes) sum += lane.updates;
      return sum;
    }
  };
  /// A worker that trains on while its messages travel.
  struct Traveller {
    explicit Traveller(Course c) : course(std::move(c)) {}
    Course course;
    Round stretch;  // since the last turn was over: number, shard; steps: whose gradient the segment being computed has
    bool computing = false;
    int64_t parts = 0;       // of steps, in the segment; 0: until something comes
    Time begun{};            // computing
    int64_t unclaimed = 0;   // steps done that no message has brought
    MessageId awaited = 0;   // while it does not compute
    int64_t seen_parts = 0;  // since it last told its plan how fast it is
    Duration seen{};
    Duration step{};  // how long one took when it last told
    bool open() const { return computing && parts == 0; }
  };

  // --- who is who ---
  NodeId node_of(MessageId message) const { return numbers_.node(message); }
  MessageId message_of(NodeId node, FragmentId fragment = 0) const { return numbers_.message(node, fragment); }
  /// What is the worker's, not a message's, stands with its first.
  Round& self(NodeId worker) { return rounds_[message_of(worker)]; }
  bool is_worker(NodeId node) const { return static_cast<size_t>(node) < workers_.count; }
  ServerState& root() { return servers_.back(); }
  NodeId node_of(const ServerState& server) const {
    return static_cast<NodeId>(workers_.count) + static_cast<NodeId>(&server - servers_.data());
  }
  ServerState& server(NodeId node) { return servers_[static_cast<size_t>(node) - workers_.count]; }
  ServerState& parent_of(NodeId node) {
    return is_worker(node) ? servers_[static_cast<size_t>(workers_.server[node])] : root();
  }
  size_t fragment_of(MessageId message) const { return static_cast<size_t>(numbers_.fragment(message)); }
  Lane& lane_of(ServerState& server, MessageId message) const { return server.lanes[fragment_of(message)]; }
  size_t desk_number(const ServerState& server, MessageId message) const {
    return server.desks.size() == 1 ? 0 : fragment_of(message);
  }
  Desk& desk_of(ServerState& server, MessageId message) const { return server.desks[desk_number(server, message)]; }
  Lane& lane_of(MessageId message) { return lane_of(parent_of(node_of(message)), message); }
  Desk& desk_of(MessageId message) { return desk_of(parent_of(node_of(message)), message); }
  const FragmentBytes& bytes_of(MessageId message) const { return parts_.fragments[fragment_of(message)]; }
  Transfer download(MessageId message) {
    const NodeId child = node_of(message);
    return {message, {node_of(parent_of(child)), child}};
  }
  Transfer upload(MessageId message) {
    const NodeId child = node_of(message);
    return {message, {child, node_of(parent_of(child))}};
  }

  // --- time: run_clock.cpp ---
  /// The next event, transfer end or deadline; Time::max() if nothing will ever happen again.
  Time next_instant() const;
  /// Everything that happens at now_: first all completions, whatever order they come in, then crashes, then the
  /// server's decision on all of the instant's arrivals together, in worker order, then returns.
  void settle_instant();
  /// Into the cache: among a million workers each first look at one is a wait for memory.
  [[gnu::always_inline]] void fetch(NodeId worker) const {
    __builtin_prefetch(&rounds_[message_of(worker)], 1);
    __builtin_prefetch(&workers_.speed[worker]);
    ledger_.fetch(worker);
    parts_.network->expect(message_of(worker));
  }
  void settle(const Event& event);
  void decide(ServerState& server);
  void decide(ServerState& server, size_t policy);

  // --- who is there: clock_presence.cpp ---
  void enter_world(NodeId worker);
  void expect_change(NodeId worker, const Availability::Period& period);
  /// What it was sending or computing is lost; what had reached the server is not.
  void go_down(NodeId worker);
  void crash(NodeId worker, int64_t steps);
  void lose_for_good(MessageId message);
  void come_up(NodeId worker);

  // --- the life of a pseudo-gradient: clock_rounds.cpp ---
  /// All fragments, or those that it could not be sent while it was down.
  void send_all(NodeId worker, bool wanted_only = false);
  void send_model(MessageId message);
  void cancel(const Transfer& transfer);
  /// Of a worker that trains whole rounds, whose next round begins with the model now leaving.
  void plan_round(NodeId worker, const Transfer& model);
  /// A worker that does nothing but wait for a message does what becomes of the message.
  void book(MessageId message);
  void transmit(const Transfer& transfer, uint64_t bytes);
  /// So many steps on the round's shard come next.
  void assign(NodeId worker, Round& round, int64_t steps);
  int64_t tokens(NodeId worker, int64_t steps) const {
    return steps * workers_.batch[worker] * parts_.tokens_per_example;
  }
  void land(MessageId message);
  void compute(NodeId worker);
  /// The event in which work of so many nominal steps, begun at that time, is done.
  void expect_end(NodeId worker, double work, Time begun);
  void compute_done(NodeId worker);
  void leave(MessageId message);
  /// The pseudo-gradient is whole at the server, which takes them one after another.
  void arrive(MessageId message);
  void served(MessageId message);

  // --- workers that train on: clock_travellers.cpp ---
  Traveller* traveller_of(NodeId worker) {
    return travellers_.empty() ? nullptr : &travellers_[static_cast<size_t>(worker)];
  }
  /// As far as the worker gets at this moment.
  void go_on(NodeId worker);
  /// Fragments leave turn by turn, each so many steps after the one before that all have left in a round.
  void begin_stretch(NodeId worker);
  /// The server wants this fragment of everyone.
  void ask(ServerState& server, FragmentId fragment);
  /// To everyone who has it in training; who has just brought it is answered anyway.
  void broadcast(FragmentId fragment);
  /// It computes until something comes, which now has: up to the end of its step.
  void end_segment(NodeId worker);
  void train(NodeId worker, int64_t parts);
  /// The segment being computed has so many parts of steps, begun when it was.
  void set_segment(NodeId worker, int64_t parts);
  void segment_done(NodeId worker);
  void send_fragment(NodeId worker, FragmentId fragment);
  void take_over(NodeId worker, FragmentId fragment);

  // --- between servers: clock_rounds.cpp ---
  /// What it has changed since its last merge goes to its parent; it works on meanwhile.
  void send(ServerState& child);
  void answer(NodeId node);
  void merge(ServerState& child);
  /// Drawn for each round of each worker, so that every method loses the same ones.
  bool lost(MessageId message) const;
  void drop(MessageId message);
  /// Dropped for its staleness: unlike a lost round's, its steps count as spent.
  void refuse(MessageId message);
  void spend(MessageId message);
  /// Hands these pseudo-gradients to the outer rule as one: a server update, or a part of one.
  void apply(ServerState& server, FragmentId fragment, std::span<const MessageId> batch);

  // --- the score: run_clock.cpp ---
  template <class What>
  void write(What&& action) {
    if (options_.write) options_.write(std::forward<What>(action));
    if (++actions_ == options_.most_actions) stopped_ = true;
  }
  /// Until the counters' time.
  void count_costs();
  void evaluate();
  /// Evaluations due at fixed times before `end`, of the model that stands until then.
  void evaluate_until(Time end);
  ClockLog close();

  ClockParts& parts_;
  const ClockOptions& options_;
  int64_t actions_ = 0;
  EventQueue events_;
  Time now_{};
  Time last_{};  // when something last happened: the end of a crashed round's computation does not
  bool stopped_ = false;
  const Workers& workers_;
  const MessageNumbers numbers_;
  const StepPhases phases_;
  const int64_t turns_;
  const bool gathers_;
  LargeVector<Round> rounds_;          // one per message
  std::vector<Traveller> travellers_;  // one per worker, or none where workers train whole rounds
  RoundWork work_;
  std::vector<ServerState> servers_;
  EvaluationTimes evaluations_;
  Trajectory trajectory_;
  std::vector<int64_t> shard_examples_;      // dispatched of each shard: the shard's cursor
  std::vector<NodeId> went_down_, came_up_;  // at this instant
  std::vector<Arrival> arrivals_;            // of a decision
  std::vector<Pushed> pushed_;               // likewise, where workers train on
  std::vector<MessageId> delivered_;         // of a batch, those not lost
  int64_t crashes_in_a_row_ = 0;
  int64_t assigned_ = 0;         // tokens dispatched
  int64_t assigned_steps_ = 0;   // likewise, inner steps
  int64_t refused_steps_ = 0;    // of updates dropped for their staleness
  std::vector<Delivery> fresh_;  // of one update
  Counters counters_;
  double traffic_usd_ = 0;
  WorkerLedger ledger_;
  ClockLog log_;
};

}  // namespace sim
