#include "models/outer/landing.h"

#include "models/chunks.h"

namespace models {
namespace {

class Overwrite final : public Landing {
 public:
  void land(std::span<float> local, std::span<const float>, std::span<const float> answer) override {
    in_chunks(local.size(), [&](Chunk at) { at(local) = at(answer); });
  }
};

class Mix final : public Landing {
 public:
  explicit Mix(double local) : local_(static_cast<float>(local)) {}
  void land(std::span<float> local, std::span<const float>, std::span<const float> answer) override {
    in_chunks(local.size(), [&](Chunk at) { at(local) = local_ * at(local) + (1.0f - local_) * at(answer); });
  }

 private:
  const float local_;
};

class KeepDifference final : public Landing {
 public:
  explicit KeepDifference(double share) : share_(static_cast<float>(share)) {}
  bool sent(std::span<float> local, std::span<const float>, std::span<const float>) override {
    sent_.assign(local.begin(), local.end());
    return false;
  }
  void land(std::span<float> local, std::span<const float>, std::span<const float> answer) override {
    if (sent_.empty()) sent_.assign(local.begin(), local.end());
    in_chunks(local.size(), [&](Chunk at) { at(local) = at(answer) + share_ * (at(local) - at(sent_)); });
  }
  void visit(StateVisitor& v) override { v.vector("sent", sent_); }

 private:
  const float share_;
  Params sent_;
};

}  // namespace

std::unique_ptr<Landing> make(const OverwriteConfig&) { return std::make_unique<Overwrite>(); }
std::unique_ptr<Landing> make(const MixConfig& c) { return std::make_unique<Mix>(c.local); }
std::unique_ptr<Landing> make(const KeepDifferenceConfig& c) { return std::make_unique<KeepDifference>(c.share); }

}  // namespace models
