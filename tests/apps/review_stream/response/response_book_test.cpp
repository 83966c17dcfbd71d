#include <apps/review_stream/response/response_book.hpp>
#include <tests/apps/review_stream/response/book_text.hpp>
#include <tests/support/catch.hpp>

#include <limits>
#include <string>
#include <thread>
#include <utility>
#include <vector>

using namespace weir::reviews;
using weir::test::small_book;

namespace {

response_book small() {
  auto book = parse_response_book(small_book, "responses.toml");
  INFO((book ? std::string{} : book.error().message()));
  REQUIRE(book);
  return *std::move(book);
}

/// A review that may be answered unread.
judged_review clear_case() {
  judged_review j;
  j.review.id = "r-1";
  j.review.text = "Broke at once.";
  j.language = "en";
  j.sentiment = {"negative", -0.9, 0.95};
  j.topics = {{"delivery", 0.82}};
  return j;
}

std::string id_of(const judged_review& j) { return small().draft(j).template_id; }

/// The reasons behind the first, which is about the template.
std::vector<std::string> policy_reasons(const judged_review& j) {
  const response r = small().draft(j);
  REQUIRE_FALSE(r.reasons.empty());
  CHECK(r.auto_send == r.reasons.back().starts_with("may be sent"));
  return {r.reasons.begin() + 1, r.reasons.end()};
}

using reasons = std::vector<std::string>;

} // namespace

TEST_CASE("the response is the template of the review's language, topic and sentiment, signed") {
  const response r = small().draft(clear_case());
  CHECK(r.template_id == "en/delivery/negative");
  CHECK(r.text == "Sorry about the delivery {the delivery}.\n\nYours, Test Shop");
  CHECK(r.reasons ==
        reasons{"template en/delivery/negative: topic delivery (0.82), sentiment negative (0.95)",
                "may be sent: sentiment confidence 0.95, urgency low, route none"});
  CHECK(r.auto_send);
}

TEST_CASE("without a template for the topic the general one answers, and names the topic if it can") {
  auto j = clear_case();
  j.topics = {{"quality", 0.9}, {"delivery", 0.8}};
  CHECK(id_of(j) == "en/general/negative");
  CHECK(small().draft(j).text ==
        "Sorry about your experience. We will refund what is due after a check.\n\nYours, Test Shop");
  j.topics = {{"delivery", 0.8}};
  j.sentiment.label = "positive";
  CHECK(id_of(j) == "en/general/positive");
}

TEST_CASE("a topic that is not sure enough, or none, leads to the general template") {
  auto j = clear_case();
  j.topics.front().confidence = 0.49;
  CHECK(id_of(j) == "en/general/negative");
  CHECK(small().draft(j).reasons.front() ==
        "template en/general/negative: no sure topic, sentiment negative (0.95)");
  j.topics.front().confidence = 0.5;
  CHECK(id_of(j) == "en/delivery/negative");
  j.topics.clear();
  CHECK(id_of(j) == "en/general/negative");
}

TEST_CASE("a language without the template is answered in the fallback language") {
  auto j = clear_case();
  j.language = "de";
  CHECK(id_of(j) == "en/delivery/negative"); // there is only a positive one in German
  j.sentiment.label = "positive";
  CHECK(id_of(j) == "de/general/positive");
  j.language = "de-AT";
  CHECK(id_of(j) == "de/general/positive");
  for (const std::string language : {"fr", "unknown", "", "d", "deu"}) {
    j.language = language;
    CHECK(id_of(j) == "en/general/positive");
  }
}

TEST_CASE("a sentiment that nobody knows counts as unknown") {
  auto j = clear_case();
  j.sentiment.label = "furious";
  CHECK(id_of(j) == "en/general/unknown");
  CHECK(policy_reasons(j) == reasons{"not sent: the sentiment is unknown"});
}

TEST_CASE("a response is kept for a person when urgency is high") {
  auto j = clear_case();
  j.urgency.level = "normal";
  CHECK(small().draft(j).auto_send);
  j.urgency.level = "high";
  CHECK(policy_reasons(j) == reasons{"not sent: urgency is high"});
}

TEST_CASE("a response is kept when the sentiment is unknown, unsure, or one that the policy keeps") {
  auto j = clear_case();
  j.sentiment = {"unknown", 0, 0.99};
  CHECK(policy_reasons(j) == reasons{"not sent: the sentiment is unknown"});
  j.sentiment = {"neutral", 0, 0.99};
  CHECK(policy_reasons(j) == reasons{"not sent: the policy keeps responses to neutral reviews"});
  j.sentiment = {"negative", -1, 0.899};
  CHECK(policy_reasons(j) == reasons{"not sent: the sentiment's confidence 0.90 is under 0.90"});
  j.sentiment.confidence = 0.9;
  CHECK(small().draft(j).auto_send);
  j.sentiment.confidence = std::numeric_limits<double>::quiet_NaN();
  CHECK_FALSE(small().draft(j).auto_send);
}

TEST_CASE("a response is kept when it is not in the review's language") {
  auto j = clear_case();
  j.language = "unknown";
  CHECK(policy_reasons(j) == reasons{"not sent: the language is unknown"});
  j.language = "fr";
  CHECK(policy_reasons(j) == reasons{"not sent: no template in language 'fr'"});
  j.language = "de"; // known, but without this template
  CHECK(policy_reasons(j) == reasons{"not sent: no template in language 'de'"});
}

TEST_CASE("a response is kept when a person answers anyway") {
  auto j = clear_case();
  j.route.to = "engineering";
  CHECK(small().draft(j).auto_send);
  for (const std::string to : {"human", "legal"}) {
    j.route.to = to;
    CHECK(policy_reasons(j) == reasons{"not sent: routed to " + to});
  }
}

TEST_CASE("a response is kept when the review holds personal data, masked or not") {
  for (const std::string data : {"ann@example.com", "+49 170 1234567", "4111 1111 1111 1111", "[card]"}) {
    auto in_text = clear_case();
    in_text.review.text = "Mine is " + data + ".";
    CHECK(policy_reasons(in_text) == reasons{"not sent: the review holds personal data"});
    auto in_title = clear_case();
    in_title.review.title = data;
    CHECK_FALSE(small().draft(in_title).auto_send);
    auto in_product = clear_case();
    in_product.review.product = data;
    CHECK_FALSE(small().draft(in_product).auto_send);
  }
}

TEST_CASE("every reason to keep a response is told") {
  auto j = clear_case();
  j.urgency.level = "high";
  j.route.to = "human";
  j.sentiment.confidence = 0.3;
  j.language = "fr";
  CHECK(policy_reasons(j).size() == 4);
}

TEST_CASE("a response names the product, and reads well without one") {
  auto j = clear_case();
  j.sentiment.label = "positive";
  const auto text = [&] { return small().draft(j).text; };
  CHECK(text() == "Thanks for your review.\n\nYours, Test Shop");
  j.review.product = "Lamp";
  CHECK(text() == "Thanks for your review of 'Lamp'.\n\nYours, Test Shop");
  j.sentiment.label = "neutral";
  CHECK(text() == "Thanks for writing about Lamp.\n\nYours, Test Shop");
  j.review.product = "1077";
  CHECK(text() == "Thanks for writing about your purchase.\n\nYours, Test Shop");
}

TEST_CASE("what stands in a product's name never works as a template") {
  auto j = clear_case();
  j.sentiment.label = "positive";
  j.review.product = "{promise:check} {contact} <b>x</b>\n{{";
  CHECK(small().draft(j).text ==
        "Thanks for your review of '{promise:check} {contact} x {{'.\n\nYours, Test Shop");
}

TEST_CASE("a product's name cannot promise anything") {
  auto j = clear_case();
  j.sentiment.label = "positive";
  for (const std::string name : {"Lamp. We  will\nrefund you", "GUARANTEED lamp", "台灯退款"}) {
    j.review.product = name;
    const response r = small().draft(j);
    CHECK(r.text == "Thanks for your review.\n\nYours, Test Shop");
    CHECK(r.reasons.at(1) == "product left out: its name holds a forbidden phrase");
  }
  j.review.product = "Unguaranteed lamp"; // a phrase starts where a word does
  CHECK(small().draft(j).text == "Thanks for your review of 'Unguaranteed lamp'.\n\nYours, Test Shop");
}

TEST_CASE("the review's text and title are not quoted") {
  auto j = clear_case();
  j.review.text = "Zanzibar";
  j.review.title = "Zanzibar";
  for (const std::string label : {"positive", "negative", "neutral", "unknown"}) {
    j.sentiment.label = label;
    CHECK(small().draft(j).text.find("Zanzibar") == std::string::npos);
  }
}

TEST_CASE("one book serves several threads at once") {
  const response_book book = small();
  const response expected = book.draft(clear_case());
  std::vector<int> wrong(4);
  {
    std::vector<std::jthread> threads;
    for (int& w : wrong)
      threads.emplace_back([&book, &expected, &w] {
        auto j = clear_case();
        for (int i = 0; i < 500; ++i) {
          j.review.product = "Lamp " + std::to_string(i);
          w += book.draft(j).template_id == expected.template_id ? 0 : 1;
        }
      });
  }
  CHECK(wrong == std::vector<int>(4));
}
