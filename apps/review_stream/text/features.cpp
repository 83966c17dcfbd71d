#include <apps/review_stream/text/features.hpp>

#include <algorithm>
#include <array>
#include <bitset>
#include <utility>
#include <weir/base/hash.hpp>

namespace weir::reviews {
namespace {

// Marks mixed into a word's hash.
constexpr std::uint64_t negated = 1;
constexpr std::uint64_t titled = 2;

constexpr std::uint32_t bucket_of(std::uint64_t hash) noexcept {
  return static_cast<std::uint32_t>(hash & (feature_count - 1));
}

// One of ! ? : ( ), the only tokens of one byte below '0' or between the digits and the letters.
bool is_sign(std::string_view token) noexcept {
  return token.size() == 1 && (token[0] < '0' || (token[0] > '9' && token[0] < 'a'));
}

// As the tokenizer spells them: without apostrophes. Sorted by bytes.
constexpr auto negations = std::to_array<std::string_view>(
    {"aint",   "arent", "cannot", "cant",     "couldnt", "didnt",  "doesnt", "dont",    "hadnt", "hasnt",
     "havent", "isnt",  "jamás",  "kein",     "keine",   "keinen", "keiner", "never",   "nicht", "nie",
     "no",     "not",   "nunca",  "shouldnt", "wasnt",   "werent", "wont",   "wouldnt", "不",    "没"});
static_assert(std::ranges::is_sorted(negations));
constexpr auto ends_of_negation = std::to_array<std::string_view>({"aber", "but", "pero"});

// Most words are turned away by some bits of their hash.
constexpr std::size_t filter_bits = 1024;
const auto negation_filter = [] {
  std::bitset<filter_bits> table;
  for (const std::string_view word : negations)
    table.set(hash_bytes(word) % filter_bits);
  return table;
}();

bool is_negation(std::string_view token, std::uint64_t hash) noexcept {
  return negation_filter[hash % filter_bits] && std::ranges::binary_search(negations, token);
}

// Calls `word(i)` for each token within three after a negation.
template <class F>
void each_negated(const tokenizer& tokens, const std::vector<std::uint64_t>& hashes, F word) {
  constexpr int reach = 3;
  int left = 0;
  for (std::size_t i = 0; i < tokens.size(); ++i) {
    const std::string_view token = tokens[i];
    if (left > 0) {
      --left;
      if (is_sign(token) || std::ranges::find(ends_of_negation, token) != ends_of_negation.end())
        left = 0;
      else
        word(i);
    }
    if (is_negation(token, hashes[i]))
      left = reach;
  }
}

} // namespace

feature_extractor::feature_extractor() : seen_(feature_count / 64) {}

void feature_extractor::add(std::uint32_t bucket) {
  std::uint64_t& word = seen_[bucket / 64];
  const std::uint64_t bit = std::uint64_t{1} << (bucket % 64);
  if ((word & bit) != 0)
    return;
  word |= bit;
  buckets_.push_back(bucket);
}

feature_set feature_extractor::extract(std::string_view title, std::string_view text) {
  tokens_.clear();
  tokens_.append(title);
  title_tokens_ = tokens_.size();
  tokens_.append(text);
  hashes_.clear();
  buckets_.clear();
  const std::size_t count = tokens_.size();
  for (std::size_t i = 0; i < count; ++i) {
    hashes_.push_back(hash_bytes(tokens_[i]));
    if (!is_sign(tokens_[i]))
      add(bucket_of(hashes_[i]));
  }
  const std::size_t words = buckets_.size();
  for (std::size_t i = 0; i < count; ++i)
    if (is_sign(tokens_[i]))
      add(bucket_of(hashes_[i]));
  for (std::size_t i = 1; i < count; ++i)
    add(bucket_of(hash_bytes(tokens_.range(i - 1, i))));
  each_negated(tokens_, hashes_, [&](std::size_t i) { add(bucket_of(mix_ordinal(hashes_[i], negated))); });
  for (std::size_t i = 0; i < title_tokens_; ++i)
    add(bucket_of(mix_ordinal(hashes_[i], titled)));
  for (const std::uint32_t bucket : buckets_)
    seen_[bucket / 64] = 0;
  return {buckets_, words};
}

std::vector<named_feature> feature_extractor::names() const {
  std::vector<named_feature> out;
  const auto put = [&](std::string name, std::uint64_t hash) {
    out.push_back({std::move(name), bucket_of(hash)});
  };
  for (std::size_t i = 0; i < tokens_.size(); ++i)
    put(std::string(tokens_[i]), hashes_[i]);
  for (std::size_t i = 1; i < tokens_.size(); ++i)
    put(std::string(tokens_.range(i - 1, i)), hash_bytes(tokens_.range(i - 1, i)));
  each_negated(tokens_, hashes_, [&](std::size_t i) {
    put("(not) " + std::string(tokens_[i]), mix_ordinal(hashes_[i], negated));
  });
  for (std::size_t i = 0; i < title_tokens_; ++i)
    put("(title) " + std::string(tokens_[i]), mix_ordinal(hashes_[i], titled));
  return out;
}

} // namespace weir::reviews
