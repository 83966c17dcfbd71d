#include <apps/review_stream/response/response_book.hpp>
#include <tests/apps/review_stream/response/book_text.hpp>
#include <tests/support/catch.hpp>

#include <string>
#include <utility>

using namespace weir::reviews;
using weir::test::book_with;

namespace {

/// What the user reads about a book with one text in place of another.
std::string complaint(std::string_view replaced, std::string_view by) {
  const auto book = parse_response_book(book_with(replaced, by), "responses.toml");
  return book ? "accepted" : book.error().message();
}

const std::string all_placeholders =
    "use one of: product, about_product, topic, shop, contact, promise:check, promise:answer";

} // namespace

TEST_CASE("a mistake in a placeholder is told with file, line, field and fix") {
  CHECK(
      complaint("Thanks. {promise:answer}", "Thanks, {name}") ==
      "the placeholder '{name}' is unknown here (responses.toml:37, field 'response.en.general.unknown'): " +
          all_placeholders);
  CHECK(complaint("Sorry about {topic}.", "Sorry about {topic.") ==
        "the placeholder '{topic. ' is not closed (responses.toml:35, field "
        "'response.en.general.negative'): close it with '}', or write \"{{\" for the sign itself");
  CHECK(complaint("Sorry about {topic}. {promise:check}", "Sorry about topic}.") ==
        "a '}' closes nothing (responses.toml:35, field 'response.en.general.negative'): write \"}}\" for "
        "the sign "
        "itself");
  CHECK(complaint("Yours, {shop}", "Yours, {product}") ==
        "the placeholder '{product}' is unknown here (responses.toml:15, field 'signature.en'): use one of: "
        "shop, "
        "contact");
}

TEST_CASE("a promise must be allowed and have a text in the language") {
  CHECK(complaint("{promise:answer}", "{promise:gift}") ==
        "the placeholder '{promise:gift}' is unknown here (responses.toml:37, field "
        "'response.en.general.unknown'): " +
            all_placeholders);
  CHECK(complaint("Danke für", "{promise:answer} Danke für") ==
        "'{promise:answer}' has no text in language 'de' (responses.toml:41, field "
        "'response.de.general.positive'): "
        "add it to [promises.de]");
  CHECK(complaint("answer = \"Write", "gift = \"Write") ==
        "'gift' is unknown (responses.toml:25, field 'promises.en.gift'): use one of: check, answer");
}

TEST_CASE("a text that promises by itself is refused, whatever its case, blanks or language") {
  const std::string fix =
      "say it by {promise:NAME} from policy.promises, or take it out (policy.forbidden has the list)";
  CHECK(complaint("Sorry about the", "We Will  refund the") ==
        "the text holds the forbidden phrase 'We Will  refund' (responses.toml:39, field "
        "'response.en.delivery.negative'): " +
            fix);
  CHECK(complaint("Danke für", "Guarantees! 退款") ==
        "the text holds the forbidden phrase 'Guarantee' (responses.toml:41, field "
        "'response.de.general.positive'): " +
            fix);
  CHECK_THAT(complaint("Danke für", "好退款"), Catch::Contains("'退款'"));
  CHECK_THAT(complaint("Sorry about {topic}", "We will{topic} refund"), Catch::Contains("forbidden phrase"));
  CHECK_THAT(complaint("\"the delivery\"", "\"a guarantee\""), Catch::Contains("topic_names.en.delivery"));
  CHECK_THAT(complaint("Yours, ", "Guaranteed, "), Catch::Contains("signature.en"));
  CHECK_THAT(complaint("\"your purchase\"", "\"guarantee\""), Catch::Contains("products.en.unnamed"));
  CHECK_THAT(complaint(" of '{product}'", " guarantee {product}"), Catch::Contains("products.en.about"));
  CHECK_THAT(complaint("Test Shop", "Guarantee Shop"), Catch::Contains("settings.shop"));
  CHECK(complaint("Thanks. ", "Unguaranteed. ") == "accepted"); // a phrase starts where a word does
}

TEST_CASE("an unknown key is told with those there are") {
  CHECK(complaint("[response.en.delivery]\nnegative", "[response.en.delivery]\nangry") ==
        "'angry' is unknown (responses.toml:39, field 'response.en.delivery.angry'): use one of: positive, "
        "negative, "
        "neutral, unknown");
  CHECK(complaint("[response.de.general]", "[response.fr.general]") ==
        "'fr' is unknown (responses.toml:40, field 'response.fr'): use one of: en, de");
  CHECK(
      complaint("[response.en.delivery]", "[response.en.delivry]") ==
      "'delivry' is unknown (responses.toml:38, field 'response.en.delivry'): use one of: delivery, quality, "
      "general");
  CHECK_THAT(complaint("[signature]", "[signatures]"), Catch::Contains("'signatures' is unknown"));
  CHECK_THAT(complaint("human_routes", "routes"), Catch::Contains("field 'policy.routes'"));
  CHECK_THAT(complaint("shop =", "store ="), Catch::Contains("field 'settings.store'"));
  CHECK_THAT(complaint("unnamed = \"your", "nameless = \"your"),
             Catch::Contains("field 'products.en.nameless'"));
}

TEST_CASE("an empty template, or one that is no text or too long, is refused") {
  CHECK(complaint("\"Thanks. {promise:answer}\"", "\" \"") ==
        "the text is empty (responses.toml:37, field 'response.en.general.unknown'): write one, or take the "
        "field "
        "out");
  CHECK_THAT(complaint("\"Thanks. {promise:answer}\"", "7"),
             Catch::Contains("this is no text (responses.toml:37, field 'response.en.general.unknown')"));
  CHECK_THAT(complaint("Thanks. ", std::string(4000, 'x')), Catch::Contains("more than 4000 bytes"));
}

TEST_CASE("the fallback language must answer every sentiment") {
  CHECK(complaint("neutral = \"Thanks for writing about {product}.\"\n", "") ==
        "the field is missing (responses.toml:33, field 'response.en.general.neutral'): add it: the fallback "
        "language "
        "answers what no other template does");
  CHECK(complaint("fallback_language = \"en\"", "fallback_language = \"it\"") ==
        "'it' is not in settings.languages (responses.toml:3, field 'settings.fallback_language'): use one "
        "of: en, "
        "de");
}

TEST_CASE("settings and policy that are missing or of the wrong kind are told") {
  CHECK(complaint("auto_send_min_confidence = 0.9", "auto_send_min_confidence = 90") ==
        "this must be a number from 0 to 1 (responses.toml:8, field 'policy.auto_send_min_confidence'): "
        "write for "
        "instance auto_send_min_confidence = 0.9");
  CHECK(complaint("[\"positive\", \"negative\"]", "[\"unknown\"]") ==
        "'unknown' is no sentiment that may be sent unread (responses.toml:9, field "
        "'policy.auto_send_sentiments'): "
        "use one of: positive, negative, neutral");
  CHECK(complaint("contact = \"help@shop.example\"\n", "") ==
        "the field is missing (responses.toml:1, field 'settings.contact'): add contact = \"…\"");
  CHECK_THAT(complaint("promises = [\"check\", \"answer\"]", "promises = \"check\""),
             Catch::Contains("this is no list (responses.toml:12, field 'policy.promises')"));
  CHECK_THAT(complaint("de = \"Ihr {shop}\"\n", ""), Catch::Contains("field 'signature.de'"));
  CHECK_THAT(complaint("general = \"Ihre Erfahrung\"\n", ""),
             Catch::Contains("field 'topic_names.de.general'"));
  CHECK_THAT(complaint(" of '{product}'", " of it"), Catch::Contains("does not name the product"));
  CHECK_THAT(complaint(" of '{product}'", "{product}{product}"), Catch::Contains("stands here twice"));
}

TEST_CASE("what is no TOML, or not there, is told") {
  CHECK_THAT(complaint("[settings]", "[settings"),
             Catch::Contains("not TOML") && Catch::Contains("responses.toml:1"));
  const auto none = load_response_book("/nowhere/responses.toml");
  REQUIRE_FALSE(none);
  CHECK_THAT(none.error().message(), Catch::Contains("/nowhere/responses.toml"));
  const auto empty = parse_response_book("", "responses.toml");
  REQUIRE_FALSE(empty);
  CHECK_THAT(empty.error().message(),
             Catch::Contains("field 'settings'") && Catch::Contains("write [settings]"));
}
