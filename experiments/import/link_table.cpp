#include "experiments/import/link_table.h"

#include <algorithm>

#include "experiments/report/csv.h"

namespace experiments {
namespace {

using Table = std::map<std::pair<std::string, std::string>, const NodeLink*>;

const NodeLink* find(const Table& table, const std::string& from, const std::string& to) {
  const auto found = table.find({from, to});
  return found == table.end() ? nullptr : found->second;
}

Json link_of(const NodeLink& link) {
  return {{"latency_seconds", link.ms / 1e3}, {"bytes_per_second", link.gbps * 1e9 / 8}};
}

}  // namespace

Imported& add_links(Imported& made, const std::string& file, const std::vector<std::string>& nodes,
                    const std::vector<NodeLink>& links, const std::map<std::string, Json>& speeds,
                    const ImportOptions& options) {
  const auto named = [&](const std::string& name) {
    return std::find(nodes.begin(), nodes.end(), name) != nodes.end();
  };
  const std::string server = !options.server.empty() ? options.server : named("server") ? "server" : nodes.at(0);
  if (!named(server))
    throw InvalidConfig(file, {{"", unknown_value(Json(server), "nodes", {nodes.begin(), nodes.end()})}});
  Table table;
  std::string csv = "from,to,gbps,ms\n";
  for (const NodeLink& link : links) {
    table[{link.from, link.to}] = &link;
    csv += csv_field(link.from) + "," + csv_field(link.to) + "," + number_text(link.gbps) + "," + number_text(link.ms) +
           "\n";
  }
  Json& workers = made.cluster["workers"] = Json::array();
  std::vector<std::string> names;
  size_t mirrored = 0, used = 0;
  for (const std::string& node : nodes) {
    if (node == server) continue;
    const NodeLink *up = find(table, node, server), *down = find(table, server, node);
    if (!up && !down)
      throw InvalidConfig(file, {{"", "has no link between " + node + " and the server " + server +
                                          "; allowed: at least one direction for every node"}});
    used += (up != nullptr) + (down != nullptr);
    mirrored += !up || !down;
    const auto speed = speeds.find(node);
    workers.push_back({{"speed", speed != speeds.end() ? speed->second : assumed_speed(options)},
                       {"upload", link_of(up ? *up : *down)},
                       {"download", link_of(down ? *down : *up)}});
    names.push_back(node);
  }
  if (names.empty()) throw InvalidConfig(file, {{"", "names no node but the server; at least one worker is needed"}});
  made.notes.push_back("server: " + server + (options.server.empty() ? ", as --server was not given" : ""));
  if (mirrored > 0)
    made.notes.push_back(counted(mirrored, "worker") + " with one direction only: the other is taken to be the same");
  if (used < links.size())
    made.notes.push_back("left out: " + counted(links.size() - used, "link") + " between workers");
  if (speeds.empty()) made.notes.push_back(assumed_speed_text(options));
  made.files["links.csv"] = csv;
  name_workers(made, names);
  return made;
}

}  // namespace experiments
