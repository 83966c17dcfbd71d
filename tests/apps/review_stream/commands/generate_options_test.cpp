#include <apps/review_stream/commands/generate_options.hpp>

#include <tests/support/catch.hpp>

#include <string>

#include <boost/json/parse.hpp>

using namespace weir;
using namespace weir::reviews;

namespace {

phrase_book english_and_german() {
  phrase_book book;
  book.languages.resize(2);
  book.languages[0].code = "en";
  book.languages[1].code = "de";
  return book;
}

template <class T>
std::string complaint(const result<T>& r) {
  REQUIRE_FALSE(r);
  CHECK(r.error().kind == error_kind::permanent);
  return r.error().message();
}

} // namespace

TEST_CASE("shares of languages are taken as code and number") {
  const auto shares = parse_language_shares("en=60,de=0", english_and_german());
  REQUIRE(shares);
  REQUIRE(shares->size() == 2);
  CHECK((*shares)[0] == std::pair<std::string, std::uint32_t>{"en", 60});
  CHECK((*shares)[1] == std::pair<std::string, std::uint32_t>{"de", 0});
}

TEST_CASE("shares of languages that cannot be made are named with the fix") {
  const phrase_book book = english_and_german();
  CHECK(complaint(parse_language_shares("en=60,fr=40", book)) ==
        "no phrases in the language 'fr' (--languages): use en, de, or add [languages.fr] to the file of "
        "phrases");
  for (const std::string wrong : {"en", "en=", "en=-1", "en=x", "", "en=1,", "en=1000001", "en=1.5"}) {
    INFO(wrong);
    CHECK_THAT(complaint(parse_language_shares(wrong, book)),
               Catch::Contains("is not a share of a language (--languages): give a code and a whole number"));
  }
  CHECK(complaint(parse_language_shares("en=0,de=0", book)) ==
        "no language has a share (--languages): give at least one a number above 0");
}

TEST_CASE("kinds of mess are taken by name, and all is every one") {
  const auto two = parse_mess_kinds("emoji,broken_json");
  REQUIRE(two);
  CHECK(*two == std::vector{mess::emoji, mess::broken_json});
  const auto all = parse_mess_kinds("all");
  REQUIRE(all);
  CHECK(all->size() == mess_kinds);
  CHECK_THAT(
      complaint(parse_mess_kinds("emojis")),
      Catch::StartsWith("unknown kind of mess 'emojis' (--mess-kinds): use all, broken_json, missing_id, "));
}

TEST_CASE("every kind of mess is found by the name it prints") {
  for (std::size_t i = 0; i < mess_kinds; ++i)
    CHECK(mess_named(to_string(static_cast<mess>(i))) == static_cast<mess>(i));
}

TEST_CASE("a start is a day, or a time to the minute or second in UTC") {
  const auto written = [](const std::string& text) {
    const auto t = parse_start(text);
    INFO(text);
    REQUIRE(t);
    std::string out;
    append_iso_8601(out, *t);
    return out;
  };
  CHECK(written("2026-05-04") == "2026-05-04T00:00:00.000Z");
  CHECK(written("2026-05-04T12:30") == "2026-05-04T12:30:00.000Z");
  CHECK(written("2024-02-29T23:59:58Z") == "2024-02-29T23:59:58.000Z");
  for (const std::string wrong :
       {"", "now", "2026-02-29", "2026-13-01", "2026-05-04T24:00", "2026-05-04T12:60", "2026-05-04T12:30:15",
        "2026-05-04T12:30:15+02:00", "2026-05-04 ", "1969-01-01"}) {
    INFO(wrong);
    CHECK(complaint(parse_start(wrong)) ==
          "'" + wrong + "' is not a time (--start): use ISO 8601 in UTC, such as 2026-05-04T12:30:00Z");
  }
}

TEST_CASE("the summary names what was made, for people and for programs") {
  generator_counts made;
  made.lines = 1200;
  made.bytes = 34567;
  made.clean = 1190;
  made.contradictory = 3;
  made.mess[static_cast<std::size_t>(mess::broken_json)] = 4;
  made.mess[static_cast<std::size_t>(mess::repeated_id)] = 6;
  made.languages = {{"en", 1100}, {"de", 100}};
  CHECK(made_text(made, 2) ==
        "1,200 lines, 34,567 bytes in 2.0 s: 1,190 clean, 3 of them rated against their "
        "text\nlanguages: en 1,100 de 100\nmess: broken_json 4, repeated_id 6\n");
  const auto json = boost::json::parse(made_json(made, 2)).as_object();
  CHECK(json.at("lines") == 1200);
  CHECK(json.at("clean") == 1190);
  CHECK(json.at("contradictory") == 3);
  CHECK(json.at("dead_letters") == 4);
  CHECK(json.at("duplicates") == 6);
  CHECK(json.at("languages").at("de") == 100);
  CHECK(json.at("mess").at("repeated_id") == 6);
  CHECK(json.at("mess").at("emoji") == 0);
}
