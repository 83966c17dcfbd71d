// The templates that come with review-stream.

#include <apps/review_stream/data_dir.hpp>
#include <apps/review_stream/response/contents.hpp>
#include <apps/review_stream/response/response_book.hpp>
#include <tests/support/catch.hpp>

#include <set>
#include <string>
#include <string_view>
#include <utility>

using namespace weir::reviews;

namespace {

const std::vector<std::string> languages{"en", "de", "es", "zh"};
const std::vector<std::string> topics{
    "delivery", "price",       "quality", "size_and_fit", "service",     "usability",       "bug",
    "food",     "refund",      "safety",  "packaging",    "performance", "feature_request", "content",
    "travel",   "cleanliness", "account", "general"};

const response_book& shipped() {
  static const auto book = load_response_book(default_response_path());
  if (!book)
    FAIL(book.error().message());
  return *book;
}

judged_review review_of(std::string language, std::string topic, std::string label, std::string product) {
  judged_review j;
  j.language = std::move(language);
  j.topics = {{std::move(topic), 0.9}};
  j.sentiment = {std::move(label), 0.5, 0.95};
  j.review.product = std::move(product);
  return j;
}

} // namespace

TEST_CASE("every language, topic and sentiment is answered in its language, with and without a product") {
  for (const auto& language : languages)
    for (const auto& topic : topics)
      for (const auto label : sentiment_labels)
        for (const std::string product : {"", "Aurora desk lamp", "1077"}) {
          const response r = shipped().draft(review_of(language, topic, std::string{label}, product));
          INFO(r.template_id << ": " << r.text);
          CHECK(r.template_id.starts_with(language + "/"));
          CHECK(r.text.size() > 60);
          CHECK(r.text.size() < 700);
          CHECK(r.text.find_first_of("{}<>") == std::string::npos);
          CHECK(r.text.find("1077") == std::string::npos);
          for (const std::string_view slip :
               {"  ", " .", " ,", "..", "“”", "«»", "„“", ".{", "。。", "\n\n\n"})
            CHECK(r.text.find(slip) == std::string::npos);
          CHECK(r.auto_send == (label != "unknown"));
        }
}

TEST_CASE("each language has a general answer to every sentiment, and its own for unhappy customers of ten "
          "topics") {
  for (const auto& language : languages) {
    for (const auto label : sentiment_labels)
      CHECK(shipped().draft(review_of(language, "general", std::string{label}, "")).template_id ==
            language + "/general/" + std::string{label});
    std::set<std::string> negative;
    std::set<std::string> positive;
    for (const auto& topic : topics) {
      negative.insert(shipped().draft(review_of(language, topic, "negative", "")).template_id);
      positive.insert(shipped().draft(review_of(language, topic, "positive", "")).template_id);
    }
    CHECK(negative.size() > 10); // the general one is among them
    CHECK(positive.size() > 5);
  }
}

TEST_CASE("an answer in one language holds no other language's signature or product words") {
  for (const auto& [language, signature] : {std::pair<std::string, std::string>{"en", "Your Weir Store team"},
                                            {"de", "Ihr Team von Weir Store"},
                                            {"es", "El equipo de Weir Store"},
                                            {"zh", "Weir Store 团队"}}) {
    for (const auto& topic : topics)
      CHECK(shipped().draft(review_of(language, topic, "negative", "")).text.ends_with("\n\n" + signature));
  }
}

TEST_CASE("answers as customers get them") {
  const auto text = [](std::string language, std::string topic, std::string label, std::string product) {
    return shipped()
        .draft(review_of(std::move(language), std::move(topic), std::move(label), std::move(product)))
        .text;
  };
  CHECK(text("en", "delivery", "negative", "Aurora lamp") ==
        "We are sorry about the trouble with the delivery. Please send your order number to "
        "help@weir-store.example. "
        "We will look into this delivery with the carrier.\n\nYour Weir Store team");
  CHECK(text("de", "general", "positive", "Aurora-Lampe") ==
        "Vielen Dank für Ihre Bewertung zu „Aurora-Lampe“. Wir freuen uns, dass Sie zufrieden sind, und "
        "geben Ihr Lob "
        "gern an das Team weiter.\n\nIhr Team von Weir Store");
  CHECK(text("es", "quality", "neutral", "") ==
        "Gracias por su reseña. Sus comentarios sobre la calidad nos ayudan a mejorar. Mostraremos su "
        "comentario a "
        "quienes revisan nuestra calidad.\n\nEl equipo de Weir Store");
  CHECK(text("zh", "size_and_fit", "positive", "") ==
        "感谢您对您购买的商品的评价。很高兴尺码合适，您的说明也能帮助其他顾客选择。\n\nWeir Store 团队");
  CHECK(text("fr", "general", "negative", "lampe") ==
        "Thank you for your honest review of “lampe”. We are sorry that it did not go as you hoped. Please "
        "write to "
        "help@weir-store.example. We will read your message and answer you.\n\nYour Weir Store team");
}

TEST_CASE("ordinary product names are shown") {
  for (const std::string name :
       {"Reliable Charger 20W", "Kabelloser Staubsauger", "Freiheit Rucksack", "Legal Pad A4", "保温杯",
        "Cafetera Compacta", "M&M's", "Forever Free Sneaker"}) {
    INFO(name);
    CHECK_THAT(shipped().draft(review_of("en", "general", "positive", name)).text, Catch::Contains(name));
  }
}

TEST_CASE("a promise smuggled in as a product is not shown, in any language") {
  for (const std::string name :
       {"Lamp, we will refund you", "MONEY BACK lamp", "Lampe mit Garantie", "Rückerstattung für alle",
        "Lámpara con reembolso", "全额退款灯", "free  of charge", "Ihr Gutschein"}) {
    const response r = shipped().draft(review_of("en", "general", "positive", name));
    INFO(r.text);
    CHECK(r.text.starts_with("Thank you for your review. "));
  }
}
