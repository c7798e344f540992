#pragma once
#include <optional>
#include <string>
#include <vector>

#include "experiments/config/json_reader.h"

namespace experiments {

struct MethodConfig;

/// The places of `document` that a JSON pointer names; in it the token * stands for every item of an array, and a name
/// for the item that has it as its "name". A place need not exist if setting it would make it: a new key of an object,
/// or - at the end of an array. Empty if the pointer is none or leads nowhere.
std::vector<Json::json_pointer> places(const Json& document, const std::string& pointer);

/// Whether the pointer leads through an array of `whole` that `document` does not have.
bool lies_in_array(const Json& whole, const Json& document, const std::string& pointer);

/// Why places() finds none, for a message.
inline constexpr const char* kLeadsNowhere =
    "leads nowhere: an array takes an existing index, an item's name, * for all of them or - at its end, and only "
    "objects and arrays have something below";

/// Where a setting of the experiment's `index`-th method was written: in the method's own part if that has it, else in
/// the common settings. `pointer` is relative to the run.
std::string place_of(const MethodConfig&, size_t index, const std::string& pointer);

/// Whether `inner` is `outer` or lies below it; * in either matches any index.
bool lies_in(const std::string& inner, const std::string& outer);

}  // namespace experiments
