#include "experiments/run/file_list.h"

#include "experiments/report/files.h"
#include "experiments/run/output_error.h"
#include "tests/support/catch.h"
#include "tests/support/temp_directory.h"

using namespace experiments;
namespace fs = std::filesystem;

namespace {

using Faults = std::vector<std::string>;

}  // namespace

TEST_CASE("a list of files names what is missing, cut, changed or added, and nothing else") {
  const TempDirectory directory;
  const fs::path& root = directory.path();
  fs::create_directories(root / "a/1/checkpoint");
  directory.write("a/1/metrics.jsonl", "one\ntwo\n");
  directory.write("summary.csv", "123456789");
  directory.write("empty", "");
  directory.write(".lock", "");
  directory.write("a/1/checkpoint/state.safetensors", "only resuming needs it");
  CHECK_FALSE(file_faults(root).listed);
  write_file_list(root);
  CHECK(directory.read("files.json").find(R"("summary.csv": {
      "bytes": 9,
      "crc32": "cbf43926")") != std::string::npos);  // the check value that everybody gives for CRC-32
  const auto damaged = [&] { return file_faults(root).damaged; };
  CHECK(damaged().empty());
  CHECK(file_faults(root).extra.empty());
  CHECK(file_faults(root).listed);
  const std::string csv = (root / "summary.csv").string();
  directory.write("summary.csv", "");
  CHECK(damaged() == Faults{csv + ": has 0 bytes; 9 are listed"});
  directory.write("summary.csv", "123456780");
  CHECK(damaged() == Faults{csv + ": has the checksum b2288182; cbf43926 is listed"});
  fs::remove(root / "summary.csv");
  CHECK(damaged() == Faults{csv + ": is missing"});
  directory.write("summary.csv", "123456789");
  directory.write("notes.txt", "");
  CHECK(damaged().empty());
  CHECK(file_faults(root).extra == Faults{(root / "notes.txt").string() + ": is not listed"});
  for (const std::string list : {"", "{}", "[]", R"({"straggle": "files 1", "files": {"a": 3}})", "{"}) {
    directory.write("files.json", list);
    CHECK(damaged() == Faults{(root / "files.json").string() + ": is no list of files; it is damaged or cut off"});
  }
}

TEST_CASE("what is written into listed results is listed, and a list below another is its own") {
  const TempDirectory directory;
  const fs::path& root = directory.path();
  directory.write("report.html", "old");
  write_file_list(root);
  replace_file(root / "report.html", "new and longer");
  replace_file(root / "pictures/loss.svg", "<svg/>");
  CHECK(file_faults(root).damaged.empty());
  CHECK(file_faults(root).extra.empty());
  fs::create_directories(root / "runs/one");
  directory.write("runs/one/point.json", "{}");
  write_file_list(root / "runs/one");
  CHECK(file_faults(root).extra.empty());
  CHECK(listed_directories(root) == std::vector<fs::path>{root, root / "runs/one"});
  directory.write("runs/one/point.json", "[]");
  CHECK(file_faults(root).damaged.empty());
  CHECK(file_faults(root / "runs/one").damaged.size() == 1);
}
