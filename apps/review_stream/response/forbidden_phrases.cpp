#include <apps/review_stream/response/forbidden_phrases.hpp>

#include <array>
#include <sstream>

namespace weir::reviews {
namespace {

bool starts_with_latin(std::string_view phrase) {
  static const re2::RE2 latin{R"(^[\p{Latin}\pN])"};
  return re2::RE2::PartialMatch(re2::StringPiece{phrase.data(), phrase.size()}, latin);
}

std::string pattern_of(const std::vector<std::string>& phrases) {
  std::string latin;
  std::string other;
  for (const std::string& phrase : phrases) {
    std::string words;
    std::istringstream parts{phrase};
    for (std::string word; parts >> word;)
      words.append(words.empty() ? "" : R"(\s+)").append(re2::RE2::QuoteMeta(word));
    std::string& all = starts_with_latin(phrase) ? latin : other;
    all.append(all.empty() ? "" : "|").append(words);
  }
  const std::string nothing = R"([^\s\S])";
  return R"((?i)(?:^|[^\pL])()" + (latin.empty() ? nothing : latin) + ")|(" +
         (other.empty() ? nothing : other) + ")";
}

} // namespace

forbidden_phrases::forbidden_phrases(const std::vector<std::string>& phrases) {
  re2::RE2::Options quiet;
  quiet.set_log_errors(false);
  if (!phrases.empty())
    any_ = std::make_shared<const re2::RE2>(pattern_of(phrases), quiet);
}

bool forbidden_phrases::usable() const { return any_ == nullptr || any_->ok(); }

std::string forbidden_phrases::first_in(std::string_view text) const {
  std::array<re2::StringPiece, 3> found; // the whole match, a phrase in Latin letters, another
  if (any_ == nullptr || !any_->Match({text.data(), text.size()}, 0, text.size(), re2::RE2::UNANCHORED,
                                      found.data(), static_cast<int>(found.size())))
    return {};
  const re2::StringPiece& phrase = found[1].empty() ? found[2] : found[1];
  return {phrase.data(), phrase.size()};
}

} // namespace weir::reviews
