#include <apps/review_stream/summary/product_summary.hpp>

#include <weir/base/hash.hpp>

#include <algorithm>
#include <utility>

namespace weir::reviews {

namespace {

constexpr std::size_t max_urgent_examples = 3;
constexpr std::size_t max_answers = 2;
constexpr std::size_t excerpt_characters = 160;
/// Topics and routes come from files that users edit; reasons hold what was matched.
constexpr std::size_t max_names = 1000;

std::string excerpt(std::string_view text) {
  std::string cut;
  std::size_t characters = 0;
  for (const char c : text) {
    const bool begins = (static_cast<unsigned char>(c) & 0xC0U) != 0x80U;
    if (begins && ++characters > excerpt_characters)
      return cut + "…";
    cut += c == '\n' ? ' ' : c;
  }
  return cut;
}

template <class Map>
void count(Map& counts, std::string_view name, std::uint64_t n = 1) {
  const auto at = counts.find(std::string{name});
  if (at != counts.end())
    at->second += n;
  else if (counts.size() < max_names)
    counts.emplace(name, n);
}

/// "injury" of "injury: burned my hand".
std::string_view kind_of(std::string_view reason) { return reason.substr(0, reason.find_first_of(":(")); }

std::string_view trimmed(std::string_view text) {
  while (text.ends_with(' '))
    text.remove_suffix(1);
  return text;
}

void add_answer(std::vector<shown_review>& answers, const shown_review& answer) {
  if (answers.size() < max_answers &&
      std::ranges::find(answers, answer.reason, &shown_review::reason) == answers.end())
    answers.push_back(answer);
}

void widen(std::string& start, std::string& end, const std::string& from, const std::string& to) {
  if (!from.empty() && (start.empty() || from < start))
    start = from;
  if (to > end)
    end = to;
}

} // namespace

void product_summary::add(const judged_review& judged) {
  const review& r = judged.review;
  const bool is_negative = judged.sentiment.label == "negative";
  ++reviews;
  widen(start, end, r.ts, r.ts);
  ++(judged.sentiment.label == "positive"  ? positive
     : is_negative                         ? negative
     : judged.sentiment.label == "neutral" ? neutral
                                           : unknown);
  if (judged.sentiment.label != "unknown")
    score_sum += judged.sentiment.score;
  for (const auto& t : judged.topics) {
    if (!topics.contains(t.name) && topics.size() >= max_names)
      continue;
    tally& said = topics[t.name];
    ++said.reviews;
    said.negative += is_negative ? 1 : 0;
  }
  count(routes, judged.route.to);
  auto_sent += judged.response.auto_send ? 1 : 0;
  if (judged.urgency.level == "high") {
    ++urgent;
    for (const auto& reason : judged.urgency.reasons)
      count(urgency_reasons, trimmed(kind_of(reason)));
    if (urgent_examples.size() < max_urgent_examples) {
      std::string why;
      for (const auto& reason : judged.urgency.reasons)
        why += (why.empty() ? "" : ", ") + reason;
      urgent_examples.push_back({r.id, r.product, excerpt(r.text), std::move(why), {}});
    }
  } else if (answers.size() < max_answers && !judged.response.text.empty()) {
    add_answer(answers, {r.id, r.product, excerpt(r.text),
                         judged.response.template_id +
                             (judged.response.auto_send ? ", may go out unread" : ", for somebody to read"),
                         judged.response.text});
  }
}

void product_summary::merge(const product_summary& other) {
  widen(start, end, other.start, other.end);
  reviews += other.reviews;
  positive += other.positive;
  negative += other.negative;
  neutral += other.neutral;
  unknown += other.unknown;
  score_sum += other.score_sum;
  urgent += other.urgent;
  auto_sent += other.auto_sent;
  for (const auto& [name, said] : other.topics) {
    tally& here = topics[name];
    here.reviews += said.reviews;
    here.negative += said.negative;
  }
  for (const auto& [name, n] : other.routes)
    count(routes, name, n);
  for (const auto& [name, n] : other.urgency_reasons)
    count(urgency_reasons, name, n);
  for (const auto& urgent_one : other.urgent_examples)
    if (urgent_examples.size() < max_urgent_examples)
      urgent_examples.push_back(urgent_one);
  for (const auto& answer : other.answers)
    add_answer(answers, answer);
}

double product_summary::mean_score() const noexcept {
  const auto judged = static_cast<double>(reviews - unknown);
  return judged > 0 ? score_sum / judged : 0;
}

double product_summary::negative_share() const noexcept {
  return reviews > 0 ? static_cast<double>(negative) / static_cast<double>(reviews) : 0;
}

std::vector<std::pair<std::string, tally>> product_summary::top_topics(std::size_t most) const {
  std::vector<std::pair<std::string, tally>> top(topics.begin(), topics.end());
  std::ranges::stable_sort(top,
                           [](const auto& a, const auto& b) { return a.second.reviews > b.second.reviews; });
  top.resize(std::min(top.size(), most));
  return top;
}

void summarise_products::on_record(const judged_review& judged, context<product_summary>&) {
  auto at = products_.find(judged.review.product);
  if (at == products_.end()) {
    const bool full = products_.size() >= max_products;
    at = products_.try_emplace(full ? std::string{other_products} : judged.review.product).first;
    at->second.product = at->first;
  }
  at->second.add(judged);
}

void summarise_products::on_drain(context<product_summary>& out) {
  for (const auto& [product, summary] : products_) {
    out.about_key(hash_bytes(product));
    out.emit(summary);
  }
}

} // namespace weir::reviews
