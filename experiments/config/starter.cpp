#include "experiments/config/starter.h"

#include <algorithm>
#include <stdexcept>

#include "experiments/config/presets.h"
#include "experiments/config/quantity.h"

namespace experiments {
namespace {

std::string quoted(const std::string& text) { return text_of(Json(text)); }

std::string trimmed(std::string text) {
  text.erase(0, text.find_first_not_of(' '));
  text.erase(text.find_last_not_of(' ') + 1);
  return text;
}

/// One entry of `workers`, of a KIND:COUNT.
std::string worker_entry(const std::string& item, bool by_model, const std::string& links) {
  const size_t colon = item.rfind(':');
  const std::string kind = trimmed(item.substr(0, colon));
  const std::string digits = colon == item.npos ? "1" : trimmed(item.substr(colon + 1));
  const bool counted =
      !digits.empty() && digits.size() < 8 && digits.find_first_not_of("0123456789") == digits.npos && digits != "0";
  const auto& known = presets()["parts"];
  const bool preset = known.contains(kind) && known[kind]["value"].value("kind", "") == "hardware";
  const bool seconds = quantity(kind, "s").value_or(0) > 0, flops = quantity(kind, "FLOP/s").value_or(0) > 0;
  if (!counted || (!preset && !seconds && !flops)) {
    std::string names;
    for (const auto& [name, part] : known.items())
      if (part["value"].is_object() && part["value"].value("kind", "") == "hardware")
        names += (names.empty() ? "" : ", ") + name;
    throw std::invalid_argument("--workers has " + quoted(item) + "; allowed: KIND:COUNT, e.g. a100:4, where KIND is " +
                                names + ", seconds a step (\"0.5 s\") or a peak (\"80 TFLOP/s\")");
  }
  if (!seconds && !by_model)
    throw std::invalid_argument("--workers has " + quoted(item) +
                                ", whose step takes as long as its model makes it; allowed: with --model, or KIND in "
                                "seconds a step (\"0.5 s\")");
  const std::string speed = preset    ? "{\"use\": " + quoted(kind) + "}"
                            : seconds ? "{\"seconds_per_step\": " + quoted(kind) + "}"
                                      : "{\"kind\": \"hardware\", \"flops_per_second\": " + quoted(kind) + "}";
  const std::string name = preset ? "\"name\": " + quoted(kind) + ", " : "";  // a time or a peak names nobody
  return "      {" + name + "\"count\": " + digits + ", \"speed\": " + speed + links + "}";
}

/// The part "wan", of "LATENCY,RATE".
std::string wan_part(const std::string& wan) {
  const size_t comma = wan.find(',');
  const std::string latency = trimmed(wan.substr(0, comma));
  const std::string rate = comma == wan.npos ? "" : trimmed(wan.substr(comma + 1));
  if (quantity(latency, "s").value_or(-1) < 0 || quantity(rate, "B/s").value_or(0) <= 0)
    throw std::invalid_argument("--wan is " + quoted(wan) + "; allowed: LATENCY,RATE, e.g. \"200 ms,1 Gbit/s\"" +
                                quantity_guess(latency, "s") + quantity_guess(rate, "B/s"));
  return R"(  // Each worker's way to the server, and back. The latency is one way: half of a round-trip time.
  "parts": {"wan": {"latency_seconds": )" +
         quoted(latency) + R"(, "bytes_per_second": )" + quoted(rate) + "}},\n";
}

std::string model_section(const std::string& parameters) {
  if (quantity(parameters, "").value_or(0) < 1)
    throw std::invalid_argument("--model is " + quoted(parameters) + "; allowed: a number of parameters, e.g. 1.3B");
  return R"(  // The model whose time and traffic are charged for: 6 · parameters · tokens per step, 4 bytes per parameter.
  "stand_in": {"parameters": )" +
         quoted(parameters) + R"(, "tokens_per_step": "256k"},
)";
}

constexpr const char* kRest = R"json(
  // All start from one model, pre-trained before the clock starts.
  "start": {"kind": "pretrain", "steps": 2000, "batch_size": 8, "learning_rate": {"peak": 3e-3, "final": 3e-4, "warmup_steps": 50}},
  "local": {"batch_size": 8, "optimizer": {"kind": "adamw"}, "learning_rate": {"peak": 3e-3, "final": 1e-5}},
  // H, the local steps of a round, and when a run ends.
  "local_steps": {"kind": "equal", "steps": 20},
  "stop": {"local_steps": 3200},
  "evaluation": {"every": {"local_steps": 160}, "windows": 40},
  // Their rates were tuned on another cluster (docs/methods.md): tune them before you conclude anything.
  "methods": [
    {"name": "DiLoCo", "policy": {"kind": "barrier"}, "outer": {"kind": "nesterov", "rate": 0.7, "momentum": 0.8}},
    {"name": "Balanced rounds", "policy": {"kind": "barrier"}, "local_steps": {"kind": "dynamic", "steps": 20},
     "reduce": {"kind": "by-tokens"}, "outer": {"kind": "nesterov", "rate": 0.7, "momentum": 0.8}},
    {"name": "Async, no momentum", "policy": {"kind": "grace-window", "seconds": 0}, "update_weight": "1/sqrt(workers)",
     "outer": {"kind": "sgd", "rate": 0.7}},
    {"name": "Async DN + DyLU", "policy": {"kind": "grace-window", "seconds": 0},
     "local_steps": {"kind": "dynamic", "steps": 20},
     "outer": {"kind": "delayed-nesterov", "rate": 0.7, "momentum": 0.8}}
  ]
}
)json";

}  // namespace

std::string starter_file(const Starter& starter) {
  const std::string links = starter.wan ? R"(, "upload": {"use": "wan"}, "download": {"use": "wan"})" : "";
  std::string workers;
  for (const std::string& item : starter.workers)
    workers += (workers.empty() ? "" : ",\n") + worker_entry(item, starter.model.has_value(), links);
  return R"({
  // Every key, its unit and meaning: docs/experiment_format.md. What the file says: straggle check FILE. How long things
  // take, without training: straggle run FILE --dry-run. How long this machine takes to train it: straggle bench FILE.
  "name": )" +
         quoted(starter.name) + R"(,
  "seeds": [1, 2, 3],
  "baseline": "DiLoCo",
  "data": {"corpus": )" +
         quoted(starter.text) + R"(},
  // What really trains: small enough for a laptop.
  "model": {"preset": "tiny"},
)" + (starter.model ? model_section(*starter.model) : "") +
         (starter.wan ? wan_part(*starter.wan)
                      : "  // Transfers take no time: give the workers \"upload\" and \"download\".\n") +
         R"(  // A cluster may also be a preset (straggle presets) or a file: "cluster": "halos-16".
  "cluster": {
    "workers": [
)" + workers +
         "\n    ]\n  },\n" + kRest;
}

}  // namespace experiments
