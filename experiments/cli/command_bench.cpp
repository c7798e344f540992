#include <cstdio>
#include <iostream>

#include "experiments/cli/brief.h"
#include "experiments/cli/commands.h"
#include "experiments/cli/options.h"
#include "experiments/config/config_fields.h"
#include "experiments/run/build.h"
#include "experiments/run/thread_pool.h"
#include "experiments/run/throughput.h"
#include "models/nn/peak.h"
#include "models/nn/products.h"

namespace experiments {
namespace po = boost::program_options;
namespace {

/// One core's, measured.
double print_peak() {
  const double peak = models::peak_flops(0.3);
  std::printf("One core multiplies and adds at most %.0f GFLOP/s (float32, measured). Matrix products: %s.\n\n",
              peak / 1e9, std::string(models::gemm_backend()).c_str());
  return peak;
}

/// How long training all of the experiment takes here.
void bench_experiment(const ExperimentConfig& experiment, const std::string& file, int threads, double seconds) {
  std::vector<Counters> ends;
  for (const MethodConfig& method : experiment.methods)
    ends.push_back(clock_of(method, experiment.seeds.at(0), file).final);
  print_peak();
  const HostEstimate estimate = estimate_host_time(experiment, ends, threads, seconds);
  std::printf("%s: about %s with %d threads (%.0f tokens/s)\n", experiment.name.c_str(),
              brief_duration(estimate.seconds).c_str(), threads, estimate.tokens_per_second);
}

/// The speed of models of three sizes, on one thread and on all.
void bench_models(int threads, double seconds) {
  const double peak = print_peak();
  const models::TransformerConfig medium = models::model_presets().at(2).second;
  models::TransformerConfig large = medium;
  large.layers = 6;
  large.width = 256;
  large.context = 256;
  large.vocabulary = 32000;
  struct Row {
    const char* name;
    models::TransformerConfig model;
  };
  const auto run_of = [](const models::TransformerConfig& model) {
    RunConfig run;
    run.model = model;
    run.local.batch_size = 8;
    return run;
  };
  std::printf("%-34s  %10s  %7s  %12s  %9s  %9s\n", "training steps, batch 8", "parameters", "threads", "tokens/s",
              "GFLOP/s", "of peak");
  for (const Row& row : {Row{"tiny (quickstart)", models::model_presets().at(0).second},
                         Row{"gpt2: L4 C128 T128 V256", medium}, Row{"gpt2-like: L6 C256 T256 V32000", large}}) {
    for (const int n : {1, threads}) {
      const TrainingSpeed speed = measure_training(run_of(row.model), n, seconds);
      std::printf("%-34s  %10lld  %7d  %12.0f  %9.1f  %8.0f%%\n", row.name,
                  static_cast<long long>(parameter_count(run_of(row.model))), n, speed.tokens_per_second,
                  speed.flops_per_second / 1e9, 100.0 * speed.flops_per_second / (peak * n));
      std::fflush(stdout);
      if (threads == 1) break;
    }
  }
}

}  // namespace

int command_bench(const std::vector<std::string>& arguments) {
  po::options_description options("Options");
  options.add_options()("threads,j", po::value<int>()->value_name("N"),
                        "threads that train at once (default: all processors)")(
      "seconds", po::value<double>()->default_value(2.0, "2")->value_name("S"), "host time of a measurement")(
      "set", po::value<std::vector<std::string>>()->composing()->value_name("/POINTER=VALUE"),
      "change a setting of FILE; may be repeated");
  po::variables_map values;
  if (!parse_options("straggle bench [FILE] [options]", options, arguments, values)) return 0;
  const int threads = thread_count(values);
  const double seconds = values["seconds"].as<double>();
  if (!(seconds > 0 && seconds <= 600))
    throw UsageError("--seconds is " + number_text(seconds) + "; allowed: above 0, at most 600");

  if (values.count("FILE")) {
    const auto file = values["FILE"].as<std::string>();
    const ExperimentConfig experiment = load_experiment(file, all_values(values, "set"));
    require_workers(experiment, file);
    bench_experiment(experiment, file, threads, seconds);
  } else {
    if (values.count("set")) throw UsageError("--set changes a setting of FILE, and no file is given");
    bench_models(threads, seconds);
  }
  return 0;
}

}  // namespace experiments
