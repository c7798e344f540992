#pragma once
#include <cstdint>
#include <string_view>
#include <variant>

namespace sim {

// Named clusters: factor i says how many times as long as nominal a step takes on worker i = 0, 1, … of n.

/// Everyone alike: 1.5425, the mean of the three below, so that the four differ in their spread alone.
struct NoneProfile {
  static constexpr std::string_view kind = "none";
};
template <class V>
void fields(V&, NoneProfile&) {}
/// 1.22, 1.28, 1.53, 2.14 and again: the deviations of `very` from its mean 1.5425, a third of them.
struct SlightProfile {
  static constexpr std::string_view kind = "slight";
};
template <class V>
void fields(V&, SlightProfile&) {}
/// 0.90, 1.01, 1.52, 2.74 and again: two thirds of them.
struct ModerateProfile {
  static constexpr std::string_view kind = "moderate";
};
template <class V>
void fields(V&, ModerateProfile&) {}
/// 0.58, 0.75, 1.51, 3.33 and again: the seconds a step of the notebook that Liu et al. 2024 published.
struct VeryProfile {
  static constexpr std::string_view kind = "very";
};
template <class V>
void fields(V&, VeryProfile&) {}
/// 1, but `factor` for the last worker.
struct OneSlowProfile {
  static constexpr std::string_view kind = "one-slow";
  double factor = 4.0;
};
template <class V>
void fields(V& v, OneSlowProfile& c) {
  v.field("factor", c.factor, V::between(1e-3, 1e6), "", "How many times as long a step takes on the last worker");
}
/// From 1 to `ratio` in equal steps: 1 + (ratio − 1) i / (n − 1).
struct LinearProfile {
  static constexpr std::string_view kind = "linear";
  double ratio = 4.0;
};
template <class V>
void fields(V& v, LinearProfile& c) {
  v.field("ratio", c.ratio, V::between(1e-3, 1e6), "",
          "How many times as long a step takes on the last worker; the others stand evenly between");
}
/// exp(sigma z − sigma² / 2), z standard normal: mean 1, variance exp(sigma²) − 1.
struct LognormalProfile {
  static constexpr std::string_view kind = "lognormal";
  double sigma = 0.5;
  uint64_t seed = 0;  ///< its own: the cluster is the same for every method and every seed of a run
};
template <class V>
void fields(V& v, LognormalProfile& c) {
  v.field("sigma", c.sigma, V::above(0, 5), "", "σ of the logarithm; mean 1");
  v.field("seed", c.seed, V::any(), "", "Another seed is another cluster; the run's seeds do not change it");
}
/// (1 − 1/alpha) (1 − u)^(−1/alpha), u uniform: mean 1, variance 1 / (alpha (alpha − 2)) or infinite.
struct ParetoProfile {
  static constexpr std::string_view kind = "pareto";
  double alpha = 2.5;  ///< > 1
  uint64_t seed = 0;
};
template <class V>
void fields(V& v, ParetoProfile& c) {
  v.field("alpha", c.alpha, V::above(1, 1e6), "", "Exponent α of the tail: small is heavy; mean 1");
  v.field("seed", c.seed, V::any(), "", "Another seed is another cluster; the run's seeds do not change it");
}
/// 1 / the relative speeds of 16 workers, four in each of four regions, and again. Source: the simulator published with
/// Kim et al. 2025, "HALoS: Hierarchical Asynchronous Local SGD over Slow Networks", its example environment.
struct HalosProfile {
  static constexpr std::string_view kind = "halos";
};
template <class V>
void fields(V&, HalosProfile&) {}
/// Every profile there is.
using Profile = std::variant<NoneProfile, SlightProfile, ModerateProfile, VeryProfile, OneSlowProfile, LinearProfile,
                             LognormalProfile, ParetoProfile, HalosProfile>;

/// Factor of worker `index` of `count`. A pure function, > 0.
double seconds_factor(const Profile&, int64_t index, int64_t count);

}  // namespace sim
