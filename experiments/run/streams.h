#pragma once
#include <string_view>

#include "models/random_source.h"
#include "sim/random.h"

namespace experiments {

/// One purpose of one seed, as models see it: sim's counter-based streams behind models' interface.
class Stream final : public models::RandomSource {
 public:
  Stream(uint64_t seed, std::string_view purpose) : stream_(seed, purpose) {}
  double uniform(uint64_t entity, uint64_t counter) const override { return stream_.of(entity).uniform(counter); }
  double normal(uint64_t entity, uint64_t counter) const override { return stream_.of(entity).normal(counter); }
  uint64_t below(uint64_t bound, uint64_t entity, uint64_t counter) const override {
    return stream_.of(entity).below(bound, counter);
  }

 private:
  sim::RandomStream stream_;
};

}  // namespace experiments
