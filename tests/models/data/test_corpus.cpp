#include "models/data/corpus.h"

#include <unistd.h>

#include "tests/support/catch.h"
#include "tests/support/error_message.h"
#include "tests/support/gzip.h"
#include "tests/support/paths.h"
#include "tests/support/temp_directory.h"

using Catch::Matchers::Contains;
using Catch::Matchers::StartsWith;
using namespace models;

namespace {

std::string refusal(const std::filesystem::path& path) {
  return error_message<CorpusError>([&] { load_corpus(path); });
}

}  // namespace

TEST_CASE("a directory of .txt files is a domain a file, sorted by name, other files left out") {
  const TempDirectory directory;
  directory.write("beta.txt", "b\r\n");
  directory.write("alpha.txt", "a");
  directory.write("notes.md", "no");
  directory.write("SHA256SUMS", "no");
  std::filesystem::create_directory(directory.path() / "deep.txt");
  const Corpus corpus = load_corpus(directory.path());
  REQUIRE(corpus.domains.size() == 2);
  CHECK(corpus.domains[0].name == "alpha");
  CHECK(corpus.domains[0].text == "a");
  CHECK(corpus.domains[1].name == "beta");
  CHECK(corpus.domains[1].text == "b\r\n");
  CHECK(corpus.bytes() == 4);
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

TEST_CASE("a corpus is the same plain and gzipped") {
  // Longer than the reader's buffers, and lines that cross their ends.
  std::string lines, text;
  for (int i = 0; i < 30000; ++i) lines += R"({"text":")" + std::to_string(i) + std::string(i % 200, 'x') + "\"}\n";
  lines += R"({"text":")" + std::string(3 << 20, 'y') + "\"}\n";
  for (int i = 0; i < 200000; ++i) text += std::to_string(i) + " ";
  const TempDirectory plain, packed;
  plain.write("a.jsonl", lines);
  plain.write("b.json", lines);
  plain.write("c.txt", text);
  packed.write("a.jsonl.gz", gzip(lines));
  const std::string two_members = gzip(lines.substr(0, 1000)) + gzip(lines.substr(1000));
  packed.write("b.json.gz", two_members);
  packed.write("c.txt.gz", gzip(text));
  const Corpus a = load_corpus(plain.path()), b = load_corpus(packed.path());
  REQUIRE(a.domains.size() == 3);
  REQUIRE(b.domains.size() == 3);
  for (size_t i = 0; i < 3; ++i) {
    CHECK(a.domains[i].name == b.domains[i].name);
    CHECK((a.domains[i].text == b.domains[i].text));
  }
  CHECK((a.domains[2].text == text));
  CHECK(a.hash() == b.hash());
}

TEST_CASE("the content hash is FNV-1a over names, texts and their lengths") {
  CHECK(Corpus{}.hash() == "cbf29ce484222325");  // the offset basis
  const Corpus corpus{{{"a", "foobar"}}};
  CHECK(corpus.hash() == "5e72d32b034473f4");  // of "1 6 afoobar", computed apart from this code
  CHECK(Corpus{{{"af", "oobar"}}}.hash() != corpus.hash());
  CHECK(Corpus{{{"a", "foo"}, {"", "bar"}}}.hash() != corpus.hash());
}

TEST_CASE("what is not there or not text is refused by name") {
  const TempDirectory directory;
  const std::string place = directory.path().string();
  CHECK(refusal(directory.path() / "none") == place + "/none: no such file or directory");
  CHECK_THAT(refusal(directory.path()), StartsWith(place + ": the directory holds no text") && Contains(".jsonl"));
  CHECK_THAT(refusal(directory.write("a.pdf", "x")),
             StartsWith(place + "/a.pdf: not a known kind") && Contains(".txt"));
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

TEST_CASE("training and validation are the text in two, cut at the fraction's character") {
  std::string text;
  for (int i = 0; i < 500; ++i) text += i % 3 ? "€" : "z😀";
  const Corpus corpus{{{"d", text}, {"e", std::string(1000, 'e')}}};
  for (const double fraction : {0.001, 0.05, 0.0513, 0.0521, 0.0533, 0.5, 0.95}) {
    const auto parts = split(corpus, fraction);
    REQUIRE(parts.size() == 2);
    CHECK(parts[0].name == "d");
    CHECK((parts[0].training + parts[0].validation == text));
    CHECK((parts[0].validation.empty() || (parts[0].validation[0] & 0xC0) != 0x80));
    const double size = static_cast<double>(parts[0].validation.size());
    const double wanted = fraction * static_cast<double>(text.size());
    CHECK(size > wanted - 1);   // whole bytes of the fraction
    CHECK(size <= wanted + 3);  // back to the start of a character of 4 bytes
    CHECK(parts[1].validation.size() == static_cast<size_t>(1000 * fraction));
  }
}

TEST_CASE("a validation fraction must lie between 0 and 1") {
  for (const double fraction : {0.0, 1.0, -0.1, 1.5, std::nan("")}) {
    CHECK_THAT(error_message<CorpusError>([&] { split(Corpus{{{"d", "text"}}}, fraction); }), Contains("more than 0"));
  }
}
