#include <algorithm>

#include "experiments/import/link_table.h"
#include "sim/trace_file.h"

namespace experiments {

Imported import_links(const ImportFiles& files, const ImportOptions& options) {
  Imported made;
  const sim::CsvFile file = sim::read_csv_file(only_file(files, "links"));
  if (file.rows.size() < 2 || file.rows[0].cells != std::vector<std::string>{"from", "to", "gbps", "ms"})
    throw sim::TraceError(file.name + ": is no table of links; allowed: a first line from,to,gbps,ms, then rows");
  std::vector<std::string> nodes;
  std::vector<NodeLink> links;
  std::map<std::pair<std::string, std::string>, int64_t> lines;
  for (size_t i = 1; i < file.rows.size(); ++i) {
    const sim::CsvFile::Row& row = file.rows[i];
    if (row.cells.size() != 4) file.refuse(row, "allowed: four cells, from,to,gbps,ms");
    const NodeLink link{row.cells[0], row.cells[1], file.number(row, 2), file.number(row, 3)};
    if (link.from.empty() || link.to.empty() || link.from == link.to)
      file.refuse(row, "allowed: two nodes of different names");
    if (link.gbps <= 0) file.refuse(row, row.cells[2] + " Gbit/s is nothing; allowed: above 0");
    const auto [first, is_new] = lines.try_emplace({link.from, link.to}, row.line);
    if (!is_new) file.refuse(row, "the same link stands in line " + std::to_string(first->second));
    for (const std::string& node : {link.from, link.to})
      if (std::find(nodes.begin(), nodes.end(), node) == nodes.end()) nodes.push_back(node);
    links.push_back(link);
  }
  made.notes.push_back(counted(links.size(), "link") + " of " + counted(nodes.size(), "node") +
                       "; units assumed: Gbit/s, ms one way");
  return add_links(made, file.name, nodes, links, {}, options);
}

}  // namespace experiments
