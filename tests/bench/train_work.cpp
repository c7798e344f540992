#include <time.h>

#include <algorithm>
#include <cstdlib>
#include <iostream>
#include <thread>

#include "models/nn/products.h"
#include "tests/bench/works.h"

// train_work WORK WORKERS SECONDS: trains WORKERS independent models of the work at once, each on a thread of its own,
// and prints one JSON line: tokens/s of all together, GFLOP/s and share of the multiply-add peak measured in this very
// run; and tokens per second of processor time, which other programs on the machine disturb less.
namespace {
double processor_seconds() {
  timespec now{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) + 1e-9 * static_cast<double>(now.tv_nsec);
}
}  // namespace

int main(int argc, char** argv) {
  const std::string name = argc > 1 ? argv[1] : "A";
  const int workers = argc > 2 ? std::atoi(argv[2]) : 1;
  const double seconds = argc > 3 ? std::atof(argv[3]) : 3;
  const std::vector<bench::Work> works = bench::works();
  const auto work = std::find_if(works.begin(), works.end(), [&](const bench::Work& w) { return w.name == name; });
  if (work == works.end() || workers < 1 || !(seconds > 0)) {
    std::cerr << "usage: train_work WORK WORKERS SECONDS\nworks:";
    for (const bench::Work& known : works) std::cerr << ' ' << known.name;
    std::cerr << '\n';
    return 2;
  }
  const double peak = models::peak_flops();
  std::vector<double> tokens_per_second(workers), flops_per_second(workers), tokens_per_cpu_second(workers),
      losses(workers);
  std::vector<std::thread> threads;
  for (int worker = 0; worker < workers; ++worker)
    threads.emplace_back([&, worker] {
      bench::Training training(*work, static_cast<uint64_t>(worker) + 1);
      for (int warm = 0; warm < 2; ++warm) training.step();
      const auto start = std::chrono::steady_clock::now();
      const double cpu_start = processor_seconds();
      double steps = 0, elapsed = 0;
      do {
        losses[worker] = training.step();
        ++steps;
      } while ((elapsed = bench::seconds_since(start)) < seconds);
      tokens_per_second[worker] = steps * training.tokens() / elapsed;
      tokens_per_cpu_second[worker] = steps * training.tokens() / (processor_seconds() - cpu_start);
      flops_per_second[worker] = steps * training.flops() / elapsed;
    });
  for (std::thread& thread : threads) thread.join();
  double tokens = 0, cpu_tokens = 0, flops = 0;
  for (int worker = 0; worker < workers; ++worker) {
    tokens += tokens_per_second[worker];
    cpu_tokens += tokens_per_cpu_second[worker];
    flops += flops_per_second[worker];
  }
  std::cout << "{\"work\": \"" << name << "\", \"workers\": " << workers << ", \"backend\": \""
            << models::gemm_backend() << "\", \"tokens_per_second\": " << tokens
            << ", \"tokens_per_cpu_second\": " << cpu_tokens << ", \"gflops\": " << flops / 1e9
            << ", \"peak_gflops\": " << peak / 1e9 << ", \"share_of_peak\": " << flops / (peak * workers)
            << ", \"loss\": " << losses[0] << "}\n";
}
