#include "sim/clock/score.h"

namespace sim {

std::vector<Time> due_times(const Score& score) {
  std::vector<Time> due(score.size(), Time::max());
  std::map<NodeId, size_t> training;
  Time now{};
  for (size_t i = 0; i < score.size(); ++i) {
    if (const auto* train = std::get_if<Train>(&score[i])) training[train->worker] = i;
    if (const auto* drop = std::get_if<Drop>(&score[i])) due[training.at(drop->worker)] = now;
    if (const auto* forget = std::get_if<Forget>(&score[i])) due[training.at(forget->worker)] = now;
    if (const auto* evaluate = std::get_if<Evaluate>(&score[i])) now = evaluate->at.time;
    if (const auto* apply = std::get_if<Apply>(&score[i])) {
      now = apply->at.time;
      for (const Delivery& delivery : apply->batch)
        if (const auto begun = training.find(delivery.from); begun != training.end()) due[begun->second] = now;
    }
  }
  return due;
}

Played played(const Score& score, size_t actions) {
  Played done;
  for (size_t i = 0; i < actions; ++i) {
    if (const auto* train = std::get_if<Train>(&score[i])) done.training[train->worker] = i;
    if (const auto* drop = std::get_if<Drop>(&score[i])) done.training.erase(drop->worker);
    if (const auto* forget = std::get_if<Forget>(&score[i])) done.training.erase(forget->worker);
    if (const auto* evaluate = std::get_if<Evaluate>(&score[i])) done.evaluated.push_back(evaluate->at);
    if (const auto* apply = std::get_if<Apply>(&score[i])) {
      for (const Delivery& delivery : apply->batch) done.applied += done.training.erase(delivery.from);
    }
  }
  return done;
}

}  // namespace sim
