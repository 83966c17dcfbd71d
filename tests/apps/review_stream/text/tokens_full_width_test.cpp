// Two ways through the tokenizer, one for runs of ASCII and one for single characters, must agree.

#include <apps/review_stream/text/tokens.hpp>
#include <tests/support/catch.hpp>

#include <random>
#include <string>
#include <string_view>

using weir::reviews::tokenizer;

TEST_CASE("full-width letters and signs are the tokens of their plain ones") {
  std::mt19937 any{7};
  for (int round = 0; round < 500; ++round) {
    const std::string_view some = "abcXYZ019 !?:()'.,-/ ";
    std::string plain;
    std::string wide;
    for (int i = 0; i < 40; ++i) {
      const char c = some[any() % some.size()];
      plain += c;
      if (c == ' ' || any() % 3 == 0)
        wide += c;
      else
        wide.append("\xEF")
            .append(1, c < 0x60 ? '\xBC' : '\xBD')
            .append(1, static_cast<char>((c < 0x60 ? 0x80 + c - 0x20 : 0x80 + c - 0x60)));
    }
    INFO(plain << " | " << wide);
    tokenizer one;
    tokenizer other;
    one.append(plain);
    other.append(wide);
    CHECK(one.normalised() == other.normalised());
    CHECK(one.size() == other.size());
  }
}
