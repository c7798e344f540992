#include "models/outer/delay_compensation.h"

#include <cassert>

#include "models/chunks.h"

namespace models {
namespace {

class DelayCompensation final : public Correction {
 public:
  explicit DelayCompensation(const DelayCompensationConfig& config) : lambda_(static_cast<float>(config.lambda)) {}

  void correct(std::span<float> gradient, const ArrivedUpdate& update) const override {
    assert(update.dispatched.size() == gradient.size() && update.now.size() == gradient.size());
    in_chunks(gradient.size(), [&](Chunk at) {
      auto g = at(gradient);
      g += lambda_ * g.square() * (at(update.now) - at(update.dispatched));
    });
  }
  bool needs_dispatched() const override { return true; }

 private:
  float lambda_;
};

}  // namespace

std::unique_ptr<Correction> make(const DelayCompensationConfig& config) {
  return std::make_unique<DelayCompensation>(config);
}

}  // namespace models
