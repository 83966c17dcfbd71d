#include <apps/review_stream/response/response_book.hpp>

#include <apps/review_stream/response/contents.hpp>
#include <apps/review_stream/response/product_name.hpp>
#include <apps/review_stream/text/personal_data.hpp>

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>

namespace weir::reviews {
namespace {

// "0.82", whatever the locale.
std::string hundredths(double value) {
  std::array<char, 32> digits{};
  const auto end =
      std::to_chars(digits.data(), digits.data() + digits.size(), value, std::chars_format::fixed, 2);
  return end.ec == std::errc{} ? std::string{digits.data(), end.ptr} : "?";
}

struct choice {
  const language_templates* language = nullptr;
  const response_template* chosen = nullptr;
  const topic* about = nullptr; // the review's topic, if it is sure enough
  bool other_language = false;
};

choice choose(const response_book::contents& book, const judged_review& judged) {
  choice c;
  if (!judged.topics.empty() && judged.topics.front().confidence >= book.min_topic_confidence)
    c.about = &judged.topics.front();
  const std::size_t sentiment = sentiment_index(judged.sentiment.label);
  const std::string_view language{judged.language};
  // "zh-Hant" is answered in "zh".
  const language_templates* own = book.find(language.substr(0, language.find('-')));
  for (const language_templates* l : {own, &book.languages[book.fallback]}) {
    if (l == nullptr)
      continue;
    c.language = l;
    c.other_language = l != own;
    if (c.about != nullptr)
      c.chosen = l->find(c.about->name, sentiment);
    if (c.chosen == nullptr)
      c.chosen = l->find(general_topic, sentiment);
    if (c.chosen != nullptr)
      break;
  }
  return c;
}

std::string why_chosen(const choice& c, const judged_review& judged) {
  std::string why = "template " + c.chosen->id + ": ";
  if (c.about != nullptr)
    why += "topic " + c.about->name + " (" + hundredths(c.about->confidence) + ")";
  else
    why += "no sure topic";
  return why + ", sentiment " + judged.sentiment.label + " (" + hundredths(judged.sentiment.confidence) + ")";
}

std::string fill(const choice& c, const std::optional<std::string>& product) {
  const language_templates& l = *c.language;
  std::string text;
  text.reserve(512);
  for (const piece& p : c.chosen->pieces) {
    switch (p.kind) {
    case slot::none:
      text += p.text;
      break;
    case slot::product:
      text += product ? *product : l.unnamed;
      break;
    case slot::about_product:
      if (product)
        text.append(l.before_about).append(*product).append(l.after_about);
      break;
    case slot::topic: {
      auto name = c.about != nullptr ? l.topic_names.find(c.about->name) : l.topic_names.end();
      if (name == l.topic_names.end())
        name = l.topic_names.find(general_topic);
      if (name != l.topic_names.end())
        text += name->second;
      break;
    }
    }
  }
  if (!l.signature.empty())
    text.append("\n\n").append(l.signature);
  return text;
}

// Adds why a person must read the response first; nothing if none must.
void why_not_sent(const response_book::contents& book, const choice& c, const judged_review& judged,
                  std::vector<std::string>& reasons) {
  const sentiment& felt = judged.sentiment;
  const std::size_t label = sentiment_index(felt.label);
  if (judged.urgency.level == "high")
    reasons.emplace_back("not sent: urgency is high");
  if (std::ranges::find(book.human_routes, judged.route.to) != book.human_routes.end())
    reasons.push_back("not sent: routed to " + judged.route.to);
  if (label == unknown_sentiment)
    reasons.emplace_back("not sent: the sentiment is unknown");
  else if (!book.auto_send[label])
    reasons.push_back("not sent: the policy keeps responses to " + felt.label + " reviews");
  if (!(felt.confidence >= book.min_confidence)) // a confidence that is no number is low, too
    reasons.push_back("not sent: the sentiment's confidence " + hundredths(felt.confidence) + " is under " +
                      hundredths(book.min_confidence));
  if (c.other_language)
    reasons.push_back(judged.language.empty() || judged.language == "unknown"
                          ? "not sent: the language is unknown"
                          : "not sent: no template in language '" + judged.language + "'");
  const review& r = judged.review;
  if (holds_personal_data(r.text) || holds_personal_data(r.title) || holds_personal_data(r.product))
    reasons.emplace_back("not sent: the review holds personal data");
}

} // namespace

response response_book::draft(const judged_review& judged) const {
  const choice c = choose(*book_, judged);
  response drafted;
  drafted.template_id = c.chosen->id;
  drafted.reasons.reserve(4);
  drafted.reasons.push_back(why_chosen(c, judged));

  std::optional<std::string> product;
  if (!judged.review.product.empty())
    product = shown_product_name(judged.review.product);
  if (product && !book_->forbidden.first_in(*product).empty()) {
    product.reset();
    drafted.reasons.emplace_back("product left out: its name holds a forbidden phrase");
  }
  drafted.text = fill(c, product);

  const std::size_t before = drafted.reasons.size();
  why_not_sent(*book_, c, judged, drafted.reasons);
  drafted.auto_send = drafted.reasons.size() == before;
  if (drafted.auto_send)
    drafted.reasons.push_back("may be sent: sentiment confidence " + hundredths(judged.sentiment.confidence) +
                              ", urgency " + judged.urgency.level + ", route " + judged.route.to);
  return drafted;
}

} // namespace weir::reviews
