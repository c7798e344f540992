#include "experiments/report/markdown.h"

#include <algorithm>
#include <cctype>
#include <sstream>
#include <string_view>

#include "experiments/report/format.h"

namespace experiments {
namespace {

std::string row_of(const std::vector<std::string>& cells, size_t columns) {
  std::string row = "|";
  for (size_t i = 0; i < columns; ++i) row += " " + (i < cells.size() ? cells[i] : std::string()) + " |";
  return row + "\n";
}

/// A word that would make a line one of a list, a heading, a quotation or a table.
bool begins_a_block(const std::string& word) {
  return std::string_view("-+*#>|=").find(word.front()) != std::string_view::npos ||
         (std::isdigit(static_cast<unsigned char>(word.front())) && (word.back() == '.' || word.back() == ')'));
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

std::string markdown_prose(const std::string& text) {
  constexpr size_t columns = 120;
  std::string wrapped;
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) {
    if (!wrapped.empty()) wrapped += '\n';
    size_t width = 0;
    std::istringstream words(line);
    for (std::string word; words >> word;) {
      const size_t wide = display_width(word);
      if (width > 0) {
        const bool breaks = width + 1 + wide > columns && !begins_a_block(word);
        wrapped += breaks ? '\n' : ' ';
        width = breaks ? 0 : width + 1;
      }
      wrapped += word;
      width += wide;
    }
  }
  return wrapped;
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
