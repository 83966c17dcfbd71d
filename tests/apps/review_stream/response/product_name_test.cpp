#include <apps/review_stream/response/product_name.hpp>
#include <tests/support/catch.hpp>

#include <string>

using namespace weir::reviews;

namespace {

std::string shown(std::string_view name) { return shown_product_name(name).value_or("(none)"); }

} // namespace

TEST_CASE("a product's name is shown as it is") {
  CHECK(shown("Aurora desk lamp") == "Aurora desk lamp");
  CHECK(shown("Größe L & M's 好 100%") == "Größe L & M's 好 100%");
}

TEST_CASE("markup, control and invisible characters leave a name, line ends become blanks") {
  CHECK(shown("  a\r\n\tb\x01 c  ") == "a b c");
  CHECK(shown("<b>Lamp</b><script src=\"x\">") == "Lamp");
  CHECK(shown("<<b>b>Lamp > all") == "bLamp all"); // what is left makes no new tag
  CHECK(shown("La\u202Emp\u200B\u2028two") == "Lamp two");
  CHECK(shown("caf\xE9 \xC3") == "caf");
}

TEST_CASE("personal data in a name is masked, also where the cut would split it") {
  CHECK(shown("Lamp of ann@example.com") == "Lamp of [email]");
  const std::string cut = shown(std::string(70, 'a') + " 4111111111111111");
  CHECK(cut.find("4111") == std::string::npos);
}

TEST_CASE("a long name is cut between characters") {
  CHECK(shown(std::string(80, 'a')) == std::string(80, 'a'));
  CHECK(shown(std::string(81, 'a')) == std::string(79, 'a') + "…");
  std::string long_name;
  std::string expected;
  for (int i = 0; i < 5000; ++i)
    long_name += "好";
  for (int i = 0; i < 79; ++i)
    expected += "好";
  CHECK(shown(long_name) == expected + "…");
}

TEST_CASE("a name that says nothing to a customer, or leads elsewhere, is not shown") {
  for (const std::string name : {"", "  ", "1077", "#12-34", "<b></b>", "\xFF", "see https://evil.example",
                                 "WWW.evil.example", "\u202E"}) {
    INFO(name);
    CHECK(shown(name) == "(none)");
  }
}
