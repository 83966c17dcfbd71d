#include <apps/review_stream/text/term_matcher.hpp>

#include <algorithm>
#include <cstring>
#include <map>
#include <tuple>
#include <utility>

namespace weir::reviews {
namespace {

constexpr std::uint32_t no_node = 0;      // nothing leads back to the root
constexpr unsigned char any_ending = '*'; // never part of a token
constexpr std::size_t beginning_bytes = 4;

// A token's first bytes, all of it if it is shorter, as an index of beginnings_.
std::uint32_t beginning_of(std::string_view token) noexcept {
  std::uint32_t bytes = 0;
  if (token.size() >= beginning_bytes)
    std::memcpy(&bytes, token.data(), beginning_bytes);
  else
    for (const char c : token)
      bytes = bytes << 8U | static_cast<unsigned char>(c);
  return (bytes * 0x9E3779B1U) >> 16U;
}

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

namespace {

// A thread's last review. The steps ask one after the other about the same review: to see that it is the
// same costs less than to take it apart again.
struct last_review {
  std::string title;
  std::string text;
  tokenizer tokens;
  std::size_t title_tokens = 0;

  void read(std::string_view new_title, std::string_view new_text) {
    new_title = new_title.substr(0, tokenizer::max_text_bytes);
    new_text = new_text.substr(0, tokenizer::max_text_bytes);
    if (new_title == title && new_text == text)
      return;
    title = new_title;
    text = new_text;
    tokens.clear();
    tokens.append(title);
    title_tokens = tokens.size();
    if (title_tokens > 0)
      tokens.append(":");
    tokens.append(text);
  }
};

} // namespace

struct term_matcher::scratch {
  last_review review;
  std::uint32_t language = 0; // index in languages_
  bool every_language = false;
  std::vector<term_match> found;
  std::vector<std::uint32_t> taken; // by token: the group, plus one, whose term holds it
};

term_matcher::term_matcher(std::vector<term> terms)
    : terms_(std::move(terms)), languages_{std::string{any_language}} {
  struct growing_node {
    std::map<unsigned char, std::uint32_t> children;
    std::vector<std::uint32_t> terms;
  };
  std::vector<growing_node> trie(1);
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
    expect(*spelled);
  }
  // Breadth first: the nodes that every text visits lie together and stay in the cache.
  std::vector<std::uint32_t> order{0};
  const auto next = [&](std::uint32_t to) {
    order.push_back(to);
    return static_cast<std::uint32_t>(order.size() - 1);
  };
  for (std::size_t i = 0; i < order.size(); ++i) {
    growing_node& from = trie[order[i]];
    node& n = nodes_.emplace_back();
    n.edges = static_cast<std::uint32_t>(edges_.size());
    n.terms = static_cast<std::uint32_t>(ending_.size());
    ending_.insert(ending_.end(), from.terms.begin(), from.terms.end());
    if (const auto star = from.children.extract(any_ending); !star.empty())
      n.star = next(star.mapped());
    if (!from.children.empty()) {
      n.lowest = from.children.begin()->first;
      n.more = static_cast<std::uint8_t>(from.children.rbegin()->first - n.lowest);
    }
    edges_.resize(edges_.size() + n.more + 1, no_node);
    for (const auto& [byte, to] : from.children)
      edges_[n.edges + byte - n.lowest] = next(to);
  }
  nodes_.emplace_back().terms = static_cast<std::uint32_t>(ending_.size());
}

// Notes how a token begins where this term may be.
void term_matcher::expect(std::string_view spelled) {
  const std::size_t end = std::min(spelled.find_first_of(" *"), spelled.size());
  const bool any_end = end < spelled.size() && spelled[end] == static_cast<char>(any_ending);
  if (any_end && end < beginning_bytes)
    beginnings_.set(); // "app*": what a token goes on with is not known
  else
    beginnings_.set(beginning_of(spelled.substr(0, end)));
}

void term_matcher::report(scratch& s, std::uint32_t node_index, std::uint32_t first,
                          std::uint32_t last) const {
  for (std::uint32_t i = nodes_[node_index].terms; i < nodes_[node_index + 1].terms; ++i) {
    const std::uint32_t term = ending_[i];
    if (s.every_language || language_of_[term] == 0 || language_of_[term] == s.language)
      s.found.push_back({term, terms_[term].group, first, last});
  }
}

// From a node, where token `at` of the text begins. A term that began with token `first` goes on here.
void term_matcher::walk(scratch& s, std::uint32_t node_index, std::uint32_t first, std::uint32_t at) const {
  const auto end_token = [&](std::uint32_t ended) {
    report(s, ended, first, at);
    const std::uint32_t space = child(nodes_[ended], ' ');
    if (space != no_node && at + 1 < s.review.tokens.size())
      walk(s, space, first, at + 1);
  };
  for (const char c : s.review.tokens[at]) {
    const node& n = nodes_[node_index];
    if (n.star != no_node)
      end_token(n.star);
    node_index = child(n, static_cast<unsigned char>(c));
    if (node_index == no_node)
      return;
  }
  if (nodes_[node_index].star != no_node)
    end_token(nodes_[node_index].star);
  end_token(node_index);
}

// Leaves, inside each group, the longest of terms that overlap, and drops the exceptions.
void term_matcher::resolve(scratch& s, const std::vector<term>& terms) {
  const auto length = [](const term_match& m) { return m.last - m.first; };
  std::ranges::sort(s.found, [&](const term_match& a, const term_match& b) {
    return std::tuple{a.group, length(b), a.first, a.term} < std::tuple{b.group, length(a), b.first, b.term};
  });
  s.taken.assign(s.review.tokens.size(), 0);
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
  s.found.clear();
  s.review.read(title, text);
  s.every_language = language == unknown_language;
  s.language = static_cast<std::uint32_t>(std::ranges::find(languages_, language) - languages_.begin());
  if (!terms_.empty())
    for (std::uint32_t i = 0; i < s.review.tokens.size(); ++i)
      if (beginnings_[beginning_of(s.review.tokens[i])])
        walk(s, 0, i, i);
  if (!s.found.empty())
    resolve(s, terms_);
  return {s.found, &s.review.tokens, s.review.title_tokens};
}

} // namespace weir::reviews
