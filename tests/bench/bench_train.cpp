#include <benchmark/benchmark.h>

#include "models/nn/activation.h"
#include "models/nn/attention.h"
#include "models/nn/head.h"
#include "models/nn/norm.h"
#include "models/nn/products.h"
#include "tests/bench/works.h"

// Kernels at the shapes of the reference works, and whole steps. GFLOP/s and shares of the peak count processor time.

namespace {

using benchmark::Counter;

double peak() {
  static const double measured = models::peak_flops(0.3);
  return measured;
}

void report(benchmark::State& state, double flops) {
  state.counters["GFLOP/s"] = Counter(flops / 1e9, Counter::kIsIterationInvariantRate);
  state.counters["of_peak"] = Counter(flops / peak(), Counter::kIsIterationInvariantRate);
}

models::Params random_values(int64_t count) {
  models::Params values(static_cast<size_t>(count));
  for (size_t i = 0; i < values.size(); ++i)
    values[i] = static_cast<float>(models::testing::Draws().uniform(1, i)) - 0.5f;
  return values;
}

models::Matrix<float> random_matrix(int64_t rows, int64_t columns) {
  const models::Params values = random_values(rows * columns);
  return models::Weight<const float>(values.data(), rows, columns);
}

struct Product {
  const char* name;
  bool ta, tb;
  int64_t m, n, k, lda, ldb, ldc;
};

// y = x Wᵀ, dx = dy W, dW = dyᵀ x of the linear maps, and the products of one attention block.
constexpr Product products[] = {{"A/qkv", false, true, 1024, 384, 128, 128, 128, 384},
                                {"A/qkv_dx", false, false, 1024, 128, 384, 384, 128, 128},
                                {"A/qkv_dW", true, false, 384, 128, 1024, 384, 128, 128},
                                {"A/o", false, true, 1024, 128, 128, 128, 128, 128},
                                {"A/up", false, true, 1024, 512, 128, 128, 128, 512},
                                {"A/down", false, true, 1024, 128, 512, 512, 512, 128},
                                {"A/up_dW", true, false, 512, 128, 1024, 512, 128, 128},
                                {"A/scores", false, true, 64, 128, 32, 384, 384, 128},
                                {"A/values", false, false, 64, 32, 128, 128, 384, 128},
                                {"A/dvalues", true, false, 128, 32, 64, 128, 128, 384},
                                {"quick/qkv", false, true, 512, 192, 64, 64, 64, 192},
                                {"quick/qkv_dx", false, false, 512, 64, 192, 192, 64, 64},
                                {"quick/qkv_dW", true, false, 192, 64, 512, 192, 64, 64},
                                {"quick/scores", false, true, 64, 64, 32, 192, 192, 64},
                                {"quick/values", false, false, 64, 32, 64, 64, 192, 64},
                                {"B/up", false, true, 2048, 1024, 256, 256, 256, 1024},
                                {"B/up_dW", true, false, 1024, 256, 2048, 1024, 256, 256},
                                {"B/scores", false, true, 64, 256, 64, 768, 768, 256},
                                {"B/qkv", false, true, 2048, 768, 256, 256, 256, 768},
                                {"B/qkv_dx", false, false, 2048, 256, 768, 768, 256, 256},
                                {"B/qkv_dW", true, false, 768, 256, 2048, 768, 256, 256},
                                {"B/up_dx", false, false, 2048, 256, 1024, 1024, 256, 256},
                                {"B/down", false, true, 2048, 256, 1024, 1024, 1024, 256},
                                {"B/down_dx", false, false, 2048, 1024, 256, 256, 1024, 1024},
                                {"B/down_dW", true, false, 256, 1024, 2048, 256, 1024, 1024},
                                {"B/head", false, true, 512, 512, 256, 256, 256, 528},
                                {"B/head_dx", false, false, 512, 256, 512, 528, 256, 256},
                                {"B/head_dW", true, false, 512, 256, 512, 528, 256, 256}};

template <class Run>
void product(benchmark::State& state, const Product& p, Run run) {
  const models::Params a = random_values((p.ta ? p.k : p.m) * p.lda), b = random_values((p.tb ? p.n : p.k) * p.ldb);
  models::Params c(static_cast<size_t>(p.m * p.ldc));
  for (auto _ : state) {
    run(p.ta, p.tb, p.m, p.n, p.k, 1.0f, a.data(), p.lda, b.data(), p.ldb, 0.0f, c.data(), p.ldc);
    benchmark::ClobberMemory();
  }
  report(state, 2.0 * static_cast<double>(p.m * p.n * p.k));
}

void register_products() {
  for (const Product& p : products) {
    const std::string name = std::string("product/") + p.name;
    benchmark::RegisterBenchmark((name + "/eigen").c_str(),
                                 [&p](auto& s) { product(s, p, models::gemm_eigen<float>); });
    benchmark::RegisterBenchmark((name + "/blocked").c_str(), [&p](auto& s) { product(s, p, models::gemm_blocked); });
    float one = 1, out = 0;
    if (models::gemm_onednn(false, false, 1, 1, 1, 1, &one, 1, &one, 1, 0, &out, 1))
      benchmark::RegisterBenchmark((name + "/onednn").c_str(), [&p](auto& s) { product(s, p, models::gemm_onednn); });
  }
}

void register_attention() {
  struct Shape {
    const char* name;
    models::AttentionShape shape;
  };
  static constexpr Shape shapes[] = {{"A", {8, 128, 4, 32}}, {"B", {8, 256, 4, 64}}, {"quick", {8, 64, 2, 32}}};
  for (const Shape& s : shapes)
    for (const bool backward : {false, true})
      benchmark::RegisterBenchmark(
          (std::string("attention/") + s.name + (backward ? "/backward" : "/forward")).c_str(),
          [&s, backward](benchmark::State& state) {
            const models::AttentionShape& shape = s.shape;
            const int64_t N = shape.sequences * shape.length, width = shape.width();
            const models::Matrix<float> qkv = random_matrix(N, 3 * width), dy = random_matrix(N, width);
            models::Matrix<float> y(N, width), dqkv(N, 3 * width);
            models::Params scores(static_cast<size_t>(shape.block_size()));
            models::Params kept(static_cast<size_t>(shape.sequences * shape.heads * shape.kept_per_head()));
            models::attention_forward<float>(shape, qkv, y, kept.data(), true);
            for (auto _ : state) {
              if (backward)
                models::attention_backward<float>(shape, qkv, y, kept.data(), dy, dqkv, scores.data());
              else
                models::attention_forward<float>(shape, qkv, y, kept.data(), true);
              benchmark::ClobberMemory();
            }
            const double causal =
                static_cast<double>(N * shape.width() * (shape.length + 1));  // half of T, two products
            report(state, 2 * causal * (backward ? 2 : 1));
          });
}

void register_head() {
  struct Shape {
    const char* name;
    int64_t rows, width, vocabulary;
  };
  static constexpr Shape shapes[] = {{"A", 1024, 128, 256}, {"B", 2048, 256, 32000}, {"quick", 512, 64, 256}};
  for (const Shape& s : shapes)
    for (const bool backward : {false, true})
      benchmark::RegisterBenchmark(
          (std::string("head/") + s.name + (backward ? "/both" : "/forward")).c_str(),
          [&s, backward](benchmark::State& state) {
            const models::Matrix<float> x = random_matrix(s.rows, s.width),
                                        weight = random_matrix(s.vocabulary, s.width);
            const std::vector<int32_t> targets(static_cast<size_t>(s.rows), 7);
            const models::HeadTiles tiles(s.rows, s.vocabulary);
            models::Params dx(x.size()), dweight(weight.size()), rows(tiles.rows), logits(tiles.logits(backward)),
                tops(tiles.count * tiles.rows), sums(tops.size());
            models::HeadBuffers<float> buffers{{tops.data(), tiles.count, tiles.rows},
                                               {sums.data(), tiles.count, tiles.rows},
                                               {rows.data(), tiles.rows},
                                               logits.data()};
            const models::Tensor<float> dx_rows(dx.data(), s.rows, s.width);
            models::HeadTask<float> task{x, {weight.data(), s.vocabulary, s.width}, targets.data()};
            if (backward) {
              task.dx = &dx_rows;
              task.dweight = dweight.data();
            }
            for (auto _ : state) benchmark::DoNotOptimize(models::head_and_loss(task, buffers));
            report(state, 2.0 * static_cast<double>(s.rows * s.width * s.vocabulary) * (backward ? 3 : 1));
          })
          ->Unit(benchmark::kMicrosecond);
}

/// What passes over memory, by element and by byte that has to be read or written.
void register_passes() {
  using models::Matrix, models::PerColumn;
  static constexpr int64_t N = 1024;
  const auto add = [](const char* name, int64_t width, double bytes, auto prepare) {
    benchmark::RegisterBenchmark((std::string("pass/") + name).c_str(), [=](benchmark::State& state) {
      auto pass = prepare();
      for (auto _ : state) {
        pass();
        benchmark::ClobberMemory();
      }
      const double elements = static_cast<double>(N * width);
      state.counters["ns/element"] = Counter(elements * 1e-9, Counter::kIsIterationInvariantRate | Counter::kInvert);
      state.counters["bytes/s"] = Counter(elements * bytes, Counter::kIsIterationInvariantRate);
    });
  };
  add("gelu_forward", 512, 12, [] {
    return [start = random_matrix(N, 512), hidden = Matrix<float>(N, 512), active = Matrix<float>(N, 512)]() mutable {
      hidden = start;
      models::activation_forward<float>(models::Activation::gelu, hidden, active, true);
    };
  });
  add("gelu_backward", 512, 12, [] {
    return [hidden = random_matrix(N, 512), dactive = Matrix<float>(Matrix<float>::Constant(N, 512, -1))]() mutable {
      models::activation_backward<float>(hidden, dactive);
    };
  });
  for (const bool backward : {false, true})
    add(backward ? "norm_backward" : "norm_forward", 128, backward ? 16 : 8, [backward] {
      return [backward, x = random_matrix(N, 128), dnormed = random_matrix(N, 128), normed = Matrix<float>(N, 128),
              dx = Matrix<float>(Matrix<float>::Zero(N, 128)), weight = random_matrix(4, 128), mean = models::Params(N),
              scale = models::Params(N)]() mutable {
        const models::RowNorm<float> norm{true, {weight.data(), 128}, {weight.data() + 128, 128}};
        if (backward)
          norm.backward(x, {mean.data(), N}, {scale.data(), N}, dnormed, dx, {weight.data() + 256, 128},
                        {weight.data() + 384, 128});
        else
          norm.forward(x, normed, {mean.data(), N}, {scale.data(), N});
      };
    });
}

void register_steps() {
  static const std::vector<bench::Work> works = bench::works();
  for (const bench::Work& work : works)
    for (const char* const what : {"step", "loss", "adamw"})
      benchmark::RegisterBenchmark(("train/" + work.name + "/" + what).c_str(), [&work, what](benchmark::State& state) {
        bench::Training training(work);
        training.step();
        const std::string part = what;
        for (auto _ : state) {
          if (part == "step") training.step();
          if (part == "loss") training.loss();
          if (part == "adamw") training.optimize();
        }
        state.counters["tokens/s"] = Counter(training.tokens(), Counter::kIsIterationInvariantRate);
        if (part == "step") report(state, training.flops());
        if (part == "loss") report(state, training.flops() / 3);
      })->Unit(benchmark::kMicrosecond);
}

}  // namespace

int main(int argc, char** argv) {
  benchmark::AddCustomContext("product backend", std::string(models::gemm_backend()));
  benchmark::AddCustomContext("multiply-add peak, GFLOP/s", std::to_string(peak() / 1e9));
  register_products();
  register_attention();
  register_head();
  register_passes();
  register_steps();
  benchmark::Initialize(&argc, argv);
  benchmark::RunSpecifiedBenchmarks();
}
