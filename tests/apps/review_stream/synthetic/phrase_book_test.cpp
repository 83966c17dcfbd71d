#include <apps/review_stream/synthetic/phrase_book.hpp>

#include <tests/support/catch.hpp>

#include <string>

using namespace weir;
using namespace weir::reviews;

namespace {

/// The least that a file of phrases needs.
const std::string small = R"(topics = ["price"]
emoji = ["+"]
placeholders = ["%s"]
[[categories]]
name = "lamps"
topics = ["price"]
products = [{name = "Lumo", sold = 3, defect = "price", from = 5, to = 9}]
[languages.en]
between = " "
openers = ["Hello."]
urgent = ["Fire!"]
contact = ["Write to {mail}."]
[languages.en.slots]
mail = ["a@example.com"]
[languages.en.parts]
lamps = ["the switch"]
[languages.en.titles]
positive = ["Good"]
negative = ["Bad"]
neutral = ["So so"]
[languages.en.verdicts]
positive = ["Bye."]
negative = ["Never."]
neutral = ["Maybe."]
[languages.en.topics.price]
positive = ["{product} is cheap, {part} too."]
negative = ["Dear."]
neutral = ["Fair."]
)";

std::string with(const std::string& what, const std::string& instead) {
  std::string text = small;
  const auto at = text.find(what);
  REQUIRE(at != std::string::npos);
  return text.replace(at, what.size(), instead);
}

std::string complaint(const std::string& text) {
  const auto book = parse_phrases(text, "phrases.toml");
  REQUIRE_FALSE(book);
  CHECK(book.error().kind == error_kind::permanent);
  return book.error().message();
}

} // namespace

TEST_CASE("a file of phrases gives products, topics and sentences with slots") {
  const auto book = parse_phrases(small, "phrases.toml");
  INFO((book ? std::string{} : book.error().message()));
  REQUIRE(book);
  REQUIRE(book->products.size() == 1);
  CHECK(book->products[0].name == "Lumo");
  REQUIRE(book->products[0].defect);
  CHECK(book->products[0].defect->from == 5);
  CHECK(book->products[0].defect->to == 9);
  CHECK(book->language("en") == 0U);
  CHECK_FALSE(book->language("fr"));
  const auto& pieces = book->languages[0].topics[0][0][0].pieces;
  REQUIRE(pieces.size() == 3);
  CHECK(pieces[0].slot == phrase::product);
  CHECK(pieces[1].text == " is cheap, ");
  CHECK(pieces[1].slot == phrase::part);
  CHECK(pieces[2].text == " too.");
  CHECK(pieces[2].slot == phrase::nothing);
}

TEST_CASE("the phrases that ship have every language that reviews are asked for by default") {
  const auto book = read_phrases(WEIR_SOURCE_DIR "/apps/review_stream/data/phrases.toml");
  INFO((book ? std::string{} : book.error().message()));
  REQUIRE(book);
  for (const char* code : {"en", "de", "es", "zh"})
    CHECK(book->language(code));
  CHECK(book->products.size() >= 40);
  CHECK(book->categories.size() == 10);
}

TEST_CASE("a mistake in a file of phrases is named with file, line, field and what to do") {
  CHECK(
      complaint(with("{mail}.\"", "{male}.\"")) ==
      "unknown slot {male} (phrases.toml:12, field 'languages.en.contact'): use {product}, {part}, or one of "
      "those in 'slots' of the language");
  CHECK(complaint(with("{mail}.\"", "{mail.\"")) ==
        "'{' without '}' (phrases.toml:12, field 'languages.en.contact'): write the name of a slot between "
        "them");
  CHECK(complaint(with("sold = 3", "sold = 0")) ==
        "not a whole number that fits (phrases.toml:7, field 'categories.products.sold'): give one from 1 to "
        "1000000");
  CHECK(complaint(with("defect = \"price\"", "defect = \"prise\"")) ==
        "unknown topic 'prise' (phrases.toml:7, field 'categories.products.defect'): use one of those listed "
        "in "
        "'topics'");
  CHECK(complaint(with("openers = [\"Hello.\"]", "openers = []")) ==
        "not a list of texts (phrases.toml:10, field 'languages.en.openers'): write [\"one\", \"two\"]");
  CHECK(complaint(with("openers = [\"Hello.\"]", "openers = [\"Hello.\", 5]")) ==
        "not a text (phrases.toml:10, field 'languages.en.openers'): put it in quotes");
  CHECK(
      complaint(with("urgent = ", "urgnet = ")) ==
      "unknown field (phrases.toml:11, field 'languages.en.urgnet'): use between, openers, urgent, contact, "
      "slots, parts, titles, verdicts, topics");
  CHECK(complaint(with("lamps = [", "lamp = [")) ==
        "unknown category (phrases.toml:16, field 'languages.en.parts.lamp'): use the name of one of "
        "'categories'");
  CHECK(complaint(with("neutral = [\"Fair.\"]", "")) ==
        "the field is missing (phrases.toml:25, field 'languages.en.topics.price.neutral'): add it; the head "
        "of "
        "the file explains each field");
  CHECK(complaint(with("[\"Hello.\"]", "[\"Hello.")).find("not TOML: ") == 0);
}

TEST_CASE("a part where the category has none is named before reviews are made") {
  std::string text =
      with("products = [", "products = [{name = \"A\", sold = 1}]\n[[categories]]\nname = \"x\"\n"
                           "topics = [\"price\"]\nproducts = [");
  CHECK(complaint(text) ==
        "the category has no parts, but sentences of its topic 'price' use {part} (phrases.toml:12, field "
        "'languages.en.parts.x'): list some");
  CHECK(
      complaint(with("Fire!", "{part}!")) ==
      "{part} stands outside 'topics' (phrases.toml:8, field 'languages.en'): use it in sentences of topics "
      "only");
}
