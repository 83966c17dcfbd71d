#include <apps/review_stream/text/term_matcher.hpp>

#include <algorithm>
#include <map>
#include <tuple>
#include <utility>

namespace weir::reviews {
namespace {

constexpr std::uint32_t no_node = 0;      // nothing leads back to the root
constexpr unsigned char any_ending = '*'; // never part of a token

} // namespace

result<std::string> spell_term(std::string_view text) {
  tokenizer piece;
  std::string spelled;
  std::size_t words = 0;
  while (!text.empty()) {
    const std::size_t star = std::min(text.find('*'), text.size());
    piece.clear();
    piece.append(text.substr(0, star));
    if (piece.size() > 0) {
      if (!spelled.empty())
        spelled += ' ';
      spelled += piece.normalised();
      words += piece.size();
    }
    if (star == text.size())
      break;
    const bool after_word = star > 0 && text[star - 1] != ' ' && piece.size() > 0;
    const bool ends_word = star + 1 == text.size() || text[star + 1] == ' ';
    if (!after_word || !ends_word)
      return permanent("the * is not at the end of a word", {}, R"(write it like "deliver*")");
    spelled += static_cast<char>(any_ending);
    text.remove_prefix(star + 1);
  }
  if (words == 0)
    return permanent("the term is empty", {}, "write a word or a phrase, or remove the line");
  if (words > max_term_words)
    return permanent("the term has more than " + std::to_string(max_term_words) + " words", {},
                     "keep the words that matter");
  return spelled;
}

struct term_matcher::scratch {
  tokenizer tokens;
  std::uint32_t language = 0; // index in languages_
  bool every_language = false;
  std::vector<term_match> found;
  std::vector<std::uint32_t> taken; // by token: the group, plus one, whose term holds it
};

term_matcher::term_matcher(std::vector<term> terms)
    : terms_(std::move(terms)), languages_{std::string{any_language}} {
  struct node {
    std::map<unsigned char, std::uint32_t> children;
    std::vector<std::uint32_t> terms;
  };
  std::vector<node> trie(1);
  for (std::uint32_t i = 0; i < terms_.size(); ++i) {
    const auto language = std::ranges::find(languages_, terms_[i].language);
    language_of_.push_back(static_cast<std::uint32_t>(language - languages_.begin()));
    if (language == languages_.end())
      languages_.push_back(terms_[i].language);
    const auto spelled = spell_term(terms_[i].text);
    if (!spelled)
      continue;
    std::uint32_t at = 0;
    for (const char c : *spelled) {
      const auto [edge, added] = trie[at].children.try_emplace(static_cast<unsigned char>(c),
                                                               static_cast<std::uint32_t>(trie.size()));
      at = edge->second;
      if (added)
        trie.emplace_back();
    }
    trie[at].terms.push_back(i);
  }
  std::vector<std::uint32_t> order{0};
  bytes_.push_back(0);
  for (std::size_t i = 0; i < order.size(); ++i) {
    const node& n = trie[order[i]];
    children_.push_back(static_cast<std::uint32_t>(order.size()));
    ends_.push_back(static_cast<std::uint32_t>(ending_.size()));
    ending_.insert(ending_.end(), n.terms.begin(), n.terms.end());
    for (const auto& [byte, to] : n.children) {
      bytes_.push_back(byte);
      order.push_back(to);
    }
  }
  children_.push_back(static_cast<std::uint32_t>(order.size()));
  ends_.push_back(static_cast<std::uint32_t>(ending_.size()));
}

std::uint32_t term_matcher::child(std::uint32_t node, unsigned char byte) const noexcept {
  const std::uint32_t end = children_[node + 1];
  for (std::uint32_t i = children_[node]; i < end; ++i)
    if (bytes_[i] == byte)
      return i;
  return no_node;
}

void term_matcher::report(scratch& s, std::uint32_t node, std::uint32_t first, std::uint32_t last) const {
  for (std::uint32_t i = ends_[node]; i < ends_[node + 1]; ++i) {
    const std::uint32_t term = ending_[i];
    if (s.every_language || language_of_[term] == 0 || language_of_[term] == s.language)
      s.found.push_back({term, terms_[term].group, first, last});
  }
}

// From `node`, where token `at` of the text begins. A term that began with token `first` goes on here.
void term_matcher::walk(scratch& s, std::uint32_t node, std::uint32_t first, std::uint32_t at) const {
  const auto next_token = [&](std::uint32_t ended) {
    report(s, ended, first, at);
    const std::uint32_t space = child(ended, ' ');
    if (space != no_node && at + 1 < s.tokens.size())
      walk(s, space, first, at + 1);
  };
  const std::string_view token = s.tokens[at];
  for (std::size_t i = 0;; ++i) {
    if (const std::uint32_t star = child(node, any_ending); star != no_node)
      next_token(star);
    if (i == token.size())
      return next_token(node);
    node = child(node, static_cast<unsigned char>(token[i]));
    if (node == no_node)
      return;
  }
}

// Leaves, inside each group, the longest of terms that overlap, and drops the exceptions.
void term_matcher::resolve(scratch& s, const std::vector<term>& terms) {
  const auto length = [](const term_match& m) { return m.last - m.first; };
  std::ranges::sort(s.found, [&](const term_match& a, const term_match& b) {
    return std::tuple{a.group, length(b), a.first, a.term} < std::tuple{b.group, length(a), b.first, b.term};
  });
  s.taken.assign(s.tokens.size(), 0);
  std::erase_if(s.found, [&](const term_match& m) {
    for (std::uint32_t i = m.first; i <= m.last; ++i)
      if (s.taken[i] == m.group + 1)
        return true;
    std::fill(s.taken.begin() + m.first, s.taken.begin() + m.last + 1, m.group + 1);
    return terms[m.term].exception;
  });
  std::ranges::sort(s.found, [](const term_match& a, const term_match& b) {
    return std::tuple{a.group, a.term, a.first} < std::tuple{b.group, b.term, b.first};
  });
}

term_matches term_matcher::match(std::string_view title, std::string_view text,
                                 std::string_view language) const {
  thread_local scratch s; // reused memory: no allocation a review
  s.tokens.clear();
  s.found.clear();
  s.tokens.append(title);
  const std::size_t title_tokens = s.tokens.size();
  if (title_tokens > 0)
    s.tokens.append(":");
  s.tokens.append(text);
  s.every_language = language == unknown_language;
  s.language = static_cast<std::uint32_t>(std::ranges::find(languages_, language) - languages_.begin());
  if (!terms_.empty())
    for (std::uint32_t i = 0; i < s.tokens.size(); ++i)
      walk(s, 0, i, i);
  if (!s.found.empty())
    resolve(s, terms_);
  return {s.found, &s.tokens, title_tokens};
}

} // namespace weir::reviews
