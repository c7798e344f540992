#include <pugixml.hpp>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <set>

#include "experiments/config/quantity.h"
#include "experiments/import/link_table.h"
#include "models/data/text_file.h"
#include "models/input_file.h"

namespace experiments {
namespace {

/// SimGrid's words for a unit, and how the experiment file's reader of quantities says it.
struct Unit {
  std::string_view kind;
  std::vector<std::pair<std::string, std::string>> words;
};
const Unit kSpeed{"FLOP/s", {{"flops", "FLOP/s"}, {"f", "FLOP/s"}}}, kBandwidth{"B/s", {{"Bps", "B/s"}}},
    kTime{"s", {}};

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

  /// Without a unit: FLOP/s, bytes a second, seconds.
  double value(const pugi::xml_node& node, const char* key, const Unit& unit) const {
    const std::string text = node.attribute(key).value();
    std::string said = text.substr(0, text.find(','));  // the first of several states
    for (const auto& [theirs, ours] : unit.words)
      if (said.ends_with(theirs)) {
        said.replace(said.size() - theirs.size(), theirs.size(), ours);
        break;
      }
    double plain = 0.0;
    const auto [rest, error] = std::from_chars(said.data(), said.data() + said.size(), plain);
    const bool bare = error == std::errc() && rest == said.data() + said.size();
    const std::optional<double> number = bare ? std::optional(plain) : quantity(said, unit.kind);
    if (!number || !(*number >= 0 && std::isfinite(*number)))
      refuse(node, std::string(key) + " is \"" + text + "\"; allowed: a number of at least 0 with a unit of SimGrid's");
    return *number;
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
