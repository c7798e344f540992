#include "sim/clock/score.h"

#include <map>
#include <set>

namespace sim {

std::vector<Time> due_times(const Score& score) {
  std::vector<Time> due(score.size(), Time::max());
  std::map<NodeId, std::vector<size_t>> begun;  // nothing of which has been asked for
  Time now{};
  const auto ask = [&](NodeId worker) {
    for (const size_t i : begun[worker]) due[i] = now;
    begun[worker].clear();
  };
  for (size_t i = 0; i < score.size(); ++i) {
    if (const auto* train = std::get_if<Train>(&score[i])) begun[train->worker].push_back(i);
    if (const auto* drop = std::get_if<Drop>(&score[i])) ask(drop->worker);
    if (const auto* forget = std::get_if<Forget>(&score[i])) ask(forget->worker);
    if (const auto* evaluate = std::get_if<Evaluate>(&score[i])) now = evaluate->at.time;
    if (const auto* apply = std::get_if<Apply>(&score[i])) {
      now = apply->at.time;
      for (const Delivery& delivery : apply->batch) ask(delivery.from);
    }
  }
  return due;
}

Played played(const Score& score, size_t actions) {
  std::set<NodeId> workers;  // which of the nodes are
  Played done;
  for (size_t i = 0; i < actions; ++i) {
    if (const auto* train = std::get_if<Train>(&score[i])) workers.insert(train->worker);
    if (const auto* evaluate = std::get_if<Evaluate>(&score[i])) done.evaluated.push_back(evaluate->at);
    if (const auto* apply = std::get_if<Apply>(&score[i]))
      for (const Delivery& delivery : apply->batch) done.applied += workers.count(delivery.from);
  }
  return done;
}

}  // namespace sim
