#pragma once
#include <filesystem>
#include <set>
#include <string>
#include <vector>

#include "experiments/config/json_file.h"
#include "experiments/config/json_reader.h"

namespace experiments {

struct ExperimentConfig;

/// The keys of an experiment's top level.
std::set<std::string> experiment_keys();

/// Sets `value` at the places() that a pointer names in an experiment, those whose key is known there:
/// /methods/*/policy/seconds is not for a method whose policy is of a kind without it. At all, where it is known at
/// none. Where it leads into an array that a file, preset or part has brought, the document becomes its Composition
/// first. Returns the places, none where the pointer leads nowhere. `left_out`: those without the key.
std::vector<Json::json_pointer> set_everywhere(Json& document, const std::filesystem::path& file,
                                               const std::string& pointer, const Json& value,
                                               std::vector<Json::json_pointer>* left_out = nullptr);

/// One `--set /json/pointer=value`, by set_everywhere(). The value is JSON, or else a plain string. Returns a note
/// where it is not set at all of the places, or "". Throws InvalidConfig when the pointer leads nowhere.
std::string apply_setting(Json& document, const std::filesystem::path& file, const std::string& setting);

/// The experiment that a document describes: common settings, and for each of its `methods` what is different. A
/// section "sweep" is left to expand_sweep(). What it names of files, presets and parts is put in place first. Throws
/// InvalidConfig listing every mistake, with the pointer of the place where the user wrote it. Paths in it are relative
/// to the directory of `file`; the result has them absolute, so that what is written from it can be read from anywhere.
ExperimentConfig parse_experiment(const Json& document, const std::filesystem::path& file);

/// A struct's keys as JSON, every default written out: an ExperimentConfig's own, RunConfig, its data, model and start,
/// a target.
template <class Config>
Json written(const Config&);

/// The document that parses to `experiment`, every default written out, settings shared by all methods written once.
Json to_json(const ExperimentConfig& experiment);

}  // namespace experiments
