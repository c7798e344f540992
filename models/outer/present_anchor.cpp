#include "models/outer/present_anchor.h"

#include "models/chunks.h"

namespace models {
namespace {

class PresentAnchor final : public Correction {
 public:
  void correct(std::span<float> gradient, const ArrivedUpdate& update) const override {
    in_chunks(gradient.size(), [&](Chunk at) { at(gradient) += at(update.now) - at(update.dispatched); });
  }
  bool needs_dispatched() const override { return true; }
};

}  // namespace

std::unique_ptr<Correction> make(const PresentAnchorConfig&) { return std::make_unique<PresentAnchor>(); }

}  // namespace models
