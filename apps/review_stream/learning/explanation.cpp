#include <apps/review_stream/learning/explanation.hpp>

#include <algorithm>
#include <apps/review_stream/text/excerpt.hpp>
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>
#include <cmath>
#include <iomanip>
#include <set>
#include <sstream>
#include <string_view>
#include <utility>

namespace weir::reviews {
namespace {

namespace json = boost::json;

double rounded(double value) { return std::round(value * 1e4) / 1e4; }

// A bar to the left (against) or to the right (for) of a middle line; `full` fills its half.
std::string bar_of(double value, double full) {
  constexpr std::size_t half = 16;
  const double share = full > 0 ? std::min(1.0, std::abs(value) / full) : 0;
  const auto filled = static_cast<std::size_t>(std::lround(share * half));
  const std::string bar(filled, '#');
  if (value < 0)
    return std::string(half - filled, ' ') + bar + "|";
  return std::string(half, ' ') + "|" + bar;
}

void put_words(std::ostream& out, std::string_view name, const std::vector<std::string>& words) {
  constexpr std::size_t most = 60; // a few lines
  if (words.empty())
    return;
  out << padded(std::string(name), 12);
  for (std::size_t i = 0; i < std::min(words.size(), most); ++i)
    out << (i == 0 ? "" : " · ") << excerpt(words[i], 40);
  if (words.size() > most)
    out << " … and " << words.size() - most << " more";
  out << '\n';
}

void put_verdict(std::ostream& out, const explanation::verdict& v, std::size_t most, double full) {
  constexpr std::size_t width = 32;
  const auto line = [&](const std::string& name, double log_odds) {
    out << "  " << padded(excerpt(name, width - 2), width) << std::showpos << std::setw(7) << log_odds
        << std::noshowpos << "  " << bar_of(log_odds, full) << '\n';
  };
  line("(before any word)", v.base);
  const std::size_t shown = std::min(most, v.evidence.size());
  for (std::size_t i = 0; i < shown; ++i)
    line(v.evidence[i].ngram, v.evidence[i].log_odds);
  double rest = 0;
  for (std::size_t i = shown; i < v.evidence.size(); ++i)
    rest += v.evidence[i].log_odds;
  if (shown < v.evidence.size())
    line("(" + std::to_string(v.evidence.size() - shown) + " more)", rest);
}

json::array array_of(const std::vector<std::string>& words) {
  json::array out;
  for (const std::string& word : words)
    out.emplace_back(word);
  return out;
}

} // namespace

void explain_tokens(explanation& into, const feature_extractor& scratch,
                    const std::function<bool(std::uint32_t)>& knows) {
  constexpr std::string_view negated = "(not) ";
  const std::vector<named_feature> features = scratch.names();
  const std::size_t tokens = scratch.tokens().size(); // the first names are the tokens'
  std::set<std::string> seen_unknown;
  std::set<std::string> seen_negated;
  for (std::size_t i = 0; i < features.size(); ++i) {
    const named_feature& feature = features[i];
    if (i < tokens) {
      into.tokens.push_back(feature.name);
      if (!knows(feature.bucket) && seen_unknown.insert(feature.name).second)
        into.unknown.push_back(feature.name);
    } else if (feature.name.starts_with(negated)) {
      std::string word = feature.name.substr(negated.size());
      if (seen_negated.insert(word).second)
        into.negated.push_back(std::move(word));
    }
  }
}

std::string to_text(const explanation& why, std::size_t most) {
  std::ostringstream out;
  out << std::fixed << std::setprecision(2);
  out << padded(why.task, 12) << excerpt(why.label, 100);
  if (why.label != "unknown" || why.confidence != 0) {
    if (why.task == "sentiment")
      out << ", score " << std::showpos << why.score << std::noshowpos;
    out << ", confidence " << why.confidence;
  }
  out << '\n' << padded("model", 12) << why.model << '\n';
  put_words(out, "tokens", why.tokens);
  put_words(out, "negated", why.negated);
  put_words(out, "unknown", why.unknown);
  if (why.by_word_lists)
    out << "Too few of the words are known: judged by the word lists alone.\n";
  double full = 0;
  for (const explanation::verdict& v : why.verdicts) {
    full = std::max(full, std::abs(v.base));
    for (const explanation::part& e : v.evidence)
      full = std::max(full, std::abs(e.log_odds));
  }
  constexpr std::size_t most_verdicts = 5;
  for (std::size_t i = 0; i < std::min(why.verdicts.size(), most_verdicts); ++i) {
    const explanation::verdict& v = why.verdicts[i];
    out << '\n'
        << excerpt(v.label, 100) << ": probability " << v.probability << ", log odds of each n-gram\n";
    put_verdict(out, v, most, full);
  }
  if (why.verdicts.size() > most_verdicts)
    out << '\n' << why.verdicts.size() - most_verdicts << " less probable topics: --json has all\n";
  return std::move(out).str();
}

std::string to_json(const explanation& why) {
  json::object out{{"task", why.task}, {"model", why.model}, {"label", why.label}};
  if (why.task == "sentiment") {
    out["score"] = rounded(why.score);
    out["by_word_lists"] = why.by_word_lists;
  }
  out["confidence"] = rounded(why.confidence);
  json::array verdicts;
  for (const explanation::verdict& v : why.verdicts) {
    json::array evidence;
    for (const explanation::part& e : v.evidence)
      evidence.push_back({{"ngram", e.ngram}, {"log_odds", rounded(e.log_odds)}});
    verdicts.push_back({{"label", v.label},
                        {"probability", rounded(v.probability)},
                        {"base", rounded(v.base)},
                        {"evidence", std::move(evidence)}});
  }
  out["verdicts"] = std::move(verdicts);
  out["tokens"] = array_of(why.tokens);
  out["negated"] = array_of(why.negated);
  out["unknown"] = array_of(why.unknown);
  return json::serialize(out);
}

} // namespace weir::reviews
