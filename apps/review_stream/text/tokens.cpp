#include <apps/review_stream/text/tokens.hpp>

#include <algorithm>
#include <apps/review_stream/text/markup.hpp>
#include <array>
#include <utf8proc.h>

namespace weir::reviews {
namespace {

// What a byte is: a letter or digit stands for itself in lower case.
enum byte_class : char { separator, sign, apostrophe, markup, no_ascii, first_letter = '0' };

// Compatibility mappings apply only together with decomposition.
constexpr auto nfkd = static_cast<utf8proc_option_t>(UTF8PROC_DECOMPOSE | UTF8PROC_COMPAT);

constexpr std::array<char, 256> byte_classes = [] {
  std::array<char, 256> table{};
  for (char c = 'a'; c <= 'z'; ++c)
    table[static_cast<unsigned char>(c)] = c;
  for (char c = 'A'; c <= 'Z'; ++c)
    table[static_cast<unsigned char>(c)] = static_cast<char>(c + ('a' - 'A'));
  for (char c = '0'; c <= '9'; ++c)
    table[static_cast<unsigned char>(c)] = c;
  for (const char c : {'!', '?', ':', '(', ')'})
    table[static_cast<unsigned char>(c)] = sign;
  table['\''] = apostrophe;
  table['<'] = table['&'] = markup;
  for (std::size_t c = 0x80; c < 256; ++c)
    table[c] = no_ascii;
  return table;
}();

constexpr char class_of(char c) noexcept { return byte_classes[static_cast<unsigned char>(c)]; }

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
  length_ = 0;
  tokens_.clear();
}

std::string_view tokenizer::normalised() const noexcept {
  return tokens_.empty() ? std::string_view{} : range(0, tokens_.size() - 1);
}

char* tokenizer::room_for(std::size_t bytes) {
  if (memory_.size() - length_ < bytes)
    memory_.resize(std::max(2 * memory_.size(), length_ + bytes));
  return memory_.data() + length_;
}

void tokenizer::append(std::string_view text) {
  text = text.substr(0, max_text_bytes);
  while (!text.empty()) {
    if (!wide_)
      text.remove_prefix(append_ascii(text));
    if (text.empty())
      break;
    const char c = text.front();
    std::size_t taken = 1;
    if (c == '<') {
      end_word();
      taken = std::max<std::size_t>(tag_length(text), 1);
    } else if (c == '&') {
      const entity decoded = decode_entity(text);
      if (decoded.length == 0)
        end_word();
      else
        put_code_point(decoded.code_point);
      taken = std::max<std::size_t>(decoded.length, 1);
    } else if (static_cast<unsigned char>(c) < 0x80) {
      put_ascii(c);
    } else {
      utf8proc_int32_t code_point = 0;
      const auto* bytes = reinterpret_cast<const utf8proc_uint8_t*>(text.data());
      const auto length = utf8proc_iterate(bytes, static_cast<utf8proc_ssize_t>(text.size()), &code_point);
      if (length <= 0) {
        end_word();
      } else {
        put_code_point(code_point);
        taken = static_cast<std::size_t>(length);
      }
    }
    text.remove_prefix(taken);
  }
  end_word();
}

// Nearly all there is to do for most texts: a loop of its own, without a call or a check of the room a byte.
// Stops before markup and what is not ASCII; answers how many bytes it took.
std::size_t tokenizer::append_ascii(std::string_view text) {
  char* const memory = room_for(2 * text.size()) - length_; // a byte makes a blank and itself at most
  char* out = memory + length_;
  const char* in = text.data();
  const char* const end = in + text.size();
  const auto ends_word = [&] {
    if (in_word_)
      tokens_.push_back({static_cast<std::uint32_t>(word_begin_), static_cast<std::uint32_t>(out - memory)});
    in_word_ = false;
  };
  const auto begins_token = [&] {
    if (out != memory)
      *out++ = ' ';
    return static_cast<std::size_t>(out - memory);
  };
  while (in != end) {
    char is = class_of(*in);
    if (is >= first_letter) {
      if (!in_word_)
        word_begin_ = begins_token();
      in_word_ = true;
      do
        *out++ = is;
      while (++in != end && (is = class_of(*in)) >= first_letter);
      continue;
    }
    if (is >= markup)
      break;
    if (is != apostrophe) // inside a word it vanishes, outside it separates nothing
      ends_word();
    if (is == sign) {
      const auto begin = static_cast<std::uint32_t>(begins_token());
      *out++ = *in;
      tokens_.push_back({begin, begin + 1});
    }
    ++in;
  }
  length_ = static_cast<std::size_t>(out - memory);
  return static_cast<std::size_t>(in - text.data());
}

// One byte, for what is not worth the loop: entities, full-width signs, the rest of a word outside ASCII.
void tokenizer::put_ascii(char c) {
  const char is = class_of(c);
  if (is >= first_letter) {
    if (wide_) {
      word_.push_back(is);
      return;
    }
    if (!in_word_) {
      begin_token();
      word_begin_ = length_;
      in_word_ = true;
    }
    *room_for(1) = is;
    ++length_;
  } else if (is == sign) {
    single(c);
  } else if (is != apostrophe) {
    end_word();
  }
}

void tokenizer::begin_token() {
  if (length_ == 0)
    return;
  *room_for(1) = ' ';
  ++length_;
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
      for (std::size_t i = word_begin_; i < length_; ++i)
        word_.push_back(memory_[i]);
      length_ = word_begin_;
    } else {
      begin_token();
      word_begin_ = length_;
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
  if (length_ > word_begin_)
    tokens_.push_back({static_cast<std::uint32_t>(word_begin_), static_cast<std::uint32_t>(length_)});
  in_word_ = wide_ = false;
}

void tokenizer::single(std::int32_t code_point) {
  end_word();
  begin_token();
  const std::size_t begin = length_;
  encode(code_point);
  tokens_.push_back({static_cast<std::uint32_t>(begin), static_cast<std::uint32_t>(length_)});
}

void tokenizer::encode(std::int32_t code_point) {
  auto* bytes = reinterpret_cast<utf8proc_uint8_t*>(room_for(4));
  length_ += static_cast<std::size_t>(utf8proc_encode_char(code_point, bytes));
}

} // namespace weir::reviews
