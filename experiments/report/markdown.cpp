#include "experiments/report/markdown.h"

#include <algorithm>
#include <cctype>
#include <string_view>

namespace experiments {
namespace {

std::string row_of(const std::vector<std::string>& cells, size_t columns) {
  std::string row = "|";
  for (size_t i = 0; i < columns; ++i) row += " " + (i < cells.size() ? cells[i] : std::string()) + " |";
  return row + "\n";
}

}  // namespace

std::string markdown_text(const std::string& text) {
  std::string result;
  for (const char c : text) {
    if (c == '<')
      result += "&lt;";
    else if (c == '>')
      result += "&gt;";
    else if (c == '&')
      result += "&amp;";
    else if (static_cast<unsigned char>(c) < 32 || c == 127)
      result += ' ';
    else if (std::string_view("\\`*_[]|#~$").find(c) != std::string_view::npos)
      (result += '\\') += c;
    else
      result += c;
  }
  return result;
}

std::string markdown_table(const std::vector<std::string>& head, const std::vector<std::vector<std::string>>& rows,
                           size_t left) {
  std::string text = row_of(head, head.size()) + "|";
  for (size_t i = 0; i < head.size(); ++i) text += i < left ? " --- |" : " ---: |";
  text += "\n";
  for (const auto& row : rows) text += row_of(row, head.size());
  return text;
}

std::string markdown_target(const std::string& path) {
  constexpr std::string_view kDigits = "0123456789ABCDEF";
  std::string result;
  for (const char c : path) {
    const auto byte = static_cast<unsigned char>(c);
    if (std::isalnum(byte) || std::string_view("/._-").find(c) != std::string_view::npos)
      result += c;
    else
      ((result += '%') += kDigits[byte / 16]) += kDigits[byte % 16];
  }
  return result;
}

std::string code_block(const std::string& language, const std::string& code) {
  size_t longest = 2, run = 0;
  for (const char c : code) longest = std::max(longest, run = c == '`' ? run + 1 : 0);
  const std::string fence(longest + 1, '`');
  return fence + language + "\n" + code + (code.empty() || code.back() != '\n' ? "\n" : "") + fence + "\n";
}

}  // namespace experiments
