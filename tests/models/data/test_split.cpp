#include "models/data/split.h"

#include <algorithm>
#include <set>

#include "models/data/repeats.h"
#include "tests/support/catch.h"
#include "tests/support/error_message.h"

using Catch::Matchers::Contains;
using namespace models;

namespace {

/// A domain of these documents.
Domain domain_of(const std::string& name, const std::vector<std::string>& documents, int64_t first_line = 1) {
  Domain domain{name, {}, {}};
  for (const std::string& document : documents) {
    if (!domain.documents.empty()) domain.text += document_separator;
    domain.documents.push_back({domain.text.size(), 0, first_line++});
    domain.text += document;
  }
  return domain;
}

/// A document of this size that no other number shares.
std::string document(size_t number, size_t size) {
  std::string text = std::to_string(number) + ":";
  while (text.size() < size) text += static_cast<char>('a' + (text.size() + number) % 26);
  return text;
}

std::vector<std::string> documents(size_t count, size_t size) {
  std::vector<std::string> all;
  for (size_t i = 0; i < count; ++i) all.push_back(document(i, size));
  return all;
}

Corpus corpus_of(std::vector<Domain> domains) {
  Corpus corpus{std::move(domains), {}, {}};
  corpus.inventory.path = "here";
  corpus.inventory.files = {"a.jsonl"};
  corpus.repeats = repeats_in(corpus.domains);
  return corpus;
}

bool contains(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

}  // namespace

TEST_CASE("training and validation are the text in two, cut at the fraction's character") {
  std::string text;
  for (int i = 0; i < 500; ++i) text += i % 3 ? "€" : "z😀";
  const Corpus corpus{{{"d", text, {}}, {"e", std::string(1000, 'e'), {}}}, {}, {}};
  for (const double fraction : {0.001, 0.05, 0.0513, 0.0521, 0.0533, 0.5, 0.95}) {
    const auto parts = split(corpus, fraction, 0).domains;
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
    CHECK_THAT(error_message<CorpusError>([&] {
                 split(Corpus{{{"d", "text", {}}}, {}, {}}, fraction, 0);
               }),
               Contains("more than 0"));
  }
}

TEST_CASE("of a domain of several documents whole ones are held out, those nearest to the fraction") {
  const Corpus corpus = corpus_of({domain_of("d", documents(40, 500))});
  const Domain& domain = corpus.domains[0];
  for (const auto& [fraction, held_out] : {std::pair(0.05, 2), std::pair(0.06, 2), std::pair(0.07, 3),
                                           std::pair(0.02, 1), std::pair(0.5, 20), std::pair(0.9, 36)}) {
    const SplitDomain part = split(corpus, fraction, 65).domains.at(0);
    CHECK((part.training + part.validation == domain.text));
    CHECK(part.training.size() == domain.start(static_cast<size_t>(40 - held_out)));
    CHECK_FALSE(part.pooled);
  }
}

TEST_CASE("where no beginning of a document is between half and twice the fraction, one is cut") {
  const std::vector<std::string> uneven{document(0, 100), document(1, 10000)};
  const Corpus corpus = corpus_of({domain_of("d", uneven)});
  const SplitCorpus parts = split(corpus, 0.05, 65);
  CHECK(parts.domains.at(0).validation.size() == static_cast<size_t>(10102 * 0.05));
  CHECK((parts.domains[0].training + parts.domains[0].validation == corpus.domains[0].text));
  CHECK(parts.inventory.validation_bytes == parts.domains[0].validation.size());
}

TEST_CASE("domains too small for a validation part of their own are validated together, by whole documents") {
  std::vector<Domain> domains{domain_of("a big one", {document(1000, 4000)})};
  for (size_t i = 0; i < 300; ++i) domains.push_back(domain_of("s" + std::to_string(i), {document(i, 400)}));
  const Corpus corpus = corpus_of(domains);
  const SplitCorpus parts = split(corpus, 0.05, 65);
  REQUIRE(parts.domains.size() == 302);
  CHECK(parts.domains[0].validation.size() == 200);  // as if it were alone
  CHECK_FALSE(parts.domains[0].pooled);
  CHECK(parts.inventory.pooled == 300);
  CHECK(parts.inventory.pooled_held_out == 15);
  const SplitDomain& pool = parts.domains.back();
  CHECK(pool.name == "(small domains)");
  CHECK(pool.training.empty());
  CHECK(pool.validation.size() == 15 * 400 + 14 * 2);
  CHECK(parts.inventory.validation_bytes == 200 + pool.validation.size());
  std::vector<size_t> held_out;
  for (size_t i = 0; i < 300; ++i) {
    const SplitDomain& part = parts.domains[i + 1];
    CHECK(part.name == corpus.domains[i + 1].name);
    CHECK(part.pooled);
    CHECK(part.validation.empty());
    const bool trained = part.training == corpus.domains[i + 1].text;
    CHECK((trained || part.training.empty()));
    CHECK(contains(pool.validation, corpus.domains[i + 1].text) != trained);
    if (!trained) held_out.push_back(i);
  }
  REQUIRE(held_out.size() == 15);
  for (size_t i = 1; i < 15; ++i)
    CHECK(std::abs(static_cast<int>(held_out[i] - held_out[i - 1]) - 20) <= 1);  // evenly spread
}

TEST_CASE("every document is on one side, however many the small domains have and however large they are") {
  std::vector<Domain> domains;
  size_t number = 0;
  for (size_t d = 0; d < 40; ++d) {
    std::vector<std::string> some;
    for (size_t i = 0; i <= d % 7; ++i, ++number) some.push_back(document(number, 30 + number * number % 170));
    domains.push_back(domain_of("d" + std::to_string(d), some));
  }
  domains.push_back(domain_of("(small domains)", {document(number, 3000)}));
  const Corpus corpus = corpus_of(domains);
  for (const double fraction : {0.02, 0.1, 0.5, 0.9}) {
    const SplitCorpus parts = split(corpus, fraction, 120);
    std::set<std::string> names;
    std::string training, validation;
    for (const SplitDomain& part : parts.domains) {
      CHECK(names.insert(part.name).second);
      training += part.training + "\n\n";
      validation += part.validation + "\n\n";
    }
    for (size_t d = 0; d < 40; ++d)
      for (size_t i = 0; i < corpus.domains[d].document_count(); ++i) {
        const std::string text(corpus.domains[d].document(i));
        if (parts.domains[d].pooled) CHECK(contains(training, text) != contains(validation, text));
      }
    const auto& inventory = parts.inventory;
    REQUIRE(inventory.pooled > 0);
    CHECK(static_cast<double>(inventory.validation_bytes) ==
          Approx(fraction * static_cast<double>(corpus.bytes())).margin(250).epsilon(0.15));
  }
}

TEST_CASE("a pool has some training text, and one without a window of validation text is none") {
  const Corpus two = corpus_of({domain_of("a", {document(0, 60)}), domain_of("b", {document(1, 60)})});
  const SplitCorpus most = split(two, 0.9, 60);
  REQUIRE(most.domains.size() == 3);
  CHECK(most.domains[0].training.size() + most.domains[1].training.size() == 60);
  CHECK(most.domains[2].validation.size() == 60);
  const SplitCorpus few = split(two, 0.05, 60);
  REQUIRE(few.domains.size() == 2);
  CHECK(few.inventory.pooled == 0);
  for (size_t d = 0; d < 2; ++d) {
    CHECK(few.domains[d].validation.size() == 3);
    CHECK((few.domains[d].training + few.domains[d].validation == two.domains[d].text));
  }
}

TEST_CASE("a document in training and in validation is refused by where both were read") {
  auto texts = documents(40, 500);
  texts[39] = texts[7];
  CHECK(error_message<CorpusError>([&] { split(corpus_of({domain_of("d", texts)}), 0.05, 65); }) ==
        "here: 1 document stands both in training and in validation; allowed: each once, and \"on_bad_line\": \"skip\" "
        "leaves repeats out:\n  a.jsonl:8 and a.jsonl:40");
  for (size_t i = 0; i < 38; ++i) texts[i] = "the same";
  texts[38] = texts[39] = "the same";
  CHECK_THAT(error_message<CorpusError>([&] { split(corpus_of({domain_of("d", texts)}), 0.5, 2); }),
             Contains("20 documents stand") && Contains("the first ten:\n  a.jsonl:1 and a.jsonl:21\n") &&
                 Contains("a.jsonl:30") && !Contains("a.jsonl:31"));
  texts = documents(40, 500);
  texts[3] = texts[7];  // both in training
  CHECK_NOTHROW(split(corpus_of({domain_of("d", texts)}), 0.05, 65));
  // Two domains of one text, cut alike: no text of the one's validation part is in the other's training part.
  const Corpus alike = corpus_of({domain_of("a", {texts[0]}), domain_of("b", {texts[0]}, 2)});
  CHECK_NOTHROW(split(alike, 0.2, 65));
  const Corpus cut_elsewhere =
      corpus_of({domain_of("a", {texts[0]}), domain_of("b", {texts[0], document(99, 3000)}, 2)});
  CHECK_THAT(error_message<CorpusError>([&] { split(cut_elsewhere, 0.2, 65); }), Contains("a.jsonl:1 and a.jsonl:2"));
}
