#pragma once
#include <array>

#include "experiments/config/experiment_config.h"
#include "experiments/config/fields.h"

/// The names that the experiment file has for the values of enums and for kinds whose structs are sim's and models'.
namespace experiments {

template <>
struct EnumNames<WeightRule> {
  static constexpr std::array<std::pair<WeightRule, std::string_view>, 1> values{
      {{WeightRule::inverse_square_root, "1/sqrt(workers)"}}};
};
template <>
struct EnumNames<models::Norm> {
  static constexpr std::array<std::pair<models::Norm, std::string_view>, 2> values{
      {{models::Norm::rmsnorm, "rmsnorm"}, {models::Norm::layernorm, "layernorm"}}};
};
template <>
struct EnumNames<models::Position> {
  static constexpr std::array<std::pair<models::Position, std::string_view>, 2> values{
      {{models::Position::rope, "rope"}, {models::Position::learned, "learned"}}};
};
template <>
struct EnumNames<models::Activation> {
  static constexpr std::array<std::pair<models::Activation, std::string_view>, 3> values{
      {{models::Activation::gelu, "gelu"}, {models::Activation::swiglu, "swiglu"}, {models::Activation::relu, "relu"}}};
};
template <>
struct EnumNames<models::Sharding> {
  static constexpr std::array<std::pair<models::Sharding, std::string_view>, 4> values{
      {{models::Sharding::iid, "iid"},
       {models::Sharding::contiguous, "contiguous"},
       {models::Sharding::by_domain, "by-domain"},
       {models::Sharding::dirichlet, "dirichlet"}}};
};
template <>
struct EnumNames<models::BatchOrder> {
  static constexpr std::array<std::pair<models::BatchOrder, std::string_view>, 2> values{
      {{models::BatchOrder::shuffled, "shuffled"}, {models::BatchOrder::sequential, "sequential"}}};
};
template <>
struct EnumNames<models::OnBadLine> {
  static constexpr std::array<std::pair<models::OnBadLine, std::string_view>, 2> values{
      {{models::OnBadLine::refuse, "refuse"}, {models::OnBadLine::skip, "skip"}}};
};
template <>
struct EnumNames<sim::GraceMode> {
  static constexpr std::array<std::pair<sim::GraceMode, std::string_view>, 2> values{
      {{sim::GraceMode::wait, "wait"}, {sim::GraceMode::lookahead, "lookahead"}}};
};
template <>
struct EnumNames<sim::TraceEnd> {
  static constexpr std::array<std::pair<sim::TraceEnd, std::string_view>, 2> values{
      {{sim::TraceEnd::hold, "hold"}, {sim::TraceEnd::repeat, "repeat"}}};
};
template <>
struct EnumNames<models::PayloadKind> {
  static constexpr std::array<std::pair<models::PayloadKind, std::string_view>, 3> values{
      {{models::PayloadKind::float32, "float32"},
       {models::PayloadKind::bfloat16, "bfloat16"},
       {models::PayloadKind::int8, "int8"}}};
};
template <>
struct EnumNames<SpeedKnowledge> {
  static constexpr std::array<std::pair<SpeedKnowledge, std::string_view>, 2> values{
      {{SpeedKnowledge::known, "known"}, {SpeedKnowledge::measured, "measured"}}};
};
template <>
struct EnumNames<ShardChoiceKind> {
  static constexpr std::array<std::pair<ShardChoiceKind, std::string_view>, 3> values{
      {{ShardChoiceKind::under_progressed, "under-progressed"},
       {ShardChoiceKind::least_visited, "least-visited"},
       {ShardChoiceKind::fixed, "fixed"}}};
};
template <>
struct EnumNames<sim::JitterPer> {
  static constexpr std::array<std::pair<sim::JitterPer, std::string_view>, 2> values{
      {{sim::JitterPer::step, "step"}, {sim::JitterPer::round, "round"}}};
};

template <>
inline constexpr std::string_view kind_of<models::AdamWConfig> = "adamw";
template <>
inline constexpr std::string_view kind_of<models::SgdConfig> = "sgd";
template <>
inline constexpr std::string_view kind_of<models::TransformerConfig> = "transformer";

}  // namespace experiments
