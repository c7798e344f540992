#include "sim/network/shared_links.h"

namespace sim {

/// Whether its bytes flow now. What was ready earlier goes first, at one instant the smaller number: so one that has
/// begun at this very instant, and has sent nothing, stands back behind a smaller one.
bool SharedLinks::take_turn(const Turn& turn, Time now) {
  Gate& gate = gates_[sites_[turn.to.site].gate];
  FlowState& state = states_[static_cast<size_t>(turn.flow.message)];
  if (gate.serving && !(turn.key < gate.serving->key)) {
    state = {turn.flow.generation, Phase::in_line};
    gate.line.push(turn);
    return false;
  }
  if (gate.serving) {
    Turn back = *gate.serving;
    back.flow.generation = withdraw(back.flow.message, back.to, now);
    states_[static_cast<size_t>(back.flow.message)].phase = Phase::in_line;
    gate.line.push(back);
  }
  gate.serving = turn;
  flow(turn.flow, turn.to, turn.bytes, now);
  return true;
}

/// What the gate served has ended or is cancelled.
void SharedLinks::next_turn(Gate& gate, Time now) {
  gate.serving.reset();
  while (!gate.line.empty() && !gate.serving) {
    const Turn next = gate.line.front();
    gate.line.pop();
    if (states_[static_cast<size_t>(next.flow.message)].generation != next.flow.generation) {
      --gate.stale;
      continue;
    }
    gate.serving = next;
    flow(next.flow, next.to, next.bytes, now);
  }
}

/// One that waited in the line is cancelled; its generation has moved on.
void SharedLinks::leave_line(Gate& gate) {
  if (2 * ++gate.stale <= gate.line.size() + 64) return;
  gate.line.remove_if([this](const Turn& turn) {
    return states_[static_cast<size_t>(turn.flow.message)].generation != turn.flow.generation;
  });
  gate.stale = 0;
}

}  // namespace sim
