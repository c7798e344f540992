#include <pugixml.hpp>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <set>

#include "experiments/import/link_table.h"
#include "models/data/text_file.h"
#include "models/input_file.h"

namespace experiments {
namespace {

/// A number with one of SimGrid's units; `size` is that of the base unit. Prefixes of `base`: k, M, G, T, P, E of 1000,
/// Ki … Ei of 1024.
using Units = std::vector<std::pair<std::string_view, double>>;
const Units kSpeed{{"flops", 1.0}, {"f", 1.0}}, kBandwidth{{"Bps", 1.0}, {"bps", 0.125}};
const Units kTime{{"w", 604800.0}, {"d", 86400.0}, {"h", 3600.0}, {"ms", 1e-3}, {"us", 1e-6},
                  {"ns", 1e-9},    {"ps", 1e-12},  {"m", 60.0},   {"s", 1.0}};

std::optional<double> prefix_of(std::string_view text) {
  static const std::string_view kLetters = "kMGTPEZY";
  static const std::vector<std::string_view> kWords{"kilo", "mega", "giga", "tera", "peta", "exa", "zeta", "yotta"};
  if (text.empty()) return 1.0;
  for (size_t i = 0; i < kLetters.size(); ++i) {
    if (text == kLetters.substr(i, 1) || text == kWords[i]) return std::pow(1000.0, double(i + 1));
    if (text.size() == 2 && text[1] == 'i' && (text[0] == kLetters[i] || (i == 0 && text[0] == 'K')))
      return std::pow(1024.0, double(i + 1));
  }
  return std::nullopt;
}

class Platform {
 public:
  explicit Platform(const std::filesystem::path& path) : file_(path.string()) {
    if (const std::string reason = models::not_a_file(path); !reason.empty())
      throw InvalidConfig(file_, {{"", reason}});
    text_ = models::read_all(path);
    const pugi::xml_parse_result result = document_.load_string(text_.c_str());
    if (!result) throw InvalidConfig(place(result.offset), {{"", std::string(result.description())}});
    const pugi::xml_node top = document_.child("platform");
    const std::string version = top.attribute("version").value();
    if (!top || !version.starts_with("4"))
      throw InvalidConfig(file_, {{"", "is no platform of SimGrid 4; allowed: <platform version=\"4\"> or 4.1"}});
    walk(top);
  }

  std::vector<std::string> hosts;
  std::map<std::string, double> flops;
  std::vector<NodeLink> routes;
  std::map<std::string, size_t> left_out;  ///< elements, by name
  size_t shared = 0;                       ///< links that several routes pass

 private:
  std::string place(ptrdiff_t offset) const {
    const auto line = 1 + std::count(text_.begin(), text_.begin() + std::min<ptrdiff_t>(offset, text_.size()), '\n');
    return file_ + ":" + std::to_string(line);
  }
  [[noreturn]] void refuse(const pugi::xml_node& node, const std::string& what) const {
    throw InvalidConfig(place(node.offset_debug()), {{"", what}});
  }

  double value(const pugi::xml_node& node, const char* key, const Units& units) const {
    std::string text = node.attribute(key).value();
    if (&units == &kSpeed) text = text.substr(0, text.find(','));  // the first of several states
    const char* const end = text.data() + text.size();
    double number = 0.0;
    const auto [rest, error] = std::from_chars(text.data(), end, number);
    std::string_view unit(rest, static_cast<size_t>(end - rest));
    std::optional<double> size = unit.empty() ? std::optional(1.0) : std::nullopt;
    for (const auto& [name, factor] : units) {
      if (size || !unit.ends_with(name)) continue;
      const std::string_view before = unit.substr(0, unit.size() - name.size());
      if (const auto prefix = prefix_of(before); prefix && (&units != &kTime || before.empty()))
        size = factor * *prefix;
    }
    if (error != std::errc() || !size || !std::isfinite(number) || number < 0)
      refuse(node, std::string(key) + " is \"" + text + "\"; allowed: a number of at least 0 with a unit of SimGrid's");
    return number * *size;
  }

  void walk(const pugi::xml_node& above) {
    for (const pugi::xml_node& node : above.children()) {
      const std::string name = node.name();
      if (name == "zone" || name == "AS") {
        walk(node);
      } else if (name == "host") {
        const std::string id = node.attribute("id").value();
        const double cores = node.attribute("core").as_double(1.0), speed = value(node, "speed", kSpeed) * cores;
        if (id.empty() || speed <= 0) refuse(node, "allowed: a host with an id and a speed above 0");
        if (!flops.emplace(id, speed).second) refuse(node, "host " + id + " is there twice");
        hosts.push_back(id);
      } else if (name == "link") {
        const double rate = value(node, "bandwidth", kBandwidth);
        if (rate <= 0) refuse(node, "a bandwidth of 0; allowed: above 0");
        links_[node.attribute("id").value()] = {rate, node.attribute("latency") ? value(node, "latency", kTime) : 0.0};
      } else if (name == "route") {
        add_route(node);
      } else if (node.type() == pugi::node_element) {
        ++left_out[name];
      }
    }
  }

  void add_route(const pugi::xml_node& node) {
    const std::string from = node.attribute("src").value(), to = node.attribute("dst").value();
    if (from == to) return;  // a host to itself
    double rate = INFINITY, seconds = 0.0;
    for (const pugi::xml_node& part : node.children("link_ctn")) {
      const std::string id = part.attribute("id").value();
      const auto link = links_.find(id);
      if (link == links_.end()) refuse(part, "there is no link " + id + " above");
      shared += !passed_.insert(id).second;
      rate = std::min(rate, link->second.first);
      seconds += link->second.second;
    }
    if (!std::isfinite(rate)) refuse(node, "a route without links; allowed: at least one link_ctn");
    routes.push_back({from, to, rate * 8 / 1e9, seconds * 1e3});
    const std::string symmetrical = node.attribute("symmetrical").as_string("YES");
    if (symmetrical == "YES" || symmetrical == "yes") routes.push_back({to, from, rate * 8 / 1e9, seconds * 1e3});
  }

  std::string file_, text_;
  pugi::xml_document document_;
  std::map<std::string, std::pair<double, double>> links_;  // bytes per second, seconds
  std::set<std::string> passed_;
};

}  // namespace

/// Hosts with speed and core, links, and routes between hosts: the least bandwidth and the sum of the latencies of the
/// links. Units as in SimGrid's src/xbt/xbt_parse_units.cpp; elements as in its examples/platforms of version 4.
Imported import_simgrid(const ImportFiles& files, const ImportOptions& options) {
  Imported made;
  const Platform platform(only_file(files, "simgrid"));
  if (platform.hosts.empty())
    throw InvalidConfig(files[0].string(), {{"", "has no <host>; clusters are not read: write their hosts out"}});
  std::map<std::string, Json> speeds;
  for (const auto& [host, flops] : platform.flops)
    speeds[host] = {{"kind", "hardware"}, {"flops_per_second", flops}, {"utilisation", 1.0}};
  made.notes.push_back(counted(platform.hosts.size(), "host") + ", " + counted(platform.routes.size(), "direction") +
                       " of routes; speeds are what a step gets (utilisation 1), of all cores together");
  for (const auto& [name, count] : platform.left_out)
    made.notes.push_back("left out: " + counted(count, "element") + " <" + name + ">");
  if (platform.shared > 0)
    made.notes.push_back("links that several routes pass count for each worker alone: nobody shares them");
  return add_links(made, files[0].string(), platform.hosts, platform.routes, speeds, options);
}

}  // namespace experiments
