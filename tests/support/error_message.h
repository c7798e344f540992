#pragma once
#include <string>

/// The message of the `Error` that `call` throws; empty when it throws none.
template <class Error, class Call>
std::string error_message(Call call) {
  try {
    call();
  } catch (const Error& error) {
    return error.what();
  }
  return {};
}
