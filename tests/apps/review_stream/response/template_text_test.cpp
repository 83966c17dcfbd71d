#include <apps/review_stream/response/template_text.hpp>
#include <tests/support/catch.hpp>

#include <string>

using namespace weir::reviews;

namespace {

// "text|{name}|text"
std::string parts(std::string_view text) {
  const auto parsed = parse_template(text);
  if (!parsed)
    return parsed.error().message();
  std::string all;
  for (const template_part& part : *parsed)
    all += (all.empty() ? "" : "|") + (part.placeholder ? "{" + part.text + "}" : part.text);
  return all;
}

} // namespace

TEST_CASE("a template is cut at its placeholders") {
  CHECK(parts("Hello {product}, bye") == "Hello |{product}|, bye");
  CHECK(parts("{promise:reply}{shop}") == "{promise:reply}|{shop}");
  CHECK(parts("plain") == "plain");
  CHECK(parts("").empty());
}

TEST_CASE("doubled braces are the signs themselves") {
  CHECK(parts("a {{b}} c") == "a {b} c");
  CHECK(parts("{{{shop}}}") == "{|{shop}|}");
}

TEST_CASE("a brace without its partner is told with the fix") {
  const std::string open = "close it with '}', or write \"{{\" for the sign itself";
  CHECK(parts("Hello {product") == "the placeholder '{product' is not closed: " + open);
  CHECK(parts("Hello {a {b}") == "the placeholder '{a ' is not closed: " + open);
  CHECK(parts("{") == "the placeholder '{' is not closed: " + open);
  CHECK(parts("Hello }") == "a '}' closes nothing: write \"}}\" for the sign itself");
}
