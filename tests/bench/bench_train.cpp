#include <benchmark/benchmark.h>

#include "models/nn/activation.h"
#include "models/nn/attention.h"
#include "models/nn/head.h"
#include "models/nn/kernels.h"
#include "models/nn/rows.h"
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
            const int64_t N = shape.sequences * shape.length;
            const models::Params qkv = random_values(N * 3 * shape.width()), dy = random_values(N * shape.width());
            models::Params y(dy.size()), dqkv(qkv.size()), scores(static_cast<size_t>(shape.block_size()));
            models::Params kept(static_cast<size_t>(shape.sequences * shape.heads * shape.kept_per_head()));
            models::attention_forward(shape, qkv.data(), y.data(), kept.data(), true);
            for (auto _ : state) {
              if (backward)
                models::attention_backward(shape, qkv.data(), y.data(), kept.data(), dy.data(), dqkv.data(),
                                           scores.data());
              else
                models::attention_forward(shape, qkv.data(), y.data(), kept.data(), true);
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
            const models::Params x = random_values(s.rows * s.width), weight = random_values(s.vocabulary * s.width);
            const std::vector<int32_t> targets(static_cast<size_t>(s.rows), 7);
            models::Params scratch(static_cast<size_t>(models::HeadTiles(s.rows, s.vocabulary).scratch(backward)));
            models::Params dx(x.size()), dweight(weight.size());
            models::HeadTask<float> task{s.rows,        s.width,        s.vocabulary,  x.data(),
                                         weight.data(), targets.data(), scratch.data()};
            if (backward) task.dx = dx.data(), task.dweight = dweight.data();
            for (auto _ : state) benchmark::DoNotOptimize(models::head_and_loss(task));
            report(state, 2.0 * static_cast<double>(s.rows * s.width * s.vocabulary) * (backward ? 3 : 1));
          })
          ->Unit(benchmark::kMicrosecond);
}

void register_passes() {
  benchmark::RegisterBenchmark("pass/gelu_forward", [](benchmark::State& state) {
    const models::Params start = random_values(1024 * 512), bias = random_values(512);
    models::Params hidden = start, active(hidden.size());
    for (auto _ : state) {
      models::activation_forward<float>(models::Activation::gelu, 1024, 512, hidden.data(), bias.data(), nullptr,
                                        active.data(), true);
      benchmark::ClobberMemory();
    }
    state.counters["ns/element"] = Counter(1024 * 512 * 1e-9, Counter::kIsIterationInvariantRate | Counter::kInvert);
  });
  benchmark::RegisterBenchmark("pass/gelu_backward", [](benchmark::State& state) {
    models::Params hidden = random_values(1024 * 512), active(hidden.size(), -1.0f), dbias(512);
    for (auto _ : state) {
      models::activation_backward<float>(models::Activation::gelu, 1024, 512, hidden.data(), active.data(),
                                         dbias.data(), nullptr);
      benchmark::ClobberMemory();
    }
    state.counters["ns/element"] = Counter(1024 * 512 * 1e-9, Counter::kIsIterationInvariantRate | Counter::kInvert);
  });
  for (const bool backward : {false, true})
    benchmark::RegisterBenchmark(
        backward ? "pass/norm_backward" : "pass/add_and_norm", [backward](benchmark::State& state) {
          const int64_t n = 128, rows = 1024;
          const models::Params x = random_values(rows * n), delta = random_values(rows * n), weight = random_values(n),
                               bias = weight;
          models::Params out(x.size()), normed(x.size()), mean(rows), scale(rows), dx(x.size()), dw(n), db(n), sums(n);
          const models::NormWeights<float> norm{true, weight.data(), bias.data()};
          models::add_and_norm<float>(rows, n, x.data(), delta.data(), bias.data(), out.data(), norm, normed.data(),
                                      mean.data(), scale.data());
          for (auto _ : state) {
            if (backward)
              models::norm_backward<float>(rows, n, out.data(), mean.data(), scale.data(), norm, delta.data(),
                                           dx.data(), dw.data(), db.data(), sums.data());
            else
              models::add_and_norm<float>(rows, n, x.data(), delta.data(), bias.data(), out.data(), norm, normed.data(),
                                          mean.data(), scale.data());
            benchmark::ClobberMemory();
          }
          state.counters["ns/element"] =
              Counter(static_cast<double>(rows * n) * 1e-9, Counter::kIsIterationInvariantRate | Counter::kInvert);
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
