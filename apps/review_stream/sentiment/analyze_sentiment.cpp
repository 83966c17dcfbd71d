#include <apps/review_stream/sentiment/analyze_sentiment.hpp>

#include <apps/review_stream/language/detect_language.hpp>
#include <apps/review_stream/sentiment/model.hpp>
#include <apps/review_stream/text/features.hpp>

#include <xxhash.h>

namespace weir::reviews {

namespace {

text_findings find_out(const review& r, const sentiment_model& model, const feature_set& features) {
  const judgement judged = model.judge(features);
  return {detect_language(r.title, r.text, r.language),
          {std::string{to_string(judged.label)}, judged.score, judged.confidence}};
}

findings_key key_of(const review& r, const sentiment_model& model, const tokenizer& tokens) {
  const std::string_view text = tokens.normalised();
  // The title's tokens come first: its length tells "a" + "b c" from "a b" + "c".
  const std::uint64_t seed = XXH3_64bits(model.id().data(), model.id().size()) ^ r.title.size() ^
                             (XXH3_64bits(r.language.data(), r.language.size()) << 1U);
  const XXH128_hash_t hash = XXH3_128bits_withSeed(text.data(), text.size(), seed);
  return {hash.low64, hash.high64};
}

} // namespace

result<judged_review> analyze_sentiment::operator()(const review& r) const {
  thread_local feature_extractor scratch; // reused memory: no allocation a review
  const auto model = knowledge_->sentiment();
  if (!model)
    return model.error();
  const feature_set features = scratch.extract(r.title, r.text);
  judged_review judged;
  if (known_) {
    bool computed = false;
    auto found = known_->get_or_compute(key_of(r, **model, scratch.tokens()), [&] {
      computed = true;
      return find_out(r, **model, features);
    });
    if (!found)
      return std::move(found).error();
    judged.language = (*found)->language;
    judged.sentiment = (*found)->sentiment;
    judged.origin = computed ? "local" : "cache";
  } else {
    text_findings found = find_out(r, **model, features);
    judged.language = std::move(found.language);
    judged.sentiment = std::move(found.sentiment);
  }
  judged.review = r;
  judged.model = (*model)->id();
  return judged;
}

} // namespace weir::reviews
