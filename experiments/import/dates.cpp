#include "experiments/import/dates.h"

#include <charconv>
#include <chrono>
#include <regex>
#include <string>

namespace experiments {

std::optional<double> iso_seconds(std::string_view text) {
  static const std::regex form(R"((\d{4})-(\d\d)-(\d\d)[T ](\d\d):(\d\d):(\d\d(?:[.,]\d+)?)(Z|([+-])(\d\d):?(\d\d))?)");
  std::cmatch part;
  if (!std::regex_match(text.data(), text.data() + text.size(), part, form)) return std::nullopt;
  const auto number = [&](size_t i) { return std::stoi(part[i].str()); };
  const std::chrono::year_month_day day{std::chrono::year(number(1)), std::chrono::month(unsigned(number(2))),
                                        std::chrono::day(unsigned(number(3)))};
  if (!day.ok() || number(4) > 24 || number(5) > 59) return std::nullopt;
  std::string seconds = part[6];
  if (seconds.size() > 2) seconds[2] = '.';
  double s = 0.0;
  std::from_chars(seconds.data(), seconds.data() + seconds.size(), s);
  const double zone = part[8].matched ? (number(9) * 60 + number(10)) * (part[8].str() == "-" ? -60.0 : 60.0) : 0.0;
  const double days = static_cast<double>(std::chrono::sys_days(day).time_since_epoch().count());
  return days * 86400.0 + number(4) * 3600.0 + number(5) * 60.0 + s - zone;
}

}  // namespace experiments
