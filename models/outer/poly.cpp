#include "models/outer/poly.h"

#include <cmath>

#include "models/chunks.h"

namespace models {
namespace {

class Poly final : public Correction {
 public:
  explicit Poly(const PolyConfig& config) : exponent_(config.exponent) {}

  void correct(std::span<float> gradient, const ArrivedUpdate& update) const override {
    const float factor = static_cast<float>(std::pow(1.0 + static_cast<double>(update.staleness), -exponent_));
    in_chunks(gradient.size(), [&](Chunk at) { at(gradient) *= factor; });
  }

 private:
  double exponent_;
};

}  // namespace

std::unique_ptr<Correction> make(const PolyConfig& config) { return std::make_unique<Poly>(config); }

}  // namespace models
