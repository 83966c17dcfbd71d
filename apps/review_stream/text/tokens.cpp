#include <apps/review_stream/text/tokens.hpp>

#include <algorithm>
#include <apps/review_stream/text/markup.hpp>
#include <array>
#include <utf8proc.h>

namespace weir::reviews {
namespace {

enum class ascii_class : std::uint8_t { separator, letter, sign, apostrophe, markup };

// Compatibility mappings apply only together with decomposition.
constexpr auto nfkd = static_cast<utf8proc_option_t>(UTF8PROC_DECOMPOSE | UTF8PROC_COMPAT);

constexpr std::array<ascii_class, 128> ascii_classes = [] {
  std::array<ascii_class, 128> table{};
  for (char c = 'a'; c <= 'z'; ++c)
    table[static_cast<unsigned char>(c)] = ascii_class::letter;
  for (char c = 'A'; c <= 'Z'; ++c)
    table[static_cast<unsigned char>(c)] = ascii_class::letter;
  for (char c = '0'; c <= '9'; ++c)
    table[static_cast<unsigned char>(c)] = ascii_class::letter;
  for (const char c : {'!', '?', ':', '(', ')'})
    table[static_cast<unsigned char>(c)] = ascii_class::sign;
  table['\''] = ascii_class::apostrophe;
  table['<'] = table['&'] = ascii_class::markup;
  return table;
}();

constexpr bool between(std::int32_t c, std::int32_t low, std::int32_t high) noexcept {
  return c >= low && c <= high;
}

// Scripts written without spaces, where a character carries meaning of its own: kana, Han and its extensions.
constexpr bool is_cjk(std::int32_t c) noexcept {
  return between(c, 0x3041, 0x30ff) || between(c, 0x3400, 0x9fff) || between(c, 0x20000, 0x3ffff) ||
         between(c, 0x31f0, 0x31ff);
}

bool is_emoji(std::int32_t c, const utf8proc_property_t& property) noexcept {
  const auto bound = property.boundclass;
  return (bound == UTF8PROC_BOUNDCLASS_EXTENDED_PICTOGRAPHIC ||
          bound == UTF8PROC_BOUNDCLASS_REGIONAL_INDICATOR) &&
         c > 0xff;
}

// Letters, marks and numbers make words.
bool is_word(const utf8proc_property_t& property) noexcept {
  return property.category >= UTF8PROC_CATEGORY_LU && property.category <= UTF8PROC_CATEGORY_NO;
}

// Canonical order (stable by combining class), which composition requires.
void sort_marks(std::span<std::int32_t> word) {
  const auto rank = [](std::int32_t c) { return utf8proc_get_property(c)->combining_class; };
  for (std::size_t i = 1; i < word.size(); ++i) {
    const auto mark = rank(word[i]);
    if (mark == 0)
      continue;
    for (std::size_t j = i; j > 0 && rank(word[j - 1]) > mark; --j)
      std::swap(word[j], word[j - 1]);
  }
}

} // namespace

void tokenizer::clear() noexcept {
  normalised_.clear();
  tokens_.clear();
}

std::string_view tokenizer::normalised() const noexcept {
  return tokens_.empty() ? std::string_view{} : range(0, tokens_.size() - 1);
}

void tokenizer::append(std::string_view text) {
  text = text.substr(0, max_text_bytes);
  for (std::size_t i = 0; i < text.size();) {
    const char c = text[i];
    if (static_cast<unsigned char>(c) < 0x80) {
      if (c == '<') {
        const std::size_t tag = tag_length(text.substr(i));
        end_word();
        i += std::max<std::size_t>(tag, 1);
      } else if (c == '&') {
        const entity decoded = decode_entity(text.substr(i));
        if (decoded.length == 0)
          end_word();
        else
          put_code_point(decoded.code_point);
        i += std::max<std::size_t>(decoded.length, 1);
      } else {
        put_ascii(c);
        ++i;
      }
      continue;
    }
    utf8proc_int32_t code_point = 0;
    const auto bytes = reinterpret_cast<const utf8proc_uint8_t*>(text.data()) + i;
    const auto taken = utf8proc_iterate(bytes, static_cast<utf8proc_ssize_t>(text.size() - i), &code_point);
    if (taken <= 0) {
      end_word();
      ++i;
    } else {
      put_code_point(code_point);
      i += static_cast<std::size_t>(taken);
    }
  }
  end_word();
}

void tokenizer::put_ascii(char c) {
  switch (ascii_classes[static_cast<unsigned char>(c)]) {
  case ascii_class::letter: {
    const char lower = c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c;
    if (wide_) {
      word_.push_back(lower);
      return;
    }
    if (!in_word_) {
      if (!normalised_.empty())
        normalised_.push_back(' ');
      word_begin_ = normalised_.size();
      in_word_ = true;
    }
    normalised_.push_back(lower);
    return;
  }
  case ascii_class::apostrophe:
    return; // inside a word it vanishes, outside it separates nothing
  case ascii_class::sign:
    return single(c);
  case ascii_class::separator:
  case ascii_class::markup:
    return end_word();
  }
}

void tokenizer::put_code_point(std::int32_t c) {
  if (c < 0x80)
    return put_ascii(static_cast<char>(c));
  if (c == 0x2019)
    return; // the typographic apostrophe
  if (between(c, 0xff01, 0xff5e))
    return put_ascii(static_cast<char>(c - 0xfee0)); // full-width ASCII
  if (is_cjk(c))
    return single(c);
  const utf8proc_property_t& property = *utf8proc_get_property(c);
  if (c == 0x200d || between(c, 0xfe00, 0xfe0f) || between(c, 0x1f3fb, 0x1f3ff))
    return; // parts of emoji
  if (is_emoji(c, property))
    return single(c);
  if (!is_word(property))
    return end_word();
  // Below U+0250 only characters with a compatibility mapping (ª, ŀ, ...) are not yet in NFKC.
  if (c < 0x250)
    return put_letter(c, property.decomp_type != 0);
  std::array<utf8proc_int32_t, 32> parts{};
  int last_bound = 0;
  const auto count = utf8proc_decompose_char(c, parts.data(), static_cast<utf8proc_ssize_t>(parts.size()),
                                             nfkd, &last_bound);
  if (count == 1 && is_cjk(parts[0]))
    return single(parts[0]); // compatibility ideographs, half-width kana
  put_letter(c, true);
}

void tokenizer::put_letter(std::int32_t code_point, bool needs_normalising) {
  if (!wide_) { // move what there is of the word over
    word_.clear();
    needs_normalising_ = false;
    if (in_word_) {
      for (std::size_t i = word_begin_; i < normalised_.size(); ++i)
        word_.push_back(normalised_[i]);
      normalised_.resize(word_begin_);
    } else {
      if (!normalised_.empty())
        normalised_.push_back(' ');
      word_begin_ = normalised_.size();
    }
    in_word_ = wide_ = true;
  }
  word_.push_back(code_point);
  needs_normalising_ = needs_normalising_ || needs_normalising;
}

void tokenizer::end_word() {
  if (!in_word_)
    return;
  if (wide_) {
    if (needs_normalising_) {
      const std::size_t raw = word_.size();
      for (std::size_t i = 0; i < raw; ++i) {
        std::array<utf8proc_int32_t, 32> parts{};
        int last_bound = 0;
        const auto count = utf8proc_decompose_char(
            word_[i], parts.data(), static_cast<utf8proc_ssize_t>(parts.size()), nfkd, &last_bound);
        const auto fits = static_cast<std::size_t>(std::clamp<utf8proc_ssize_t>(count, 0, 32));
        word_.insert(word_.end(), parts.begin(), parts.begin() + fits);
      }
      word_.erase(word_.begin(), word_.begin() + static_cast<std::ptrdiff_t>(raw));
      sort_marks(word_);
      word_.push_back(0); // room for the terminator that utf8proc may write
      const auto length =
          utf8proc_normalize_utf32(word_.data(), static_cast<utf8proc_ssize_t>(word_.size() - 1),
                                   static_cast<utf8proc_option_t>(UTF8PROC_STABLE | UTF8PROC_COMPOSE));
      word_.resize(static_cast<std::size_t>(std::max<utf8proc_ssize_t>(length, 0)));
    }
    for (const std::int32_t c : word_)
      encode(c < 0x80 ? c : utf8proc_tolower(c));
  }
  if (normalised_.size() > word_begin_)
    tokens_.push_back(
        {static_cast<std::uint32_t>(word_begin_), static_cast<std::uint32_t>(normalised_.size())});
  in_word_ = wide_ = false;
}

void tokenizer::single(std::int32_t code_point) {
  end_word();
  if (!normalised_.empty())
    normalised_.push_back(' ');
  const std::size_t begin = normalised_.size();
  encode(code_point);
  tokens_.push_back({static_cast<std::uint32_t>(begin), static_cast<std::uint32_t>(normalised_.size())});
}

void tokenizer::encode(std::int32_t code_point) {
  std::array<utf8proc_uint8_t, 4> bytes{};
  const auto count = utf8proc_encode_char(code_point, bytes.data());
  normalised_.append(reinterpret_cast<const char*>(bytes.data()), static_cast<std::size_t>(count));
}

} // namespace weir::reviews
