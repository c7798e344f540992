#include <fstream>
#include "experiments/config/experiment_config.h"
#include "experiments/run/memory_need.h"
#include "tests/support/catch.h"
#include "tests/support/gzip.h"
#include "tests/support/temp_directory.h"
#include "tests/support/tiny_experiment.h"

using namespace experiments;
using tiny::with;
namespace fs = std::filesystem;

namespace {

/// A system as memory_available() sees it.
struct System {
  TempDirectory root;

  explicit System(const std::string& groups = "0::/a/b\n") {
    write("proc/meminfo", "MemTotal:       64000000 kB\nMemAvailable:   32000000 kB\n");
    write("proc/self/cgroup", groups);
  }
  void write(const std::string& file, const std::string& text) const {
    fs::create_directories((root.path() / file).parent_path());
    std::ofstream(root.path() / file) << text;
  }
  void group(const std::string& place, const std::string& limit, const std::string& used,
             const std::string& stat) const {
    write("sys/fs/cgroup" + place + "/memory.max", limit + "\n");
    write("sys/fs/cgroup" + place + "/memory.current", used + "\n");
    write("sys/fs/cgroup" + place + "/memory.stat", stat);
  }
  double available() const { return memory_available(root.path()); }
};

MemoryNeed need_of(const Json& document) { return memory_needed(tiny::parse(document), 2); }

double data_of(const fs::path& corpus, const Json& more = Json::object()) {
  Json document = with(tiny::document(), {{"/data/corpus", Json(corpus.string()).dump()}});
  if (!more.empty()) document["model"]["vocabulary"] = 400;
  document["data"].update(more);
  return need_of(document).data;
}

}  // namespace

TEST_CASE("what is available is the least that the system, the control group and those above it leave") {
  const System system;
  CHECK(system.available() == 32e6 * 1024);
  system.group("/a/b", "max", "1000000000", "anon 900000000\n");
  CHECK(system.available() == 32e6 * 1024);
  system.group("/a", "4000000000", "1000000000", "anon 900000000\n");
  CHECK(system.available() == 3e9);
  system.group("/a/b", "2000000000", "500000000", "");
  CHECK(system.available() == 1.5e9);
  system.group("", "1000000000", "1200000000", "");  // over its limit: nothing is left, not all
  CHECK(system.available() == 0);
}

TEST_CASE("page cache does not count as used, in either version of control groups") {
  const System two;
  two.group("/a/b", "4000000000", "3900000000",
            "anon 400000000\nfile 3500000000\ninactive_anon 1\nactive_anon 1\ninactive_file 2500000000\n"
            "active_file 1000000000\n");
  CHECK(two.available() == 3.6e9);
  // As in a container: the group's own place is not there, its files lie at the top.
  const System one("5:cpu,memory:/docker/0123\n0::/\n");
  one.write("sys/fs/cgroup/memory/memory.limit_in_bytes", "2000000000\n");
  one.write("sys/fs/cgroup/memory/memory.usage_in_bytes", "1900000000\n");
  one.write("sys/fs/cgroup/memory/memory.stat",
            "cache 1000000000\ntotal_inactive_file 700000000\ntotal_active_file 300000000\n");
  CHECK(one.available() == 1.1e9);
}

TEST_CASE("text counts once and as its tokens, five bytes per byte, compressed text by its length") {
  const TempDirectory folder;
  const std::string text(100'000, 'x');
  CHECK(data_of(folder.write("plain.txt", text)) == 500'000);
  CHECK(data_of(folder.write("packed.txt.gz", gzip(text))) == 500'000);
  CHECK(data_of(folder.path()) == 1'000'000);
  folder.write("notes.md", text);  // is not read
  CHECK(data_of(folder.path()) == 1'000'000);
  const Json pieces = {{"tokenizer", {{"kind", "sentencepiece"}, {"vocabulary", 400}}}};
  CHECK(data_of(folder.path() / "plain.txt", pieces) == 200'000);
  // A trailer that says less than the file has is not believed.
  std::string lies = gzip(text);
  lies.replace(lies.size() - 4, 4, std::string(4, '\0'));
  const fs::path file = folder.write("lies.txt.gz", lies);
  CHECK(data_of(file) == 5.0 * static_cast<double>(fs::file_size(file)));
  // Twenty gigabytes that nobody has to read.
  const fs::path large = folder.write("large.txt", "");
  fs::resize_file(large, 20'000'000'000);
  CHECK(data_of(large) == 100e9);
}

TEST_CASE("each text counts once, however many runs share it, and a classifier's points count too") {
  const TempDirectory folder;
  const Json document =
      with(tiny::document(), {{"/data/corpus", Json(folder.write("a.txt", std::string(1000, 'x')).string()).dump()},
                              {"/methods", R"([{"name": "A"}, {"name": "B"}, {"name": "C"}])"},
                              {"/seeds", "[1, 2, 3, 4, 5]"}});
  CHECK(need_of(document).data == 5000);
  const ExperimentConfig a = tiny::parse(document),
                         b = tiny::parse(with(document, {{"/data/validation_fraction", "0.5"}}));
  CHECK(memory_needed({&a.methods[0].run, &b.methods[0].run}, 1, 1).data == 10000);
  Json points = document;
  points["data"] = {{"kind", "gaussian-mixture"}, {"points", 1000}, {"dimensions", 8}};
  points["model"] = {{"kind", "mlp"}};
  CHECK(need_of(points).data == 40000);
}

TEST_CASE("runs side by side add up, and share the threads") {
  const ExperimentConfig experiment = tiny::parse(tiny::document());
  const RunConfig* run = &experiment.methods[0].run;
  const std::vector<const RunConfig*> three(3, run);
  const double one = memory_needed({run}, 1, 8).training;
  CHECK(memory_needed(three, 1, 8).training == one);
  CHECK(memory_needed(three, 2, 8).training == 2 * one);
  CHECK(memory_needed(three, 99, 16).training == 3 * one);
  // With four threads one of two runs has all of them.
  const double busy = memory_needed({run}, 1, 4).training, idle = memory_needed({run}, 1, 0).training;
  CHECK(idle < busy);
  CHECK(memory_needed(three, 2, 4).training == busy + idle);
  CHECK(memory_needed({}, 4, 4).training == 0);
}
