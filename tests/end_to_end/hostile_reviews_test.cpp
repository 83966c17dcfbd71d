// What reviewers must not achieve: their text is data, and personal data goes no further than the first step.

#include <tests/end_to_end/support/review_stream.hpp>
#include <tests/support/catch.hpp>
#include <tests/support/development_reviews.hpp>

#include <weir/base/utf8.hpp>

#include <cstdio>
#include <fstream>
#include <map>
#include <string>
#include <vector>

using namespace weir::test;

namespace {

const std::vector<std::string> cards = {"4111111111111111", "4111 1111 1111 1111", "5500-0000-0000-0004",
                                        "3782 822463 10005", "6011000990139424"};

/// Ten kinds of text that a template engine, a spreadsheet, a shell or a browser would act on.
const std::vector<std::string> bait = {
    "{product} {{order_id}} ${HOME} %s %n {0} <%= 7*7 %> {% raw %} {promise:refund_check} {contact}",
    "</response><script>alert(1)</script> $(rm -rf /) `id` '; DROP TABLE reviews; --"};

std::string planted(std::size_t n) {
  std::string rows_of_bait;
  for (std::size_t i = 0; i < n; ++i) {
    const std::string& card = cards[i % cards.size()];
    rows_of_bait += row("planted-" + std::to_string(i),
                        "I paid with " + card + " and wrote to jo" + std::to_string(i) +
                            "@example.com, call +49 170 1234567. It came broken, I want a refund. " +
                            bait[i % bait.size()]);
  }
  return rows_of_bait;
}

/// Everything in the database but the dead letters, as one text.
std::string all_results(const std::filesystem::path& database, const std::string& where) {
  return ask_text(database,
                  "SELECT group_concat(ifnull(product,'')||ifnull(title,'')||text||ifnull(response,'')||"
                  "response_reasons||route_reason||urgency_reasons||topics, char(10)) FROM reviews WHERE " +
                      where);
}

void check_planted(const temporary_folder& work) {
  const std::string results = all_results(work / "a.db", "id LIKE 'planted-%'");
  for (const auto& card : cards)
    CHECK(results.find(card) == std::string::npos);
  CHECK(results.find("@example.com") == std::string::npos);
  CHECK(results.find("1234567") == std::string::npos);
  CHECK(results.find("[card]") != std::string::npos);
  CHECK(ask_number(work / "a.db", "SELECT count(*) FROM reviews WHERE id LIKE 'planted-%' AND auto_send") ==
        0);
  const std::string responses = ask_text(
      work / "a.db", "SELECT group_concat(response, char(10)) FROM reviews WHERE id LIKE 'planted-%'");
  REQUIRE_FALSE(responses.empty());
  for (const char* sign : {"{", "}", "$(", "%s", "<", "DROP TABLE", "[card]", "I paid with"}) {
    INFO(sign);
    CHECK(responses.find(sign) == std::string::npos);
  }
}

} // namespace

TEST_CASE("a review's text never becomes part of a response, and its personal data of no result") {
  const temporary_folder work;
  work.write("in.jsonl", planted(20));
  const finished run = run_reviews(
      work.path(), {"--input", "in.jsonl", "--output", "a.db", "--output", "a.csv", "--output", "a.jsonl"});
  REQUIRE(run.exit == 0);
  CHECK(stored(work / "a.db") == 20);
  check_planted(work);
  for (const char* file : {"a.csv", "a.jsonl"})
    for (const auto& card : cards)
      CHECK(read_file(work / file).find(card) == std::string::npos);
  CHECK(run.out.find("4111") == std::string::npos); // nor of the summary
}

TEST_CASE("a product's name is cleaned before it is named in a response") {
  const temporary_folder work;
  work.write("in.jsonl",
             R"({"id":"a","text":"The delivery was late, I am not happy with the courier at all.",)"
             R"("product":"<b>{promise:refund_check}</b> {contact} 4111 1111 1111 1111"})"
             "\n");
  REQUIRE(run_reviews(work.path(), {"--input", "in.jsonl", "--output", "a.db"}).exit == 0);
  const std::string response = ask_text(work / "a.db", "SELECT response FROM reviews");
  REQUIRE_FALSE(response.empty());
  CHECK(response.find("4111") == std::string::npos);
  CHECK(response.find("<b>") == std::string::npos);
}

TEST_CASE("the development reviews with bait among them: no crash, no broken text, nothing unmasked") {
  const auto reviews = development_reviews();
  if (reviews.empty())
    return;
  const temporary_folder work;
  work.write("planted.jsonl", planted(500));
  const finished run =
      run_reviews(work.path(), {"--input", reviews.string(), "--input", "planted.jsonl", "--output", "a.db"});
  INFO(run.err);
  CHECK(run.exit == 0);
  CHECK(stored(work / "a.db") == 34'353 + 500);
  check_planted(work);
  const std::string everything = all_results(work / "a.db", "1");
  CHECK(weir::is_utf8(everything));
  CHECK(everything.find("\xEF\xBF\xBD") == std::string::npos); // U+FFFD, what broken text turns into
  // Every response is one that a template makes: no braces are left, and no text is quoted.
  CHECK(ask_number(work / "a.db",
                   "SELECT count(*) FROM reviews WHERE response LIKE '%{%' OR response LIKE '%}%'") == 0);
  CHECK(ask_number(work / "a.db", "SELECT count(*) FROM reviews WHERE length(text) > 60 AND "
                                  "instr(response, substr(text, 1, 40)) > 0") == 0);
  CHECK(ask_number(work / "a.db",
                   "SELECT count(*) FROM reviews WHERE response IS NULL OR route_reason = '' OR "
                   "response_reasons = '[]'") == 0); // every decision has its reasons
}
