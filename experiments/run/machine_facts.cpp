#include "experiments/run/machine_facts.h"

#include <gnu/libc-version.h>

#include <boost/version.hpp>
#include <fstream>

#include "models/nn/products.h"

namespace experiments {

std::string cpu_name() {
  std::ifstream info("/proc/cpuinfo");
  for (std::string line; std::getline(info, line);) {
    const size_t colon = line.find(": ");
    if (colon != std::string::npos && line.starts_with("model name")) return line.substr(colon + 2);
  }
  return "unknown";
}

Json libraries() {
  const auto dotted = [](int major, int minor, int patch) {
    return std::to_string(major) + "." + std::to_string(minor) + "." + std::to_string(patch);
  };
  return {
      {"glibc", gnu_get_libc_version()},
      {"boost", dotted(BOOST_VERSION / 100000, BOOST_VERSION / 100 % 1000, BOOST_VERSION % 100)},
      {"nlohmann_json", dotted(NLOHMANN_JSON_VERSION_MAJOR, NLOHMANN_JSON_VERSION_MINOR, NLOHMANN_JSON_VERSION_PATCH)}};
}

Json machine_facts() {
  return {{"cpu", cpu_name()},
          {"libraries", text_of(libraries())},
          {"matrix_products", text_of(Json(models::product_facts()))}};
}

}  // namespace experiments
