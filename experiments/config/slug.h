#pragma once
#include <string>
#include <string_view>

namespace experiments {

/// A method's name as a directory name: lower-case letters and digits, everything else one '-': "Async DN + DyLU" →
/// "async-dn-dylu".
inline std::string slug(std::string_view name) {
  std::string out;
  for (const char c : name) {
    const bool upper = c >= 'A' && c <= 'Z';
    if (upper || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'))
      out += static_cast<char>(upper ? c - 'A' + 'a' : c);
    else if (!out.empty() && out.back() != '-')
      out += '-';
  }
  while (!out.empty() && out.back() == '-') out.pop_back();
  return out;
}

}  // namespace experiments
