#include "tests/experiments/sweep/sweep_place.h"
#include "tests/support/catch.h"

using namespace experiments;
using namespace tests;
using Catch::Contains;
using tiny::with;

TEST_CASE("the parts of a sweep, collected, are the sweep, and collecting again changes nothing") {
  const SweepPlace place;
  const fs::path whole = place.scratch.path() / "whole", all = place.scratch.path() / "all";
  REQUIRE(place.sweep_into(whole).code == 0);
  std::string parts;
  for (const char* part : {"1", "2", "3"}) {
    const fs::path where = place.scratch.path() / (std::string("part") + part);
    const Outcome outcome = place.sweep_into(where, std::string("--shard ") + part + "/3");
    INFO(outcome.output);
    REQUIRE(outcome.code == 0);
    CHECK_FALSE(fs::exists(where / "summary.csv"));
    parts += " \"" + where.string() + "\"";
  }
  const Outcome collected = straggle("collect" + parts + " --out \"" + all.string() + "\"");
  INFO(collected.output);
  REQUIRE(collected.code == 0);
  CHECK_THAT(collected.output, Contains("8 runs added, 0 there already"));
  CHECK(lasting(all) == lasting(whole));
  const auto before = ages(all);
  const Outcome again = straggle("collect" + parts + " --out \"" + all.string() + "\"");
  CHECK_THAT(again.output, Contains("0 runs added, 8 there already"));
  CHECK(ages(all) == before);
  CHECK(lasting(all) == lasting(whole));
}

TEST_CASE("collect refuses two contents of one run and two sweeps of one name, before it writes") {
  const SweepPlace place;
  const fs::path other = place.scratch.path() / "other", all = place.scratch.path() / "all";
  REQUIRE(place.sweep().code == 0);
  REQUIRE(place.sweep_into(other).code == 0);
  const auto collect = [&] {
    return straggle("collect \"" + place.out.string() + "\" \"" + other.string() + "\" --out \"" + all.string() + "\"");
  };
  SECTION("another result") {
    const fs::path metrics = other / "runs" / key_of(other, 0, "Sync", "1") / "metrics.jsonl";
    write_file(metrics, read_text(metrics) + "{}\n");
    write_file_list(metrics.parent_path());
    const Outcome outcome = collect();
    CHECK(outcome.code == 2);
    CHECK_THAT(outcome.output, Contains("are one run with different results"));
  }
  SECTION("another sweep") {
    place.write(with(SweepPlace::document(), {{"/sweep/axes/0/values", "[5, 20]"}}));
    REQUIRE(place.sweep_into(other).code == 0);
    const Outcome outcome = collect();
    CHECK(outcome.code == 2);
    CHECK_THAT(outcome.output, Contains("hold different sweeps under the name \"tiny\""));
  }
  SECTION("no sweep") {
    const Outcome outcome = straggle("collect \"" + place.scratch.path().string() + "\"");
    CHECK(outcome.code == 2);
    CHECK_THAT(outcome.output, Contains("is no sweep's results"));
  }
  CHECK_FALSE(fs::exists(all));
}

TEST_CASE("collect takes a finished run over a failed one") {
  const SweepPlace place;
  const fs::path other = place.scratch.path() / "other";
  REQUIRE(place.sweep().code == 0);
  REQUIRE(place.sweep_into(other).code == 0);
  const auto reference = lasting(place.out);
  spoil(place.out, key_of(place.out, 0, "Sync", "1"), "no memory");
  REQUIRE(straggle("collect \"" + place.out.string() + "\" \"" + other.string() + "\"").code == 0);
  CHECK(lasting(place.out) == reference);
}
