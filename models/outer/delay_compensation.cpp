#include "models/outer/delay_compensation.h"

#include <cassert>

namespace models {
namespace {

class DelayCompensation final : public Correction {
 public:
  explicit DelayCompensation(const DelayCompensationConfig& config) : lambda_(static_cast<float>(config.lambda)) {}

  void correct(std::span<float> gradient, const ArrivedUpdate& update) const override {
    assert(update.dispatched.size() == gradient.size() && update.now.size() == gradient.size());
    for (size_t i = 0; i < gradient.size(); ++i) {
      const float g = gradient[i];
      gradient[i] = g + lambda_ * (g * g) * (update.now[i] - update.dispatched[i]);
    }
  }
  bool needs_dispatched() const override { return true; }

 private:
  float lambda_;
};

}  // namespace

std::unique_ptr<Correction> make_delay_compensation(const DelayCompensationConfig& config) {
  return std::make_unique<DelayCompensation>(config);
}

}  // namespace models
