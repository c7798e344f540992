#include "models/data/corpus.h"

#include <unistd.h>

#include <map>

#include "tests/support/catch.h"
#include "tests/support/error_message.h"
#include "tests/support/gzip.h"
#include "tests/support/paths.h"
#include "tests/support/temp_directory.h"
#include "tests/support/zstd.h"

using Catch::Matchers::Contains;
using Catch::Matchers::StartsWith;
using namespace models;

namespace {

std::string refusal(const std::filesystem::path& path) {
  return error_message<CorpusError>([&] { load_corpus(path); });
}

}  // namespace

TEST_CASE(
    "a directory of text files is a domain a file, sorted by name, other files left out and named with the reason") {
  const TempDirectory directory;
  directory.write("beta.TXT", "b\r\n");
  directory.write("alpha.txt", "a");
  directory.write("gamma.text.GZ", gzip("c"));
  directory.write("delta.Jsonl", R"({"text": "d"})");
  directory.write("notes.md", "no");
  directory.write("rows.parquet", "PAR1");
  directory.write("SHA256SUMS", "no");
  directory.write("paper.pdf.gz", "no");
  directory.write(".draft.txt", "no");
  std::filesystem::create_directory(directory.path() / "deep.txt");
  const Corpus corpus = load_corpus(directory.path());
  const CorpusInventory& inventory = corpus.inventory;
  CHECK(inventory.path == directory.path().string());
  CHECK(inventory.files == std::vector<std::string>{"alpha.txt", "beta.TXT", "delta.Jsonl", "gamma.text.GZ"});
  std::map<std::string, std::string> left_out;
  for (const auto& [file, why] : inventory.left_out) left_out[file] = why;
  CHECK(left_out.size() == 6);
  CHECK(left_out[".draft.txt"] == "hidden");
  CHECK(left_out["deep.txt"] == "a directory");
  CHECK_THAT(left_out["notes.md"], Contains("named .txt it is read"));
  CHECK_THAT(left_out["rows.parquet"], Contains("pandas.read_parquet('rows.parquet')") && Contains("rows.jsonl"));
  CHECK_THAT(left_out["SHA256SUMS"], StartsWith("not .txt, .text"));
  CHECK(left_out["paper.pdf.gz"] == left_out["SHA256SUMS"]);
  CHECK(inventory.domains == 4);
  CHECK(inventory.documents == 4);
  CHECK(inventory.bytes == 6);
  REQUIRE(corpus.domains.size() == 4);
  CHECK(corpus.domains[0].name == "alpha");
  CHECK(corpus.domains[0].text == "a");
  CHECK(corpus.domains[1].name == "beta");
  CHECK(corpus.domains[1].text == "b\r\n");
  CHECK(corpus.domains[2].text == "d");
  CHECK(corpus.domains[3].name == "gamma");
  CHECK(corpus.bytes() == 6);
}

TEST_CASE("one .txt file is a corpus of one domain") {
  const TempDirectory directory;
  const Corpus corpus = load_corpus(directory.write("only.one.txt", "text"));
  REQUIRE(corpus.domains.size() == 1);
  CHECK(corpus.domains[0].name == "only.one");
  CHECK(corpus.domains[0].text == "text");
}

TEST_CASE("the default corpus has its eight domains, all of their bytes") {
  const Corpus corpus = load_corpus(source_dir() + "/experiments/data");
  REQUIRE(corpus.domains.size() == 8);
  CHECK(corpus.domains.front().name == "austen");
  CHECK(corpus.domains.back().name == "sotu_1921");
  for (const Domain& domain : corpus.domains) {
    const std::filesystem::path file = source_dir() + "/experiments/data/" + domain.name + ".txt";
    CHECK(domain.text.size() == std::filesystem::file_size(file));
  }
}

TEST_CASE("JSON lines go to their domain, or the file's, in order and two line ends apart") {
  const TempDirectory directory;
  const auto file = directory.write("c4.jsonl",
                                    "{\"text\":\"one\\n\\u00e9\",\"url\":\"x\",\"timestamp\":1}\r\n"
                                    "\n  \t\r\n"
                                    "{\"domain\":\"other\",\"text\":\"two\"}\n"
                                    "{\"text\":\"three\"}");
  const Corpus corpus = load_corpus(file);
  REQUIRE(corpus.domains.size() == 2);
  CHECK(corpus.domains[0].name == "c4");
  CHECK(corpus.domains[0].text == "one\né\n\nthree");
  CHECK(corpus.domains[1].name == "other");
  CHECK(corpus.domains[1].text == "two");
}

TEST_CASE("files of a directory that share a domain follow one another in the order of their names") {
  const TempDirectory directory;
  directory.write("b.json", R"({"domain":"x","text":"2"})");
  directory.write("a.jsonl", R"({"domain":"x","text":"1"})");
  directory.write("x.txt", "3");
  const Corpus corpus = load_corpus(directory.path());
  REQUIRE(corpus.domains.size() == 1);
  CHECK(corpus.domains[0].text == "1\n\n2\n\n3");
}

TEST_CASE("a corpus is the same plain, gzipped and as zstd") {
  // Longer than the reader's buffers, and lines that cross their ends.
  std::string lines, text;
  for (int i = 0; i < 30000; ++i) lines += R"({"text":")" + std::to_string(i) + std::string(i % 200, 'x') + "\"}\n";
  lines += R"({"text":")" + std::string(3 << 20, 'y') + "\"}\n";
  for (int i = 0; i < 200000; ++i) text += std::to_string(i) + " ";
  const TempDirectory plain, packed, other;
  plain.write("a.jsonl", lines);
  const std::string less = lines.substr(lines.find('\n') + 1);
  plain.write("b.json", less);
  plain.write("c.txt", text);
  packed.write("a.jsonl.gz", gzip(lines));
  const std::string two_members = gzip(less.substr(0, 1000)) + gzip(less.substr(1000));
  packed.write("b.json.gz", two_members);
  packed.write("c.txt.gz", gzip(text));
  other.write("a.jsonl.zst", zstd(lines));
  other.write("b.json.Zst", zstd(less.substr(0, 1000)) + zstd(less.substr(1000)));
  other.write("c.txt.zst", zstd(text));
  const Corpus a = load_corpus(plain.path());
  REQUIRE(a.domains.size() == 3);
  CHECK((a.domains[2].text == text));
  for (const TempDirectory* directory : {&packed, &other}) {
    const Corpus b = load_corpus(directory->path());
    REQUIRE(b.domains.size() == 3);
    for (size_t i = 0; i < 3; ++i) {
      CHECK(a.domains[i].name == b.domains[i].name);
      CHECK((a.domains[i].text == b.domains[i].text));
    }
    CHECK(a.hash() == b.hash());
  }
}

TEST_CASE("the content hash is FNV-1a over names, texts and their lengths") {
  CHECK(Corpus{}.hash() == "cbf29ce484222325");  // the offset basis
  const auto hash = [](std::vector<Domain> domains) { return Corpus{std::move(domains), {}, {}}.hash(); };
  const std::string foobar = hash({{"a", "foobar", {}}});
  CHECK(foobar == "5e72d32b034473f4");  // of "1 6 afoobar", computed apart from this code
  CHECK(hash({{"af", "oobar", {}}}) != foobar);
  CHECK(hash({{"a", "foo", {}}, {"", "bar", {}}}) != foobar);
  // Of several documents also where they begin, which decides what is held out.
  CHECK(hash({{"a", "fo\n\no", {{}, {.start = 4}}}}) != hash({{"a", "fo\n\no", {{}}}}));
}

TEST_CASE("what is not there or not text is refused by name") {
  const TempDirectory directory;
  const std::string place = directory.path().string();
  CHECK(refusal(directory.path() / "none") == place + "/none: no such file or directory");
  CHECK_THAT(refusal(directory.path()), StartsWith(place + ": the directory holds no text") && Contains(".jsonl"));
  CHECK_THAT(refusal(directory.write("a.pdf", "x")),
             StartsWith(place + "/a.pdf: not a known kind") && Contains(".txt"));
  CHECK_THAT(refusal(directory.path()), Contains("the directory holds no text") && Contains("\n  a.pdf: not .txt"));
  CHECK_THAT(refusal(directory.write("a.parquet", "x")), Contains("is a Parquet file; python3 -c "));
  CHECK_THAT(refusal(directory.write("a.txt", "")), StartsWith(place + "/a.txt: the file is empty"));
  CHECK_THAT(refusal(directory.write("a.jsonl", "\n\n")), StartsWith(place + "/a.jsonl: the file holds no documents"));
}

TEST_CASE("a file that cannot be opened is refused, not passed over") {
  const TempDirectory directory;
  directory.write("a.txt", "x");
  std::filesystem::create_symlink("nowhere", directory.path() / "b.txt");
  CHECK_THAT(refusal(directory.path()), Contains("b.txt: cannot be opened: No such file"));
  std::filesystem::remove(directory.path() / "b.txt");
  if (geteuid() == 0) return;  // may read everything
  std::filesystem::permissions(directory.path() / "a.txt", std::filesystem::perms::none);
  CHECK_THAT(refusal(directory.path()), Contains("a.txt: cannot be opened: Permission denied"));
}

TEST_CASE("damaged gzip data are refused") {
  const TempDirectory directory;
  std::string text;
  for (int i = 0; i < 100000; ++i) text += std::to_string(i * 7919);
  const std::string packed = gzip(text);
  for (const size_t kept : {size_t{5}, packed.size() / 2, packed.size() - 1}) {
    CHECK_THAT(refusal(directory.write("t.txt.gz", packed.substr(0, kept))),
               Contains("t.txt.gz: ") && Contains("truncated"));
  }
  std::string corrupt = packed;
  corrupt[packed.size() - 6] = static_cast<char>(corrupt[packed.size() - 6] ^ 1);  // in the checksum
  CHECK_THAT(refusal(directory.write("c.txt.gz", corrupt)), Contains("c.txt.gz: the gzip data are corrupt"));
  CHECK_THAT(refusal(directory.write("n.txt.gz", "plain")), Contains("n.txt.gz: is named .gz and holds no gzip data"));
  CHECK_THAT(refusal(directory.write("e.txt.gz", "")), Contains("e.txt.gz: is named .gz and holds no gzip data"));
  CHECK_THAT(refusal(directory.write("g.txt", packed)), Contains("g.txt: holds gzip data"));
  CHECK_THAT(refusal(directory.write("z.txt.gz", gzip(""))), Contains("z.txt.gz: the file is empty"));
}

TEST_CASE("damaged zstd data are refused") {
  const TempDirectory directory;
  std::string text;
  for (int i = 0; i < 1000000; ++i) text += std::to_string(i * 7919u % 1000003u);
  const std::string packed = zstd(text);
  for (const size_t kept : {size_t{3}, size_t{5}, packed.size() / 2, packed.size() - 1}) {
    CHECK_THAT(refusal(directory.write("t.txt.zst", packed.substr(0, kept))),
               Contains("t.txt.zst: ") && Contains("truncated"));
  }
  std::string corrupt = packed;
  for (size_t i = 20; i < 60; ++i) corrupt[i] = static_cast<char>(~corrupt[i]);
  CHECK_THAT(refusal(directory.write("c.txt.zst", corrupt)), Contains("c.txt.zst: the zstd data are corrupt"));
  CHECK_THAT(refusal(directory.write("r.txt.zst", packed + "trailing")),
             Contains("r.txt.zst: the zstd data are corrupt"));
  CHECK_THAT(refusal(directory.write("n.txt.zst", "plain text")), Contains("is named .zst and holds no zstd data"));
  CHECK_THAT(refusal(directory.write("e.txt.zst", "")), Contains("is named .zst and holds no zstd data"));
  CHECK_THAT(refusal(directory.write("g.txt", packed)),
             Contains("g.txt: holds zstd data; give its name the ending .zst"));
  CHECK_THAT(refusal(directory.write("z.txt.zst", zstd(""))), Contains("z.txt.zst: the file is empty"));
}

TEST_CASE("a text and its compressed copy are refused together") {
  for (const auto& [plain, copy] : {std::pair("x.jsonl", "x.jsonl.gz"), std::pair("x.txt", "x.txt.zst"),
                                    std::pair("x.txt.gz", "x.txt.zst"), std::pair("x.json", "x.json.GZ")}) {
    const TempDirectory directory;
    directory.write(plain, "whatever");
    directory.write(copy, "else");
    CHECK(refusal(directory.path()) == directory.path().string() + ": " + plain + " and " + copy +
                                           " are one text, plain or compressed; allowed: one of them");
  }
}

TEST_CASE("one text under two names is refused, or left out with bad lines and counted") {
  const std::string lines = "{\"text\": \"one\"}\n{\"text\": \"two\"}\n";
  SECTION("plain") {
    const TempDirectory directory;
    directory.write("a.txt", "the same");
    directory.write("b.txt", "another");
    directory.write("c.text.gz", gzip("the same"));
    CHECK(refusal(directory.path()) ==
          directory.path().string() + ": files have the same text; allowed: each once:\n  a.txt and c.text.gz");
    const Corpus corpus = load_corpus(directory.path(), OnBadLine::skip);
    CHECK(corpus.domains.size() == 2);
    CHECK(corpus.inventory.domains == 2);
    CHECK(corpus.inventory.documents == 2);
    CHECK(corpus.inventory.repeats_left_out == 1);
  }
  SECTION("JSON lines, whatever else stands in them") {
    const TempDirectory directory;
    directory.write("a.jsonl", lines);
    directory.write("b.jsonl.zst", zstd("\n{\"text\": \"one\", \"url\": 1}\n{\"text\":\"two\"}"));
    CHECK_THAT(refusal(directory.path()), Contains("\n  a.jsonl and b.jsonl.zst"));
  }
  SECTION("documents that repeat within files are counted") {
    const TempDirectory directory;
    directory.write("a.jsonl", lines + lines + "{\"text\": \"three\"}\n");
    directory.write("b.jsonl", lines + "{\"text\": \"four\", \"domain\": \"a\"}\n");
    CHECK(load_corpus(directory.path()).inventory.repeats == 4);
    const Corpus corpus = load_corpus(directory.path(), OnBadLine::skip);
    REQUIRE(corpus.domains.size() == 1);  // the domain b has lost all it had
    CHECK(corpus.domains[0].text == "one\n\ntwo\n\nthree\n\nfour");
    REQUIRE(corpus.domains[0].documents.size() == 4);
    CHECK(corpus.domains[0].document(2) == "three");
    CHECK(corpus.place({0, 3}) == "b.jsonl:3");
    CHECK(corpus.inventory.repeats == 0);
    CHECK(corpus.inventory.repeats_left_out == 4);
  }
}

TEST_CASE("what is no text is refused with the place, and text that is not UTF-8 is named") {
  const TempDirectory directory;
  const std::string filler(3 << 20, 'x');
  CHECK_THAT(refusal(directory.write("picture.txt", std::string("\x89PNG\r\n\x1a\n\0\0", 10))),
             Contains("picture.txt: is no text: byte 9 is 0; allowed: text in UTF-8"));
  CHECK_THAT(refusal(directory.write("late.txt.gz", gzip(filler + std::string(1, '\0')))),
             Contains("late.txt.gz: is no text: byte 3145729 is 0"));
  CHECK_THAT(refusal(directory.write("wide.txt", std::string("\xFF\xFEh\0i\0", 6))),
             Contains("is UTF-16") && Contains("iconv -f UTF-16 -t UTF-8"));
  std::filesystem::remove_all(directory.path());
  std::filesystem::create_directory(directory.path());
  directory.write("latin.txt", filler + "caf\xE9 cr\xE8me");
  directory.write("good.txt", filler + "café");
  const Corpus corpus = load_corpus(directory.path());
  REQUIRE(corpus.inventory.remarks.size() == 1);
  CHECK(corpus.inventory.remarks[0].file == "latin.txt");
  CHECK(corpus.inventory.remarks[0].what == "is not UTF-8: 2 bytes, the first at byte 3145732");
  CHECK((corpus.domains[1].text == filler + "caf\xE9 cr\xE8me"));
}

TEST_CASE("bad lines of all files are refused together, the first ten named, or skipped and counted") {
  const TempDirectory directory;
  std::string lines;
  for (int i = 1; i <= 8; ++i) lines += "{\"text\": \"" + std::to_string(i) + "\"}\nbad " + std::to_string(i) + "\n";
  const std::string a = directory.write("a.jsonl", lines).string();
  const std::string b =
      directory.write("b.jsonl.gz", gzip("{\"text\": 5}\n\n{\"text\": \"last\"}\n[]\n[]\n[]\n")).string();
  const std::string message = refusal(directory.path());
  CHECK_THAT(message, StartsWith(directory.path().string() +
                                 ": 12 lines cannot be read (\"on_bad_line\": \"skip\" leaves "
                                 "such lines out), the first ten:\n  " +
                                 a + ":2: broken JSON"));
  CHECK(std::count(message.begin(), message.end(), '\n') == 10);
  CHECK_THAT(message, Contains("\n  " + a + ":16: ") && Contains("\n  " + b + ":1: \"text\" is a JSON number") &&
                          Contains("\n  " + b + ":4: found a JSON array") && !Contains(b + ":5: "));
  const Corpus corpus = load_corpus(directory.path(), OnBadLine::skip);
  REQUIRE(corpus.domains.size() == 2);
  CHECK(corpus.domains[0].text == "1\n\n2\n\n3\n\n4\n\n5\n\n6\n\n7\n\n8");
  CHECK(corpus.domains[1].text == "last");
  CHECK(corpus.inventory.bad_lines.count == 12);
  REQUIRE(corpus.inventory.bad_lines.first.size() == 10);
  CHECK_THAT(corpus.inventory.bad_lines.first[0], StartsWith(a + ":2: broken JSON"));
  CHECK(corpus.inventory.documents == 9);
  // Nothing but bad lines is no corpus.
  const auto none = directory.write("none.jsonl", "bad\nworse\n");
  CHECK_THAT(error_message<CorpusError>([&] { load_corpus(none, OnBadLine::skip); }),
             Contains("2 lines cannot be read (no document is left):") && Contains("none.jsonl:2: "));
}
