#include <vector>

#include "models/fragments.h"
#include "models/outer/landings.h"
#include "models/outer/rules.h"
#include "tests/support/catch.h"

using namespace models;

namespace {

std::vector<float> landed(Landing& landing, float sent, float now, float answer) {
  const std::vector<float> start{0}, difference{-sent};
  std::vector<float> local{sent};
  landing.sent(local, start, difference);
  local = {now};
  landing.land(local, start, std::vector<float>{answer});
  return local;
}

ParamLayout layout_of(const std::vector<std::pair<std::string, int64_t>>& tensors) {
  ParamLayout layout;
  for (const auto& [name, size] : tensors) layout.add(name, {size}, TensorRole::hidden);
  return layout;
}

std::vector<std::vector<size_t>> tensors_of(const std::vector<Fragment>& fragments) {
  std::vector<std::vector<size_t>> tensors;
  for (const Fragment& fragment : fragments) tensors.push_back(fragment.tensors);
  return tensors;
}

}  // namespace

TEST_CASE("landings give the vectors of AsyncMesh and LOSCAR, and a mix") {
  CHECK(landed(*make(OverwriteConfig{}), 0.8f, 1.1f, 1) == std::vector<float>{1});
  CHECK(landed(*make(KeepDifferenceConfig{.share = 0.9}), 0.8f, 1.1f, 1).front() == Approx(1.27));
  CHECK(landed(*make(KeepDifferenceConfig{.share = 1}), 0.8f, 1.1f, 1).front() == Approx(1.3));
  CHECK(landed(*make(KeepDifferenceConfig{.share = 0}), 0.8f, 1.1f, 1) == std::vector<float>{1});
  CHECK(landed(*make(MixConfig{.local = 0.25}), 0.8f, 1.1f, 1).front() == Approx(0.25 * 1.1 + 0.75));
  CHECK(landed(*make(MixConfig{.local = 0}), 0.8f, 1.1f, 1) == std::vector<float>{1});
  CHECK(landed(*make(MixConfig{.local = 1}), 0.8f, 1.1f, 1) == std::vector<float>{1.1f});
}

TEST_CASE("of one replica eager steps are plain ones, and the server's mean is the replica to the bit") {
  for (const bool eager : {true, false}) {
    const OwnStepConfig config{.eager = eager};
    const auto landing = make_own_step(config, make(NesterovConfig{}), 1);
    const auto root = make_mean_of_own_steps(config, make(NesterovConfig{}), 1);
    const auto plain = make(NesterovConfig{});
    Params start{1, -2}, theta = start, expected = start, mean;
    const std::vector<Params> all = {{0.1f, -0.2f}, {-0.3f, 0.1f}, {0.05f, 0.4f}, {0.2f, 0.2f}};
    for (size_t r = 0; r < all.size(); ++r) {
      Params local = start;
      const bool moved = landing->sent(local, start, all[r]);
      CHECK(moved == (r == 0));
      if (!moved) landing->land(local, start, mean);
      mean = all[r];
      start = local;
      root->apply(theta, all[r]);
      plain->apply(expected, eager || r == 0 ? all[r] : all[r - 1]);
      CHECK(local[0] == Approx(expected[0]).epsilon(1e-6));
      CHECK(theta == local);
    }
  }
}

TEST_CASE("a model is cut between blocks and tensors outside of them: strided, in a row or by size") {
  const ParamLayout layout = layout_of({{"token", 40},
                                        {"blocks.0.a", 3},
                                        {"blocks.0.b", 4},
                                        {"blocks.1.a", 3},
                                        {"blocks.1.b", 4},
                                        {"norm", 1},
                                        {"head", 20}});
  using Cut = std::vector<std::vector<size_t>>;
  CHECK(pieces(layout) == 5);
  CHECK(tensors_of(cut(layout, {2, FragmentCut::strided})) == Cut{{0, 3, 4, 6}, {1, 2, 5}});
  CHECK(tensors_of(cut(layout, {2, FragmentCut::sequential})) == Cut{{0, 1, 2, 3, 4}, {5, 6}});
  CHECK(tensors_of(cut(layout, {2, FragmentCut::balanced})) == Cut{{0}, {1, 2, 3, 4, 5, 6}});
  CHECK(tensors_of(cut(layout, {1, FragmentCut::balanced})) == Cut{{0, 1, 2, 3, 4, 5, 6}});
  CHECK(cut(layout, {5, FragmentCut::balanced}).back().layout.parameters() == 1);
  CHECK_THROWS_WITH(cut(layout, {6, FragmentCut::strided}), Catch::Contains("6 of a model of 5 pieces"));
}

TEST_CASE("what is gathered and scattered again is the fragment's own, and nothing else") {
  const ParamLayout layout = layout_of({{"a", 3}, {"b", 20}, {"c", 1}});
  const std::vector<Fragment> fragments = cut(layout, {2, FragmentCut::strided});
  Params model(layout.size()), copy(layout.size());
  for (size_t i = 0; i < model.size(); ++i) model[i] = static_cast<float>(i + 1);
  Params part(fragments[0].layout.size());
  gather(layout, fragments[0], model, part);
  scatter(layout, fragments[0], part, copy);
  const size_t b = layout.tensors()[1].offset, c = layout.tensors()[2].offset;
  CHECK((copy[0] == 1 && copy[2] == 3 && copy[3] == 0 && copy[b] == 0 && copy[c] == model[c]));
  CHECK(part[fragments[0].layout.tensors()[1].offset] == model[c]);
}
