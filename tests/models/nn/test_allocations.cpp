#include <Eigen/Core>
#include <atomic>
#include <cstddef>
#include <cstdlib>
#include <new>

#include "models/nn/transformer.h"
#include "models/train/inner_optimizer.h"
#include "tests/models/nn/draws.h"
#include "tests/support/catch.h"

// The whole test program allocates through these; they count only while a test has armed them.
namespace {
std::atomic<bool> counting{false};
std::atomic<int> allocations{0};

void* allocate(std::size_t size, std::size_t alignment) {
  if (counting) ++allocations;
  const std::size_t rounded = (size + alignment - 1) / alignment * alignment;
  void* const place = std::aligned_alloc(alignment, rounded ? rounded : alignment);
  if (!place) throw std::bad_alloc();
  return place;
}
}  // namespace

void* operator new(std::size_t size) { return allocate(size, alignof(std::max_align_t)); }
void* operator new(std::size_t size, std::align_val_t alignment) {
  return allocate(size, static_cast<std::size_t>(alignment));
}
void* operator new(std::size_t size, const std::nothrow_t&) noexcept {
  try {
    return allocate(size, alignof(std::max_align_t));
  } catch (const std::bad_alloc&) {
    return nullptr;
  }
}
void operator delete(void* place, const std::nothrow_t&) noexcept { std::free(place); }
void operator delete(void* place) noexcept { std::free(place); }
void operator delete(void* place, std::size_t) noexcept { std::free(place); }
void operator delete(void* place, std::align_val_t) noexcept { std::free(place); }
void operator delete(void* place, std::size_t, std::align_val_t) noexcept { std::free(place); }

using namespace models;

/// Eigen's memory does not come from operator new; its own check is an assert of the builds with sanitizers.
void may_eigen_allocate([[maybe_unused]] bool allowed) {
#ifdef EIGEN_RUNTIME_NO_MALLOC
  Eigen::internal::set_is_malloc_allowed(allowed);
#endif
}

TEST_CASE("training allocates in its first step and never again") {
  for (const Activation activation : {Activation::gelu, Activation::swiglu}) {
    TransformerConfig config;
    config.activation = activation;
    const auto model = make_transformer(config);
    Params params(model->layout().size()), gradient(params.size());
    model->initialise(params, models::testing::Draws());
    const Batch batch = models::testing::random_tokens(8, 64, 256);
    const auto workspace = model->workspace();
    OptimizerState state;
    const auto step = [&] {
      model->loss_and_gradient(params, batch, *workspace, gradient);
      inner_step(AdamWConfig{}, model->layout(), 1e-3, params, gradient, state);
      model->loss(params, batch, *workspace);
    };
    allocations = 0;
    counting = true;
    step();
    const int at_first = allocations.exchange(0);
    may_eigen_allocate(false);
    for (int i = 0; i < 3; ++i) step();
    may_eigen_allocate(true);
    counting = false;
    CHECK(at_first > 0);  // the counter counts
    CHECK(allocations == 0);
  }
}
