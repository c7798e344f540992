#include <algorithm>
#include <functional>
#include <stdexcept>

#include "experiments/report/files.h"
#include "experiments/report/page_data.h"
#include "experiments/report/palette.h"
#include "experiments/report/web_assets.h"
#include "experiments/report/writers.h"

namespace experiments {
namespace {

using Json = nlohmann::ordered_json;

std::string member_text(const Json& object, const char* key, const std::string& otherwise) {
  return object.is_object() && object.contains(key) && object[key].is_string() ? object[key].get<std::string>()
                                                                               : otherwise;
}

std::string html_escaped(const std::string& text) {
  std::string result;
  for (char c : text) {
    if (c == '<')
      result += "&lt;";
    else if (c == '>')
      result += "&gt;";
    else if (c == '&')
      result += "&amp;";
    else if (c == '"')
      result += "&quot;";
    else
      result += c;
  }
  return result;
}

/// JSON inside a <script>: no "<" at all, so neither "</script>" nor "<!--" can end or change the element.
std::string script_json(const Json& value) {
  std::string result;
  for (char c : text_of(value)) result += c == '<' ? std::string("\\u003c") : std::string(1, c);
  return result;
}

/// The page with each {{name}} replaced, once: what is put in is not looked at again.
std::string filled(std::string_view page, const std::function<std::string(std::string_view)>& part) {
  std::string result;
  for (size_t at = 0;;) {
    const size_t open = page.find("{{", at);
    const size_t close = open == page.npos ? page.npos : page.find("}}", open);
    result += page.substr(at, (close == page.npos ? page.size() : open) - at);
    if (close == page.npos) return result;
    result += part(page.substr(open + 2, close - open - 2));
    at = close + 2;
  }
}

}  // namespace

std::string html_report(const std::vector<ReportPart>& parts) {
  const WebAssets assets = web_assets();
  Json pages = Json::array();
  std::string titles;
  std::vector<std::string> methods;  // of all parts: a method has one colour in the whole page
  for (const ReportPart& part : parts)
    for (const MethodSummary& m : part.summary.methods)
      if (std::find(methods.begin(), methods.end(), m.method) == methods.end()) methods.push_back(m.method);
  const std::vector<size_t> slots = method_slots(methods);
  for (const ReportPart& part : parts) {
    Json data = page_data(part.summary, part.runs, {.spans = PageLimits{}.spans / parts.size()});
    data["title"] = member_text(part.experiment, "name", part.summary.name);
    data["description"] = member_text(part.experiment, "description", "");
    data["label"] = part.label;
    for (Json& method : data["methods"]) {
      const auto place = std::find(methods.begin(), methods.end(), method["name"].get<std::string>());
      const size_t slot = slots[static_cast<size_t>(place - methods.begin())];
      method["colour"] = slot_colour(slot);
      method["dash"] = slot_dash(slot);
    }
    data["experiment"] = part.experiment;
    data["manifest"] = part.manifest;
    titles += (titles.empty() ? "" : ", ") + data["title"].get<std::string>();
    pages.push_back(std::move(data));
  }
  return filled(assets.page, [&](std::string_view name) -> std::string {
    if (name == "title") return html_escaped(titles);
    if (name == "style") return std::string(assets.style);
    if (name == "common_script") return std::string(assets.common_script);
    if (name == "curves_script") return std::string(assets.curves_script);
    if (name == "workers_script") return std::string(assets.workers_script);
    if (name == "report_script") return std::string(assets.report_script);
    if (name == "uplot_style") return std::string(assets.uplot_style);
    if (name == "uplot_script") return std::string(assets.uplot_script);
    if (name == "uplot_licence") return html_escaped(std::string(assets.uplot_licence));
    if (name == "data") return script_json(pages);
    throw std::logic_error("report.html asks for an unknown part");
  });
}

void write_html_report(const std::filesystem::path& directory, const ComparisonSummary& summary,
                       const std::vector<RunLog>& runs, const nlohmann::ordered_json& experiment,
                       const nlohmann::ordered_json& manifest) {
  write_file(directory / "report.html", html_report({{summary, runs, experiment, manifest, ""}}));
}

}  // namespace experiments
