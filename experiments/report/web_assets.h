#pragma once
#include <string_view>

namespace experiments {

/// The files of web/ and vendor/uplot/ as they were when the program was built (web/embed.cmake).
struct WebAssets {
  std::string_view page, style, common_script, curves_script, workers_script, report_script, uplot_style, uplot_script,
      uplot_licence;
};
WebAssets web_assets();

}  // namespace experiments
