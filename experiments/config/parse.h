#pragma once
#include <filesystem>
#include <set>
#include <string>
#include <vector>

#include "experiments/config/json_reader.h"

namespace experiments {

struct ExperimentConfig;

inline constexpr size_t kMostMethods = 1000;
inline constexpr size_t kMostKeys = 1000;  ///< of an object; ordered objects take a time that grows with its square

/// The keys of an experiment's top level.
std::set<std::string> experiment_keys();

/// JSON text with comments to a value: duplicate keys, trailing text, numbers beyond double, nesting beyond 64 levels
/// and objects of more than `most_keys` are mistakes. Throws InvalidConfig with line and column. `file` is for
/// messages.
Json parse_json(const std::string& text, const std::string& file, size_t most_keys = kMostKeys);

/// The text of a file. Throws InvalidConfig when it cannot be read.
std::string read_text(const std::filesystem::path& file);

/// Of the places() that a pointer names in an experiment those whose key is known there: /methods/*/policy/seconds is
/// not for a method whose policy is of a kind without it. All, where it is known at none. `left_out`: the others.
std::vector<Json::json_pointer> known_places(const Json& document, const std::string& pointer, const Json& value,
                                             std::vector<Json::json_pointer>* left_out = nullptr);

/// One `--set /json/pointer=value`: replaces or adds the value at each of the known_places(). The value is JSON, or
/// else a plain string. Returns a note where it is not set at all of them, or "". Throws InvalidConfig when the pointer
/// leads nowhere.
std::string apply_setting(Json& document, const std::string& setting);

/// `patch` laid over `base`: objects merge key by key, except that one with another "kind" replaces the whole; null
/// restores the default; everything else replaces.
Json merged(Json base, const Json& patch);

/// The experiment that a document describes: common settings, and for each of its `methods` what is different. A
/// section "sweep" is left to expand_sweep(). Throws InvalidConfig listing every mistake, with the pointer of the place
/// where the user wrote it. Paths in it are relative to the directory of `file`; the result has them absolute, so that
/// what is written from it can be read from anywhere.
ExperimentConfig parse_experiment(const Json& document, const std::filesystem::path& file);

/// A struct's keys as JSON, every default written out: an ExperimentConfig's own, RunConfig, its data, model and start,
/// a target.
template <class Config>
Json written(const Config&);

/// The document that parses to `experiment`, every default written out, settings shared by all methods written once.
Json to_json(const ExperimentConfig& experiment);

}  // namespace experiments
