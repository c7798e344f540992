#include <algorithm>

#include "experiments/import/link_table.h"
#include "experiments/report/format.h"

namespace experiments {
namespace {

std::string text_at(const Json& document, const std::string& pointer, const std::string& file) {
  const Json::json_pointer place(pointer);
  if (!document.contains(place) || !document.at(place).is_string())
    throw InvalidConfig(file, {{pointer, "is not there; allowed: what iperf3 -J wrote at the client"}});
  return document.at(place).get<std::string>();
}

}  // namespace

/// The client is a worker, the host it measured to the server; with -R data flow down. Rate: end.sum_received, of older
/// UDP end.sum; round-trip time: end.streams[0].sender.mean_rtt, µs. Checked against esnet/iperf, src/iperf_api.c, and
/// files of iperf 3.9.
Imported import_iperf3(const ImportFiles& files, const ImportOptions& options) {
  Imported made;
  std::vector<std::string> nodes{"server"};
  std::vector<NodeLink> links;
  for (const auto& path : files) {
    const std::string file = path.string();
    const Json document = read_json_input(path);
    if (document.contains("error"))
      throw InvalidConfig(file, {{"/error", "says " + text_of(document["error"]) + ": a measurement that failed"}});
    const std::string client = text_at(document, "/start/connected/0/local_host", file);
    const bool down = number_at(document, "/start/test_start/reverse", file) != 0;
    const bool received = document.contains(Json::json_pointer("/end/sum_received"));
    const double rate =
        number_at(document, received ? "/end/sum_received/bits_per_second" : "/end/sum/bits_per_second", path);
    if (rate <= 0) throw InvalidConfig(file, {{"/end", "tells a rate of 0; allowed: above 0"}});
    const std::string rtt_place = "/end/streams/0/sender/mean_rtt";
    const bool timed = document.contains(Json::json_pointer(rtt_place));
    const double rtt = timed ? number_at(document, rtt_place, path) : 0.0;
    const NodeLink link{down ? "server" : client, down ? client : "server", rate / 1e9, rtt / 2e3};
    for (const NodeLink& other : links)
      if (other.from == link.from && other.to == link.to)
        throw InvalidConfig(file, {{"", "is a second measurement from " + link.from + " to " + link.to}});
    links.push_back(link);
    if (std::find(nodes.begin(), nodes.end(), client) == nodes.end()) nodes.push_back(client);
    made.notes.push_back(path.filename().string() + ": " + link.from + " to " + link.to + ", " + fixed(rate / 1e6, 1) +
                         " Mbit/s" + (received ? "" : " sent (what arrived is not told)") +
                         (timed ? ", " + fixed(rtt / 1e3, 2) + " ms there and back under load, half of it one way"
                                : ", no round-trip time: latency 0"));
  }
  ImportOptions with_server = options;
  with_server.server = "server";
  return add_links(made, files[0].string(), nodes, links, {}, with_server);
}

}  // namespace experiments
