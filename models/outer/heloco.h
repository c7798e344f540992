#pragma once
#include <array>
#include <span>
#include <string_view>
#include <utility>

#include "models/outer/outer_rule.h"

namespace models {

/// How far HeLoCo turns a pseudo-gradient that goes the momentum's way, but not closely enough.
enum class HelocoForm { code, paper };
constexpr auto names_of(HelocoForm) {
  return std::array{std::pair{HelocoForm::code, "code"}, std::pair{HelocoForm::paper, "paper"}};
}

/// HeLoCo: MLA on pseudo-gradients whose direction is corrected, each tensor by itself. Workers start from θ − εβm, a
/// second look-ahead. Of a tensor's g and m let u = g/|g|, v = m/|m|, cosine c = u·v, and how much g counts beside m,
/// f = |g|/(|g| + κ|m| + 1e-8):
///   c ≥ c_ok:      g stays, as it does where |g| or |m| is below 1e-8
///   c < 0:         g ← g − a·c·|g|·v, a = min(k_s(−c)f, a_max): part of what opposes m is taken away
///   0 ≤ c < c_ok:  g ← |g|·w/|w|, w = (1 − λ)u + λv: turned towards m, its length kept
///     code:        λ = min(k_d(1 − q)f, 1), q = (c − c_bad)/(c_ok − c_bad), within 0 and 1; 0 at c_ok
///     paper:       λ = min(k_d(1 − c)f, 1), which jumps at c_ok
///   m ← βm + (1 − β)g;  θ ← θ − ε(βm + g)
/// Source: Asif et al. 2026, arXiv 2606.00271; the rule from the authors' reference simulation ("code") and Eq. 14
/// ("paper"), the defaults from Table 3. f depends on g's size beside m, so that the update weight comes first, as in
/// that simulation. θ is evaluated and saved. c_ok = −2 and no look-ahead is MLA, bit for bit.
struct HelocoConfig {
  static constexpr std::string_view kind = "heloco";
  double rate = 0.7;             ///< ε
  double momentum = 0.9;         ///< β
  double ok_cosine = 0.2;        ///< c_ok
  double bad_cosine = -0.2;      ///< c_bad, of the code's form
  double subtraction = 0.5;      ///< k_s
  double most_subtracted = 0.5;  ///< a_max
  double turn = 1.0;             ///< k_d
  double kappa = 3.0;            ///< κ
  HelocoForm form = HelocoForm::code;
  bool look_ahead = true;
};
template <class V>
void fields(V& v, HelocoConfig& c) {
  v.field("rate", c.rate, V::above(0), "", "ε, outer learning rate");
  v.field("momentum", c.momentum, V::between(0, 0.999999), "", "β, decay of the average of pseudo-gradients");
  v.field("ok_cosine", c.ok_cosine, V::between(-2, 1), "",
          "c_ok, cosine to the momentum from which on a tensor's pseudo-gradient stays as it is; -2: all stay");
  v.field("bad_cosine", c.bad_cosine, V::between(-1, 0), "", "c_bad, cosine at which the code's form turns the most");
  v.field("subtraction", c.subtraction, V::at_least(0), "",
          "k_s, strength of taking away what opposes the momentum; 0: none is");
  v.field("most_subtracted", c.most_subtracted, V::between(0, 1), "",
          "a_max, most of the opposing part that is taken away");
  v.field("turn", c.turn, V::at_least(0), "", "k_d, strength of turning towards the momentum; 0: none is turned");
  v.field("kappa", c.kappa, V::at_least(0), "", "κ, weight of the momentum's length: a larger one corrects less");
  v.field("form", c.form, V::any(), "", "How far to turn: as the authors' code does, or as the paper's Eq. 14");
  v.field("look_ahead", c.look_ahead, V::any(), "", "Whether workers start from θ − εβm, or from θ");
}
/// Precondition: a layout.
std::unique_ptr<OuterRule> make(const HelocoConfig&, const RuleContext&);

/// Corrects the pseudo-gradient of one tensor in place, given its m.
void heloco_correct(const HelocoConfig&, std::span<const float> momentum, std::span<float> gradient);

}  // namespace models
