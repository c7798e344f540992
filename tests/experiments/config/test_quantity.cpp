#include "experiments/config/quantity.h"

#include <regex>

#include "experiments/config/config_fields.h"
#include "experiments/config/parse.h"
#include "tests/support/catch.h"
#include "tests/support/tiny_experiment.h"

using namespace experiments;

TEST_CASE("a number with a unit is the double nearest to what it says, in the key's own unit") {
  const auto is = [](const char* text, const char* unit, double value) {
    INFO(text << " in " << unit);
    const auto found = quantity(text, unit);
    REQUIRE(found);
    CHECK(*found == value);
    CHECK(std::regex_match(text, std::regex(quantity_pattern(unit))));
  };
  is("200 ms", "s", 0.2);
  is("200ms", "s", 0.2);
  is("50 us", "s", 50e-6);
  is("3 ns", "s", 3e-9);
  is("1.5 s", "s", 1.5);
  is("20 min", "s", 1200);
  is("4 h", "s", 14400);
  is("7.4 d", "s", 639360);
  is("1 Gbit/s", "B/s", 1.25e8);
  is("110 Mbps", "B/s", 13.75e6);
  is("0.537 Gbit/s", "B/s", 67.125e6);
  is("1.73 GB/s", "B/s", 1.73e9);
  is("10 GiB/s", "B/s", 10.0 * (1 << 30));
  is("281.7 MB", "B", 281.7e6);
  is("2 GiB", "B", 2147483648.0);
  is("64 kbit", "B", 8000);
  is("312 TFLOP/s", "FLOP/s", 312e12);
  is("50 GFLOPS", "FLOP/s", 50e9);
  is("400 W", "W", 400);
  is("0.02 $/GB", "$/GB", 0.02);
  is("1.2 USD/h", "$/h", 1.2);
  is("1.3B", "", 1.3e9);
  is("35M", "", 35e6);
  is("1.2M", "tokens", 1.2e6);
  is("256k tokens", "tokens", 256e3);
  is("20 steps", "steps", 20);
  is("53 %", "", 0.53);
  is("-1.5e1 ms", "s", -0.015);
}

TEST_CASE("bit and byte are never guessed, and what may have been meant is asked in full") {
  const auto guess = [](const char* text, const char* unit) {
    INFO(text);
    CHECK_FALSE(quantity(text, unit));
    return quantity_guess(text, unit);
  };
  CHECK(guess("1 G", "B/s") == "; did you mean \"1 GB/s\" or \"1 Gbit/s\"?");
  CHECK(guess("1 Gb/s", "B/s") == "; did you mean \"1 GB/s\" or \"1 Gbit/s\"?");
  CHECK(guess("10 mb", "B") == "; did you mean \"10 MB\" or \"10 Mbit\"?");
  CHECK(guess("8 GB", "B/s") == "; did you mean \"8 GB/s\" or \"8 Gbit/s\"?");
  CHECK(guess("200 Ms", "s") == "; did you mean \"200 ms\"?");
  CHECK(guess("3 hours", "s") == "; did you mean \"3 h\"?");
  CHECK(guess("312 TFLOP", "FLOP/s") == "; did you mean \"312 TFLOP/s\"?");
  CHECK(guess("3 K", "tokens") == "; did you mean \"3 k\"?");
  for (const char* nothing : {"", "ms", "1", "1 parsec", "nan s", "inf s", "1e999 s", "1 s s", "0x10 s", "1,5 s"})
    CHECK(guess(nothing, "s") == "");
}

TEST_CASE("every number of a file may be written with its unit, and a wrong unit names the right ones") {
  using tiny::with;
  const auto read = [](const std::string& pointer, const std::string& value) {
    return tiny::run_of(with(tiny::document(), {{pointer, value}}));
  };
  CHECK(read("/workers/0/upload", R"({"latency_seconds": "200 ms", "bytes_per_second": "1 Gbit/s"})")
            .workers[0]
            .upload.latency_seconds == 0.2);
  CHECK(*read("/stop", R"({"tokens": "1.2M", "local_steps": "3k"})").stop.tokens == 1'200'000);
  CHECK(read("/workers/0/speed", R"({"seconds_per_step": "5 min"})").worker_count() == 4);
  const auto mistake = [&](const std::string& pointer, const std::string& value) -> std::string {
    try {
      read(pointer, value);
    } catch (const InvalidConfig& error) {
      return error.what();
    }
    return "";
  };
  CHECK_THAT(mistake("/workers/0/upload/latency_seconds", R"("1 Gbit/s")"),
             Catch::Contains("/workers/0/upload/latency_seconds is the string \"1 Gbit/s\"") &&
                 Catch::Contains("in s, without quotes, or in them with ns, us, ms, s, min, h or d"));
  CHECK_THAT(mistake("/workers/0/upload/bytes_per_second", R"("1 G")"),
             Catch::Contains("did you mean \"1 GB/s\" or \"1 Gbit/s\"?"));
  CHECK_THAT(mistake("/workers/0/upload/latency_seconds", R"("-1 ms")"), Catch::Contains("from 0 to 1000000"));
  CHECK_THAT(mistake("/stop/local_steps", R"("1.5 steps")"), Catch::Contains("a whole number"));
}
