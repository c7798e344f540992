#pragma once
#include "experiments/import/importer.h"

namespace experiments {

/// One direction between two nodes.
struct NodeLink {
  std::string from, to;
  double gbps = 0.0, ms = 0.0;  ///< Gbit/s; one way
};

/// As workers with links of their own to the server, and links.csv of `from,to,gbps,ms`. `nodes`: in the workers'
/// order. `speed` of a node; null: the options' seconds a step. A direction that is missing is as the other, which a
/// note says. Throws InvalidConfig where a node has none.
Imported& add_links(Imported&, const std::string& file, const std::vector<std::string>& nodes,
                    const std::vector<NodeLink>&, const std::map<std::string, Json>& speeds, const ImportOptions&);

}  // namespace experiments
